"""A made-up chain for readings: contracts are tables of answers, and any of them may lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from walras.digest import keccak
from walras.pools.ticks import sqrt_price_at
from walras_auction.liquidity import BalancerSection, UniswapV2Section, UniswapV3Section
from walras_auction.liquidity.readings import Call
from walras_auction.ports import ChainError

FACTORY2, ROUTER2, FACTORY3, ROUTER3, VAULT = ("0x" + digit * 40 for digit in "12345")
PAIR, RANGE, MIXED, LEVEL = ("0x" + digit * 40 for digit in "6789")
A, B = "0x" + "a" * 40, "0x" + "b" * 40
WEI = 10**18

V2 = UniswapV2Section(factory=FACTORY2, router=ROUTER2, pools=(PAIR,), tokens=())
V3 = UniswapV3Section(factory=FACTORY3, router=ROUTER3, pools=(RANGE,), tokens=())
VAULTS = BalancerSection(vault=VAULT, weighted=(MIXED,), stable=(LEVEL,))


def word(value: int | str) -> bytes:
    return (int(value, 16) if isinstance(value, str) else value % 2**256).to_bytes(32)


def words(*values: int | str) -> bytes:
    return b"".join(word(value) for value in values)


def array(*values: int | str) -> bytes:
    return words(32, len(values), *values)


def asked(function: str, *arguments: int | str) -> bytes:
    return keccak(function.encode())[:4] + words(*arguments)


Answer = bytes | None


def honest() -> dict[tuple[str, bytes], Answer]:
    """One pool of each kind, all well."""
    return {
        **_uniswap_v2(),
        **_uniswap_v3(),
        **_pool(MIXED, 1, {asked("getNormalizedWeights()"): array(WEI // 2, WEI // 2), asked("version()"): array(0)}),
        **_pool(LEVEL, 2, {asked("getAmplificationParameter()"): words(85_000, 0, 1_000)}),
        (A, asked("decimals()")): words(18),
        (B, asked("decimals()")): words(6),
    }


def _uniswap_v2() -> dict[tuple[str, bytes], Answer]:
    return {
        (PAIR, asked("token0()")): words(A),
        (PAIR, asked("token1()")): words(B),
        (ROUTER2, asked("factory()")): words(FACTORY2),
        (FACTORY2, asked("getPair(address,address)", A, B)): words(PAIR),
        (PAIR, asked("getReserves()")): words(10**20, 10**10, 7),
    }


def _uniswap_v3() -> dict[tuple[str, bytes], Answer]:
    """Spacing 200; one position between the ticks ±400, and the price in tick 5."""
    bitmap = dict.fromkeys(range(-18, 18), 0) | {-1: 1 << 254, 0: 1 << 2}
    return {
        (RANGE, asked("token0()")): words(A),
        (RANGE, asked("token1()")): words(B),
        (RANGE, asked("fee()")): words(10_000),
        (RANGE, asked("tickSpacing()")): words(200),
        (ROUTER3, asked("factory()")): words(FACTORY3),
        (FACTORY3, asked("getPool(address,address,uint24)", A, B, 10_000)): words(RANGE),
        (RANGE, asked("slot0()")): words(sqrt_price_at(5) + 9, 5, 0, 1, 1, 0, 1),
        (RANGE, asked("liquidity()")): words(WEI),
        **{(RANGE, asked("tickBitmap(int16)", place)): words(ones) for place, ones in bitmap.items()},
        (RANGE, asked("ticks(int24)", -400)): words(WEI, WEI, *[0] * 6),
        (RANGE, asked("ticks(int24)", 400)): words(WEI, -WEI, *[0] * 6),
    }


def _pool(pool: str, number: int, more: Mapping[bytes, Answer]) -> dict[tuple[str, bytes], Answer]:
    held = words(96, 192, 5, 2, A, B, 2, 10**21, 10**9)
    own = {
        asked("getPoolId()"): words(number),
        asked("getVault()"): words(VAULT),
        asked("getSwapFeePercentage()"): words(10**15),
        asked("getPausedState()"): words(0, 9, 9),
        asked("getScalingFactors()"): array(WEI, 10**30),
        **more,
    }
    return {
        **{(pool, question): answer for question, answer in own.items()},
        (VAULT, asked("getPool(bytes32)", number)): words(pool, 2),
        (VAULT, asked("getPoolTokens(bytes32)", number)): held,
    }


@dataclass
class TableReader:
    """A ``BlockReader`` over a table; ``broken`` is what every question meets while it is there."""

    answers: dict[tuple[str, bytes], Answer] = field(default_factory=honest)
    block: int = 100
    fork: str = "main"
    broken: str = ""
    logs: list[tuple[str, list[int]]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def latest(self) -> tuple[int, str, int]:
        self._check()
        return self.block, self.hash_of(self.block), 1_700_000_000 + 12 * self.block

    def hash_of(self, block: int) -> str:
        return f"{self.fork} {block}"

    def read(self, calls: Sequence[Call], block: int) -> list[bytes | None]:
        self._check()
        assert block == self.block, "all reads are of the latest block"
        self.calls += calls
        self.during()
        return [self.answers.get(call) for call in calls]

    def events(
        self, addresses: Sequence[str], kinds: Sequence[str], first: int, last: int
    ) -> list[tuple[str, list[int]]]:
        self._check()
        return self.logs

    def _check(self) -> None:
        if self.broken:
            raise ChainError(self.broken)
