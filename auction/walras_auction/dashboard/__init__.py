"""The live page for viewers, traders and solver authors: files under ``static/``, served by ``walras_auction.api``."""
