"""Every block of the README runs: Python blocks against a real house, shell blocks name commands that exist."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from walras import Client, Intent
from walras_auction.dev import DevHouse, dev_house

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def block(language: str, containing: str) -> str:
    (found,) = [body for kind, body in BLOCKS if kind == language and containing in body]
    return found


def run_python(code: str, house: DevHouse) -> str:
    """Run a block as a program of its own against ``house`` with the first trader's key."""
    environment = {**os.environ, "WALRAS_KEY": "0x" + house.traders[0].secret.hex()}
    done = subprocess.run(
        [sys.executable, "-c", code.replace("http://127.0.0.1:8000", house.url)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_traders_block_trades() -> None:
    with dev_house(["router"], interval=0.2) as house:
        before = house.balance(house.traders[0].address, "USDC")
        assert run_python(block("python", "WALRAS_KEY"), house).startswith("filled [")
        assert house.balance(house.traders[0].address, "USDC") - before >= 1_900 * 10**6


def test_the_solvers_block_wins_a_round(tmp_path: Path) -> None:
    solver = tmp_path / "my_solver.py"
    solver.write_text(block("python", "class OnePool"))
    with dev_house([f"{solver}:OnePool"], interval=0.2) as house, Client(house.url) as client:
        me, tokens = house.traders[0], house.tokens
        give, want = (tokens["WETH"].address, 10**18), (tokens["USDC"].address, 1_900 * 10**6)
        intent = Intent.sell(me.address, give, want, valid_to=int(time.time()) + 600, nonce=0)
        status = client.wait(client.submit(intent, me).uid)
        assert status.state == "filled"


def test_the_shell_blocks_name_real_targets_and_commands() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", "\n".join(body for kind, body in BLOCKS if kind == "sh"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    names = set(re.findall(r"walras (replay|deploy|serve)\b", README))
    for name in sorted(names):
        command = [sys.executable, "-m", "walras.cli", name, "--help"]
        shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert shown.returncode == 0, shown.stderr
    assert names == {"replay", "deploy", "serve"}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([\w./-]+)\)", README))))
def test_links_lead_somewhere(path: str) -> None:
    assert (ROOT / path).exists()
