"""``gas.*``: gas and bytes per trade of one settlement transaction, beside GPv2's on the same chain.

``gas.trade.N``         N trades that match each other, in nonce words that are in use
``gas.trade.50.used``   the same, by the name of the target it has
``gas.trade.50.fresh``  every owner's first intent ever
``gas.trade.50.vault``  every owner, and the house's treasury, keeps its funds in the vault
``gas.calldata.50``     bytes instead of gas
``gas.ring.48``         48 trades round six tokens
``gas.pool.50``         50 trades, all one way, through one constant-product pool
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from walras.signing import Signer

from .gas_ours import Settled, settle
from .gas_world import ONE_WAY, RING, GasWorld, Trade, open_world, trades
from .gpv2 import ACCOUNTS, GPv2, PeerMissingError, install
from .rows import Row, row
from .sizes import Sizes

PEER = "GPv2 (CoW Protocol), @cowprotocol/contracts 1.8.0"
#: The first nonce that lies outside the owner's packed slot, in a word of its own.
_OUTSIDE = 256
_TERMS = (
    "eth-tester, one award, whole sells, EOA signatures, balances warm, limits 1 % off; ours pays fees to the treasury "
    "in it, GPv2's orders carry none; measured once, exact but for the signatures' zero bytes"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Settlements of the same trades: with nonces in use, all of them new, outside the slot, from the vault (with the
    treasury in its wallet, too); ``fresh_place`` is what an award more costs in a place of the ring that is new."""

    count: int
    used: Settled
    fresh: Settled
    outside: Settled
    vault: Settled
    vault_wallet: Settled
    fresh_place: int
    theirs: Settled | None
    missing: str

    def row(self, name: str, value: float, unit: str, peer: float | None, detail: str) -> Row:
        detail += "" if self.theirs else f"; no peer: {self.missing}"
        return row(name, value, unit, PEER if peer else None, peer, f"{detail}; {_TERMS}", better="less")

    def gas(self, settled: Settled | None) -> float | None:
        return settled.gas / self.count if settled else None


def bench(name: str) -> Callable[[Sizes], Row]:
    """The benchmark of the row ``name``."""
    return partial(_bench, name)


def _bench(name: str, sizes: Sizes) -> Row:
    count = sizes.trades[name]
    kind = name.removeprefix("gas.")
    if kind.startswith("ring"):
        return _matched_row(name, count, RING, "one ring over six tokens, each a sixth of the trades")
    if kind.startswith("pool"):
        return _pool_row(name, count)
    return _pair_row(name, _pair(count))


def _pair_row(name: str, f: Figures) -> Row:
    match name.split(".")[1:]:
        case ["calldata", _]:
            peer = f.theirs.calldata / f.count if f.theirs else None
            detail = "the whole transaction's calldata"
            return f.row(name, f.used.calldata / f.count, "bytes per trade", peer, detail)
        case ["trade", _, "fresh"]:
            outside = f"in a fresh word outside the owner's slot {f.gas(f.outside):,.0f}"
            detail = f"the first intent of every owner; {outside}; GPv2 pays a fresh slot for every order"
            return f.row(name, f.fresh.gas / f.count, "gas per trade", f.gas(f.theirs), detail)
        case ["trade", _, "vault"]:
            wallet = f"with the treasury's in its wallet {f.gas(f.vault_wallet):,.0f}"
            detail = f"gives, wants and fees in the vault's balances, owners' slots in use; {wallet}"
            detail += "; GPv2 keeps no balances of its traders"
            return f.row(name, f.vault.gas / f.count, "gas per trade", None, detail)
    partner = "paid from the solver's cover (GPv2: from its buffers)" if f.count == 1 else "matching each other"
    place = f"the award in a place that an expired one has used (a fresh one adds {f.fresh_place:,} in all)"
    first = f"with owners' first nonces {f.gas(f.fresh):,.0f}"
    detail = f"allowance to the vault, nonces in slots in use, {place}, {partner}; {first}"
    return f.row(name, f.used.gas / f.count, "gas per trade", f.gas(f.theirs), detail)


@cache
def _pair(count: int) -> Figures:
    batch, warm = trades(count), trades(2, role="warm")
    people = [trade.trader for trade in (*batch, *warm)]
    with open_world(people, ACCOUNTS) as world:
        settle(world, warm, 1, 0)  # what only the first settlement of all pays for
        fresh_place = settle(world, warm, 2, 1, fresh_place=True).gas - settle(world, warm, 3, 2).gas
        fresh, used = settle(world, batch, 4, 0), settle(world, batch, 5, 1)
        outside = settle(world, batch, 6, _OUTSIDE)
        world.keep_in_vault([trade.trader for trade in batch], 10**23)
        vault_wallet = settle(world, batch, 7, 2)
        world.keep_treasury_in_vault(10**18)
        vault = settle(world, batch, 8, 3)
        theirs, missing = _theirs(world, batch)
    return Figures(count, used, fresh, outside, vault, vault_wallet, fresh_place, theirs, missing)


def _matched_row(name: str, count: int, edges: Sequence[tuple[int, int]], what: str) -> Row:
    batch = trades(count, edges)
    people = [trade.trader for trade in batch]
    with open_world(people, ACCOUNTS, len(edges)) as world:
        settle(world, batch, 1, 0)
        ours = settle(world, batch, 2, 1)
        theirs, missing = _theirs(world, batch)
    return _plain_row(name, count, ours, theirs, missing, what)


def _pool_row(name: str, count: int) -> Row:
    batch = trades(count, ONE_WAY)
    people: list[Signer] = [trade.trader for trade in batch]
    with open_world(people, ACCOUNTS) as world:
        settle(world, batch, 1, 0, world.open_pool(10**27))
        ours = settle(world, batch, 2, 1, world.pool())
        theirs, missing = _theirs(world, batch, through_pool=True)
    what = "all one way through one pool; ours allows and revokes exactly, GPv2 has allowed the pool everything before"
    return _plain_row(name, count, ours, theirs, missing, what)


def _plain_row(name: str, count: int, ours: Settled, theirs: Settled | None, missing: str, what: str) -> Row:
    bytes_each = f"calldata {ours.calldata / count:,.0f} bytes per trade"
    if theirs is not None:
        bytes_each += f", GPv2 {theirs.calldata / count:,.0f}"
    figures = Figures(count, ours, ours, ours, ours, ours, 0, theirs, missing)
    detail = f"{what}; nonces in slots and the award in a place of the ring that are in use; {bytes_each}"
    return figures.row(name, ours.gas / count, "gas per trade", figures.gas(theirs), detail)


def _theirs(world: GasWorld, batch: list[Trade], through_pool: bool = False) -> tuple[Settled | None, str]:
    """The second of two settlements, as ours comes after a first one; or None and why."""
    try:
        install()
    except PeerMissingError as error:
        return None, str(error)
    peer = GPv2(world)
    peer.settle(batch, 1, world.pool() if through_pool else None, approve=True)
    return peer.settle(batch, 2, world.pool() if through_pool else None), ""
