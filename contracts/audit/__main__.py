"""Run the audit campaigns, one line each; exits with 1 if any of them fails.

    python -m contracts.audit                 everything at full length (`make audit`)
    python -m contracts.audit --short         a taste of each
    python -m contracts.audit --only halmos   one campaign, or several: --only halmos slither

Run it from the top of the project, with its environment's Python. A line shows the campaign's name, what it ran (runs,
depth, seed), its result and its seconds. A campaign that fails prints what its tool said.
"""

from __future__ import annotations

import argparse
import sys
import time

from .campaigns import CAMPAIGNS, Failure


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m contracts.audit", description="Run the audit campaigns.")
    parser.add_argument("--short", action="store_true", help="a short version of each")
    parser.add_argument("--only", nargs="+", choices=list(CAMPAIGNS), help="these campaigns alone")
    options = parser.parse_args()
    failed = []
    for name in options.only or CAMPAIGNS:
        start = time.monotonic()
        try:
            result, what, trouble = "pass", CAMPAIGNS[name](short=options.short), ""
        except Failure as failure:
            result, what, trouble = "FAIL", failure.what, failure.trouble
            failed.append(name)
        print(f"{name:<12} {result}  {what}  seconds={time.monotonic() - start:.0f}", flush=True)
        if trouble:
            print(trouble.rstrip(), file=sys.stderr, flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
