"""Patterns and bounds of query and path parameters."""

HASH = "^0x[0-9a-fA-F]{64}$"
ADDRESS = "^0x[0-9a-fA-F]{40}$"

#: The largest id that the store can compare.
MAX_ID = 2**63 - 1
