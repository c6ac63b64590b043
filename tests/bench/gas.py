"""``gas.trade.N``: gas per trade of one settlement transaction with N trades, beside GPv2's on the same chain."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from walras_auction.infra.chain.local import local_chain

from .gas_ours import Settled, settle
from .gas_world import GasWorld, Trade, genesis, trades
from .gpv2 import ACCOUNTS, GPv2, PeerMissingError, install
from .rows import Row, row
from .sizes import Sizes

PEER = "GPv2 (CoW Protocol), @cowprotocol/contracts 1.8.0"
_WORD = 256  # nonces that share a word


def bench(name: str) -> Callable[[Sizes], Row]:
    """The benchmark of the row ``name``."""
    return partial(_bench, name)


def _bench(name: str, sizes: Sizes) -> Row:
    count = sizes.trades[name]
    batch = trades(count)
    people = [trade.trader for trade in batch]
    with local_chain(genesis([*people, *ACCOUNTS]), "eth-tester") as local:
        world = GasWorld(local, people)
        fresh, used = _ours(world, batch)
        theirs, missing = _theirs(world, batch)
    peer = theirs.gas / count if theirs else None
    detail = _about(count, fresh, used, theirs, missing)
    return row(name, used.gas / count, "gas per trade", PEER if theirs else None, peer, detail, better="less")


def _ours(world: GasWorld, batch: list[Trade]) -> tuple[Settled, Settled]:
    """(fresh nonce word, used nonce word); a settlement before them warms up what only the first one pays for."""
    settle(world, batch, 1, 0)
    return settle(world, batch, 2, _WORD), settle(world, batch, 3, _WORD + 1)


def _theirs(world: GasWorld, batch: list[Trade]) -> tuple[Settled | None, str]:
    """The second of two settlements, for the same reason; or None and why."""
    try:
        install()
    except PeerMissingError as error:
        return None, str(error)
    peer = GPv2(world)
    peer.settle(batch, 1)
    return peer.settle(batch, 2), ""


def _about(count: int, fresh: Settled, used: Settled, theirs: Settled | None, missing: str) -> str:
    calldata = f"calldata {used.calldata / count:,.0f} bytes per trade"
    if theirs is None:
        compared = f"no peer: {missing}"
    else:
        compared = (
            f"GPv2 {theirs.calldata / count:,.0f}; with a fresh word the ratio is {theirs.gas / fresh.gas:.3g} "
            "(GPv2 pays a fresh slot for every order)"
        )
    if count == 1:
        served = "the one trade is paid from the solver's cover (GPv2: from its buffers)"
    else:
        served = "trades match each other, all amounts different"
    return (
        f"nonces in a used word; in a fresh one {fresh.gas / count:,.0f}; {calldata}, {compared}; eth-tester, one "
        f"award, whole sells, EOA signatures, endless approvals, balances warm; {served}; ours pays fees to the "
        "treasury in it, GPv2's orders carry none; measured once, exact but for the signatures' zero bytes"
    )
