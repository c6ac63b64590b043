"""Uniswap v2 and v3 from npm's official bytecode, with pools that have something to cross."""

from __future__ import annotations

from dataclasses import dataclass

from walras.pools.ticks import sqrt_price_at
from walras_auction.liquidity import UniswapV2Section, UniswapV3Section

from support.exchanges import MODULES, Lab, bytecode
from support.world import MAX

_V2, _V3 = MODULES / "@uniswap/v2-core/build", MODULES / "@uniswap/v3-core/artifacts/contracts"
_V3_PERIPHERY = MODULES / "@uniswap/v3-periphery/artifacts/contracts"
_EXACT = "(address,address,uint256,uint24,uint160)"
_MINT = "(address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256)"


@dataclass(frozen=True, slots=True)
class UniswapV2:
    lab: Lab
    factory: str
    router: str

    @classmethod
    def deployed(cls, lab: Lab) -> UniswapV2:
        factory = lab.deploy(bytecode(_V2 / "UniswapV2Factory.json"), ["address"], [lab.me])
        code = bytecode(MODULES / "@uniswap/v2-periphery/build/UniswapV2Router02.json")
        router = lab.deploy(code, ["address", "address"], [factory, lab.world.token("WETH")])
        return cls(lab, factory, router)

    def section(self) -> UniswapV2Section:
        return UniswapV2Section(factory=self.factory, router=self.router)

    def pool(self, one: tuple[str, int], other: tuple[str, int]) -> None:
        """A pair with that many atoms of each token, by symbol."""
        world = self.lab.world
        for symbol, atoms in (one, other):
            self.lab.mint(symbol, atoms)
            self.lab.approve(world.token(symbol), self.router)
        types = [*["address"] * 2, *["uint256"] * 4, "address", "uint256"]
        tokens, atoms2 = (world.token(one[0]), world.token(other[0])), (one[1], other[1])
        self.lab.send(self.router, "addLiquidity", types, *tokens, *atoms2, 0, 0, self.lab.me, MAX)

    def quote_out(self, path: tuple[str, str], amount: int) -> int:
        types = ["uint256", "address[]"]
        return int(self.lab.call(self.router, "getAmountsOut", types, [amount, list(path)], ["uint256[]"])[0][1])

    def quote_in(self, path: tuple[str, str], amount: int) -> int:
        types = ["uint256", "address[]"]
        return int(self.lab.call(self.router, "getAmountsIn", types, [amount, list(path)], ["uint256[]"])[0][0])


@dataclass(frozen=True, slots=True)
class UniswapV3:
    lab: Lab
    factory: str
    router: str
    quoter: str
    positions: str

    @classmethod
    def deployed(cls, lab: Lab) -> UniswapV3:
        weth = lab.world.token("WETH")
        factory = lab.deploy(bytecode(_V3 / "UniswapV3Factory.sol/UniswapV3Factory.json"))
        two = (["address", "address"], [factory, weth])
        router = lab.deploy(bytecode(_V3_PERIPHERY / "SwapRouter.sol/SwapRouter.json"), *two)
        quoter = lab.deploy(bytecode(_V3_PERIPHERY / "lens/QuoterV2.sol/QuoterV2.json"), *two)
        code = bytecode(_V3_PERIPHERY / "NonfungiblePositionManager.sol/NonfungiblePositionManager.json")
        positions = lab.deploy(code, ["address"] * 3, [factory, weth, factory])
        lab.send(factory, "enableFeeAmount", ["uint24", "int24"], 100, 1)
        return cls(lab, factory, router, quoter, positions)

    def section(self) -> UniswapV3Section:
        return UniswapV3Section(factory=self.factory, router=self.router)

    def pool(self, pair: tuple[str, str], fee: int, tick: int, positions: list[tuple[int, int, int]]) -> None:
        """A pool whose price lies a bit above ``tick``, with positions (lower, upper, most atoms of each token)."""
        tokens = self.sorted(pair)
        price = sqrt_price_at(tick) + (sqrt_price_at(tick + 1) - sqrt_price_at(tick)) // 3
        types = ["address", "address", "uint24", "uint160"]
        self.lab.send(self.positions, "createAndInitializePoolIfNecessary", types, *tokens, fee, price)
        for symbol in pair:
            self.lab.mint(symbol, sum(atoms for *_, atoms in positions))
            self.lab.approve(self.lab.world.token(symbol), self.positions)
        for lower, upper, atoms in positions:
            self.add(pair, fee, lower, upper, atoms)

    def add(self, pair: tuple[str, str], fee: int, lower: int, upper: int, atoms: int) -> None:
        """Put liquidity between two ticks; the tokens are there and allowed."""
        tokens = self.sorted(pair)
        order = (*tokens, fee, lower, upper, atoms, atoms, 0, 0, self.lab.me, MAX)
        self.lab.send(self.positions, "mint", [_MINT], order)

    def sorted(self, pair: tuple[str, str]) -> tuple[str, str]:
        one, other = sorted(self.lab.world.token(symbol) for symbol in pair)
        return one, other

    def swap(self, path: tuple[str, str], fee: int, amount: int) -> None:
        """Trade as anybody may, which moves the price."""
        self.lab.approve(path[0], self.router)
        types = ["(address,address,uint24,address,uint256,uint256,uint256,uint160)"]
        self.lab.send(self.router, "exactInputSingle", types, (*path, fee, self.lab.me, MAX, amount, 0, 0))

    def quote_out(self, path: tuple[str, str], fee: int, amount: int) -> tuple[int, int, int]:
        """(atoms out, price after, ticks crossed)."""
        returns = ["uint256", "uint160", "uint32", "uint256"]
        values = [(*path, amount, fee, 0)]
        return self.lab.call(self.quoter, "quoteExactInputSingle", [_EXACT], values, returns)[:3]  # type: ignore[no-any-return]

    def quote_in(self, path: tuple[str, str], fee: int, amount: int) -> int:
        returns = ["uint256", "uint160", "uint32", "uint256"]
        values = [(*path, amount, fee, 0)]
        return int(self.lab.call(self.quoter, "quoteExactOutputSingle", [_EXACT], values, returns)[0])
