"""Which pools there are to read: those listed, and those that factories know of the tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import assert_never

from walras.wire import AnyPool, ConcentratedPool, Pool

from walras_auction.liquidity.balancer import read_stable, read_weighted
from walras_auction.liquidity.drops import Dropped
from walras_auction.liquidity.readings import Answers, Call, Reading, in_step
from walras_auction.liquidity.settings import BalancerSection, LiquiditySection, UniswapV2Section, UniswapV3Section
from walras_auction.liquidity.uniswap_v2 import find_pair, identify_pair, read_pair
from walras_auction.liquidity.uniswap_v3 import KnownTicks, find_pool, identify_pool, read_pool

Read = Callable[[Sequence[Call]], Answers]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pool is, and whose: enough to read it."""

    section: UniswapV2Section | UniswapV3Section | BalancerSection
    address: str
    is_weighted: bool = False

    @property
    def name(self) -> str:
        return f"{self.section.name}:{self.address}"


def discover(settings: LiquiditySection, tokens: Sequence[str], read: Read) -> tuple[list[Place], dict[str, Dropped]]:
    """All places, those listed first; and what factories answered that was no answer."""
    places = dict.fromkeys(_listed(settings))
    found, dropped = in_step(dict(_searches(settings, tokens)), read)
    for (section, *_), address in found.items():
        if address is not None:
            places.setdefault(Place(section, address))
    failed = {f"{key[0].name}:{'/'.join(str(part) for part in key[1:])}": error for key, error in dropped.items()}
    return list(places), failed


def _listed(settings: LiquiditySection) -> Iterator[Place]:
    yield from (Place(section, pool) for section in settings.uniswap_v2 for pool in section.pools)
    yield from (Place(section, pool) for section in settings.uniswap_v3 for pool in section.pools)
    for balancer in settings.balancer:
        yield from (Place(balancer, pool, True) for pool in balancer.weighted)
        yield from (Place(balancer, pool, False) for pool in balancer.stable)


_Search = tuple[UniswapV2Section | UniswapV3Section, str, str, int]


def _searches(settings: LiquiditySection, tokens: Sequence[str]) -> Iterator[tuple[_Search, Reading[str | None]]]:
    for pairs in settings.uniswap_v2:
        for one, other in combinations(sorted(set(tokens if pairs.tokens is None else pairs.tokens)), 2):
            yield (pairs, one, other, pairs.fee_ppm), find_pair(pairs, one, other)
    for tiers in settings.uniswap_v3:
        for one, other in combinations(sorted(set(tokens if tiers.tokens is None else tiers.tokens)), 2):
            for fee in tiers.fees:
                yield (tiers, one, other, fee), find_pool(tiers, one, other, fee)


def identify(place: Place) -> Reading[Pool | ConcentratedPool | None]:
    """What of a pool never changes; None of pools that are read whole every time."""
    match place.section:
        case UniswapV2Section():
            return (yield from identify_pair(place.section, place.address))
        case UniswapV3Section():
            return (yield from identify_pool(place.section, place.address))
        case BalancerSection():
            return None
        case _:
            assert_never(place.section)


def state(place: Place, known: Pool | ConcentratedPool | None, ticks: Mapping[str, KnownTicks]) -> Reading[AnyPool]:
    """The pool as it stands; ``known`` is what :func:`identify` found, ``ticks`` those that still hold."""
    if isinstance(known, Pool):
        return (yield from read_pair(known))
    if isinstance(known, ConcentratedPool):
        return (yield from read_pool(known, ticks.get(place.address)))
    assert isinstance(place.section, BalancerSection)
    if place.is_weighted:
        return (yield from read_weighted(place.section, place.address))
    return (yield from read_stable(place.section, place.address))
