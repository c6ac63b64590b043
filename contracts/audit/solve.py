"""What halmos calls for each of its questions: three solvers race and the first answer counts.

    python solve.py query.smt2

yices looks at the query as it is: it is the fastest on bits, and the only one that finds counterexamples. z3 and cvc5
look at its translation to integers (see integers.py), which settles products and quotients of 128-bit amounts in a
moment where bit-blasting never ends. Prints the answer and, for `sat`, the model. Runs in the audit's own environment.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAUSE = 0.005
#: Seconds after which nobody is waited for any more; halmos is given a longer limit.
LIMIT = 100.0


def race(query: str) -> str:
    """The first answer, or `unknown` if there is none in time."""
    programs = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        weaker = str(Path(folder) / "integers.smt2")
        contestants = [
            [str(programs / "yices-smt2"), "--smt2-model-format", "--bvconst-in-decimal", query],
            ["sh", "-c", _TRANSLATED, sys.executable, _INTEGERS, query, weaker, str(programs / "z3")],
            [sys.executable, str(Path(__file__).resolve()), "--cvc5", query],
        ]
        return _first(contestants)


_TRANSLATED = '"$0" "$1" "$2" >"$3" && "$4" -T:100 "$3"'
_INTEGERS = str(Path(__file__).resolve().with_name("integers.py"))


def _first(contestants: list[list[str]]) -> str:
    pipe = subprocess.PIPE
    # Each in a group of its own, so that a shell's child ends with it.
    running = {
        number: subprocess.Popen(  # noqa: S603 -- the audit's own commands
            one, stdout=pipe, stderr=subprocess.DEVNULL, text=True, process_group=0, preexec_fn=_frugal
        )
        for number, one in enumerate(contestants)
    }
    end = time.monotonic() + LIMIT
    try:
        while running and time.monotonic() < end:
            for number, process in list(running.items()):
                if process.poll() is None:
                    continue
                del running[number]
                output = process.communicate()[0]
                answer = output.split("\n", 1)[0]
                # A translation is weaker than the query: only its `unsat` says something.
                if answer == "unsat" or (answer == "sat" and number == 0):
                    return output
            time.sleep(PAUSE)
        return "unknown"
    finally:
        for process in running.values():
            _end(process)


def _frugal() -> None:
    """No contestant outlives its race by much, even if this process is killed."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(LIMIT), int(LIMIT)))


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def cvc5_main(query: str) -> None:
    """Answer the translation with cvc5; in a process of its own, for it can not be interrupted."""
    import cvc5  # type: ignore[import-not-found]
    from integers import translate  # type: ignore[import-not-found]

    solver = cvc5.Solver(cvc5.TermManager())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, translate(query), "integers")
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return
        answer = command.invoke(solver, parser.getSymbolManager())
        if answer:
            print(answer.rstrip(), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--cvc5", query]:
            cvc5_main(query)
        case [query]:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
            print(race(query))
        case _:
            sys.exit(__doc__)
