"""The demonstration: real recorded orders, signed, auctioned, solved, verified and settled on a local chain."""
