"""Where anvil is: on PATH, or npm's copy beside the contracts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_MODULES = Path(__file__).parents[2] / "contracts" / "node_modules"


def find_anvil() -> None:
    """Put npm's anvil on PATH if there is none. Raises ``FileNotFoundError`` with the line to type."""
    if shutil.which("anvil"):
        return
    found = sorted(_MODULES.glob("@foundry-rs/anvil-*/bin/anvil"))
    if not found:
        raise FileNotFoundError("anvil is missing; type: npm ci --ignore-scripts --prefix contracts")
    os.environ["PATH"] = f"{found[0].parent}{os.pathsep}{os.environ['PATH']}"
