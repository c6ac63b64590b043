"""The house's reasons for the page: ``static/js/reasons.js`` is written from ``walras.rejections`` by this module.

Run ``python -m walras_auction.dashboard.reasons`` after a change of the enum; a test fails until then.
"""

from __future__ import annotations

import json
from pathlib import Path

from walras.rejections import Reason

FILE = Path(__file__).parent / "static" / "js" / "reasons.js"


def render() -> str:
    """The module as it must be on disk."""
    rows = "".join(f"  {json.dumps(reason.value)}: {json.dumps(reason.sentence)},\n" for reason in Reason)
    head = "// Written by walras_auction.dashboard.reasons from walras.rejections; change it there.\n\n"
    return f"{head}/** The sentence of every reason of the house. */\nexport const REASONS = {{\n{rows}}};\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
