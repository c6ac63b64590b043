"""A house of real processes: an anvil chain, a configuration file, and ``walras serve`` in every role."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from walras import Client
from walras.intent import FillRule, Intent
from walras.signing import Signer
from walras.wire import Pool, TokenInfo
from walras_auction.dev import deploy_market, dev_key
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployment
from walras_auction.infra.chain.local import RICH, LocalChain, local_chain

from support.anvil import find_anvil
from support.server import _die_with_parent

CONTRACTS = Path(__file__).parents[2] / "contracts"
SOLVER = "orderbook"
_START_SECONDS = 90
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Process:
    """One ``walras serve``. What it says is kept in ``lines``."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=_die_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def await_line(self, part: str, seconds: float = _START_SECONDS) -> str:
        """The first line that holds ``part``. Raises ``RuntimeError`` with everything that was said instead."""

        def found() -> str | None:
            return next((line for line in self.lines if part in line), None)

        with self._said:
            self._said.wait_for(lambda: found() or self._ended, seconds)
            line = found()
        if line is None:
            raise RuntimeError(f"the process never said {part!r}:\n" + "\n".join(self.lines[-40:]))
        return line

    def wait(self, seconds: float = _START_SECONDS) -> int:
        """The exit status once it has ended; negative for a signal."""
        return self._process.wait(seconds)

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """As the end of power would."""
        self._process.kill()
        self._process.wait(_START_SECONDS)

    def signal(self, which: signal.Signals) -> None:
        self._process.send_signal(which)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self._process.terminate()
        return self.wait()

    def close(self) -> None:
        if self.runs:
            self.kill()
        self._reader.join(_START_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._said:
                self.lines.append(line.rstrip())
                self._said.notify_all()
        with self._said:
            self._ended = True
            self._said.notify_all()


@dataclass
class Town:
    """A chain with a house's contracts, traders with funds, and the means to start the house's processes."""

    local: LocalChain
    deployment: Deployment
    tokens: dict[str, TokenInfo]
    pool: Pool
    traders: tuple[Signer, ...]

    @property
    def chain(self) -> EvmChain:
        """Another look at the chain than the house's own."""
        contracts, lens = self.deployment.contracts, self.deployment.lens
        return EvmChain(self.local.rpc, contracts, lens, dev_key("house"), list(self.tokens.values()), [self.pool])

    def house(self, folder: Path, **sections: str) -> HouseFile:
        """A configuration in ``folder``; ``sections`` are further lines of TOML by section (``rounds`` …)."""
        return HouseFile(self, folder, _free_port(), sections)

    def match(
        self, nonce: int, amount: int = 2 * 10**17, greed: int = 1
    ) -> tuple[tuple[Signer, Intent], tuple[Signer, Intent]]:
        """A whole sell of WETH, and a buy of a fourth more, which fills it: a seller pays the fee out of what it gives.

        The traders take turns, so that their funds last. Nobody serves the greedy.
        """
        weth, usdc = self.tokens["WETH"].address, self.tokens["USDC"].address
        dollars = amount * 2_000 // 10**12
        until = self.local.rpc.block()[1] + 86_400
        seller, buyer = self.traders[:2] if nonce % 2 else self.traders[1::-1]
        rest: dict[str, Any] = {"nonce": nonce, "valid_to": until}
        price = dollars * greed * 97 // 100
        sell = Intent.sell(seller.address, (weth, amount), (usdc, price), fill=FillRule.WHOLE, **rest)
        more, cost = amount * 5 // 4, dollars * 5 // 4 * 103 // 100
        buy = Intent.buy(buyer.address, (weth, more), (usdc, cost), **rest)
        return (seller, sell), (buyer, buy)


class HouseFile:
    """A house's configuration, and its processes."""

    def __init__(self, town: Town, folder: Path, port: int, sections: Mapping[str, str]) -> None:
        self.town = town
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.path = folder / "house.toml"
        self.path.write_text(_configuration(town, folder, port, sections))

    def start(self, *words: str, **environment: str) -> Process:
        """``walras serve --config`` with more words; variables beside those that every process needs."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WALRAS_")}
        key = {"WALRAS_HOUSE_KEY": "0x" + dev_key("house").secret.hex(), "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
        command = [sys.executable, "-m", "walras.cli", "serve", "--config", str(self.path), *words]
        return Process(command, {**kept, **key, **environment})

    @contextlib.contextmanager
    def running(self, *words: str, **environment: str) -> Iterator[Process]:
        """Started and ready, while the context lasts."""
        process = self.start(*words, **environment)
        try:
            process.await_line("Ctrl-C ends it")
            yield process
        finally:
            process.close()

    def client(self, **options: object) -> Client:
        return Client(self.url, **options)  # type: ignore[arg-type]


@contextlib.contextmanager
def a_town() -> Iterator[Town]:
    """On anvil, which many processes can reach and which outlives them."""
    find_anvil()
    traders = tuple(dev_key(f"trader {number}") for number in range(3))
    solver = dev_key(f"solver {SOLVER}")
    rich = {key.address: RICH for key in (dev_key("deployer"), dev_key("house"), solver, *traders)}
    with local_chain(rich, "anvil") as local:
        deployment, tokens, pool = deploy_market(local, traders, [solver])
        yield Town(local, deployment, tokens, pool, traders)


def _configuration(town: Town, folder: Path, port: int, sections: Mapping[str, str]) -> str:
    contracts = town.deployment.contracts
    places = {name: getattr(contracts, name) for name in contracts.__slots__} | {"lens": town.deployment.lens}
    rounds = "interval_seconds = 0.2\ndeadline_ms = 3000"
    parts = [
        f'rpc = "{town.local.rpc.w3.provider.endpoint_uri}"',  # type: ignore[attr-defined]
        f'folder = "{folder / "data"}"\nport = {port}',
        "[contracts]\n" + "\n".join(f'{name} = "{address}"' for name, address in places.items()),
        *(
            f'[[tokens]]\naddress = "{token.address}"\nsymbol = "{symbol}"\ndecimals = {token.decimals}\n'
            f'price = "{token.price}"'
            for symbol, token in town.tokens.items()
        ),
        f'[[solvers]]\nname = "{SOLVER}"\naddress = "{dev_key(f"solver {SOLVER}").address}"',
        "[limits]\nper_owner_per_second = 0\nper_address_per_second = 0",
        *(f"[{name}]\n{lines}" for name, lines in {"rounds": rounds, "lease": "seconds = 2", **sections}.items()),
    ]
    return "\n".join(parts) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
