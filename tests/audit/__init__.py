"""Comparisons that `make audit` runs at full length and `make test` in short."""
