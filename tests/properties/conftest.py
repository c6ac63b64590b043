"""The independent checker of the engines' tests lies beside those tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "solvers"))
