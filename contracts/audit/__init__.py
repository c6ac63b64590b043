"""The audit campaigns: see ``python -m contracts.audit --help``. Standard library only."""
