"""Packages that only a house on many machines needs."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class MissingExtra(ImportError):
    """A package of the extra ``stack`` is not installed."""


def of_stack(package: str) -> ModuleType:
    """Import ``package``. Raises :class:`MissingExtra`, which says what to install."""
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtra(f"{package} is not installed; type: pip install 'walras[stack]'", name=package) from error
