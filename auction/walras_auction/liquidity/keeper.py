"""Keeps the house's pools at the latest block, and remembers how that goes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from walras.wire import AnyPool, ConcentratedPool, Pool

from walras_auction.liquidity.drops import Drop, Dropped
from walras_auction.liquidity.found import Place, Read, discover, identify, state
from walras_auction.liquidity.health import DroppedPool, LiquidityHealth
from walras_auction.liquidity.readings import Answers, BlockReader, Call, in_step
from walras_auction.liquidity.settings import LiquiditySection
from walras_auction.liquidity.uniswap_v3 import TICK_EVENTS, KnownTicks, named_ticks
from walras_auction.ports import ChainError, Clock

#: Whoever asks how liquidity is may make the house look at the chain this often, in seconds.
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """The outcome of the last reading."""

    health: LiquidityHealth
    pools: tuple[AnyPool, ...] = ()
    block: tuple[int, str] | None = None
    done: float = 0.0  # the monotonic clock at the end of the last complete reading


class Liquidity:
    """Pools of the chain by configuration. A reading that fails leaves none: stale prices are worse than no pool."""

    def __init__(self, reader: BlockReader, settings: LiquiditySection, tokens: Sequence[str], clock: Clock) -> None:
        self._reader = reader
        self._settings = settings
        self._tokens = tuple(tokens)
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = _Seen(LiquidityHealth())
        self._tried = float("-inf")
        self._known: dict[Place, Pool | ConcentratedPool | None] = {}
        self._unusable: dict[str, Dropped] = {}
        self._discovered: int | None = None
        self._ticks: dict[str, KnownTicks] = {}

    def pools(self) -> tuple[AnyPool, ...]:
        """All usable pools at the latest block, by id; none if they cannot be read."""
        self.refresh()
        return self._seen.pools

    def refresh(self) -> None:
        """Read again if there is a new block. Never raises: what goes wrong is in :meth:`health`."""
        if not self._settings.names_any:
            return
        with self._lock:
            self._tried = self._clock.monotonic()
            try:
                number, name, time = self._reader.latest()
                if self._seen.block != (number, name):
                    self._seen = self._read(number, name, time)
            except ChainError as error:
                health = self._seen.health
                failed = health.model_copy(
                    update={"error": str(error), "failures": health.failures + 1, "pools": {}, "dropped": ()}
                )
                self._seen = _Seen(failed, done=self._seen.done)

    def health(self) -> LiquidityHealth:
        """How the last reading went; looks at the chain first if nobody has for a second and nobody is at it."""
        if self._clock.monotonic() - self._tried >= _LOOK_SECONDS and not self._lock.locked():
            self.refresh()
        seen = self._seen
        age = None if seen.health.block is None else max(self._clock.monotonic() - seen.done, 0.0)
        return seen.health.model_copy(update={"age": age})

    def _read(self, number: int, name: str, time: int) -> _Seen:
        started = self._clock.monotonic()

        def read(calls: Sequence[Call]) -> Answers:
            return self._reader.read(calls, number)

        self._recall_ticks(number)
        if self._discovered is None or not 0 <= number - self._discovered < self._settings.discover_blocks:
            self._discover(number, read)
        readings = {place: state(place, known, self._ticks) for place, known in self._known.items()}
        pools, dropped = in_step(readings, read)
        again = [place for place in dropped if self._ticks.pop(place.address, None) is not None]
        more, still = in_step({place: state(place, self._known[place], {}) for place in again}, read)
        pools, dropped = {**pools, **more}, {key: error for key, error in dropped.items() if key not in again} | still
        if self._reader.hash_of(number) != name:
            raise ChainError(f"block {number} was replaced while it was read")
        self._ticks = {
            pool.address: KnownTicks(pool.ticks) for pool in pools.values() if isinstance(pool, ConcentratedPool)
        }
        return self._seen_at(number, name, time, started, list(pools.values()), dropped)

    def _seen_at(
        self, number: int, name: str, time: int, started: float, pools: list[AnyPool], dropped: dict[Place, Dropped]
    ) -> _Seen:
        named = self._unusable | {place.name: error for place, error in dropped.items()}
        done = self._clock.monotonic()
        health = LiquidityHealth(
            block=number,
            block_time=time,
            read_ms=round((done - started) * 1_000, 1),
            pools=dict(sorted(Counter(pool.kind for pool in pools).items())),
            dropped=tuple(
                DroppedPool(pool=pool, reason=error.reason, detail=error.detail)
                for pool, error in sorted(named.items())
            ),
        )
        return _Seen(health, tuple(sorted(pools, key=lambda pool: pool.id)), (number, name), done)

    def _discover(self, number: int, read: Read) -> None:
        """Ask factories anew; what was refused before may be usable by now."""
        places, unusable = discover(self._settings, self._tokens, read)
        most = self._settings.most_pools
        for place in places[most:]:
            unusable[place.name] = Dropped(Drop.TOO_MANY, f"{len(places)} pools were found; {most} are kept")
        kept = places[:most]
        new = {place: identify(place) for place in kept if place not in self._known}
        identified, refused = in_step(new, read)
        before = self._known | identified
        self._known = {place: before[place] for place in kept if place in before}
        self._unusable = unusable | {place.name: error for place, error in refused.items()}
        self._discovered = number

    def _recall_ticks(self, number: int) -> None:
        """Keep the ticks known from the last block, with those marked that events have named since; or else none."""
        last = self._seen.block
        try:
            if last is None or last[0] >= number or self._reader.hash_of(last[0]) != last[1]:
                self._ticks = {}
            elif self._ticks:
                for pool, topics in self._reader.events(list(self._ticks), TICK_EVENTS, last[0] + 1, number):
                    known = self._ticks[pool]
                    self._ticks[pool] = replace(known, stale=known.stale | named_ticks(topics))
        except (ChainError, Dropped, KeyError):
            self._ticks = {}
