"""The call that swaps through a pool, by kind; whoever is called is allowed exactly what goes in.

The least output is zero in all of them: a shortfall is made up from the solver's cover, or reverts the solution.
"""

from __future__ import annotations

from typing import assert_never

from eth_abi.abi import encode
from walras.digest import keccak
from walras.wire import AnyPool, ConcentratedPool, Pool, PoolSwap, StablePool, WeightedPool

#: The settlement has a deadline of its own.
_NO_DEADLINE = 2**256 - 1
_GIVEN_IN = 0


_OWN = ("address", "uint256", "uint256", "address")
_V2 = ("uint256", "uint256", "address[]", "address", "uint256")
_V3 = "(address,address,uint24,address,uint256,uint256,uint256,uint160)"
_VAULT = (
    "(bytes32,uint8,address,address,uint256,bytes)",
    "(address,bool,address,bool)",
    "uint256",
    "uint256",
)


def encode_swap(item: PoolSwap, pool: AnyPool, executor: str) -> tuple[str, bytes]:
    """(contract, calldata) of a checked swap whose proceeds go to ``executor``; the contract spends the input."""
    token_out = pool.other(item.token_in, item.token_out)
    assert token_out is not None, "swaps are checked before they are encoded"
    match pool:
        case Pool(router=None):
            return pool.address, _call("swap", _OWN, item.token_in, item.amount_in, 0, executor)
        case Pool():
            path = [item.token_in, token_out]
            return _door(pool.router), _call(
                "swapExactTokensForTokens", _V2, item.amount_in, 0, path, executor, _NO_DEADLINE
            )
        case ConcentratedPool():
            # The fee names the pool, and a price limit of zero is none.
            order = (item.token_in, token_out, pool.fee_ppm, executor, _NO_DEADLINE, item.amount_in, 0, 0)
            return _door(pool.router), _call("exactInputSingle", (_V3,), order)
        case WeightedPool() | StablePool():
            identity = bytes.fromhex(_door(pool.pool_id)[2:])
            single = (identity, _GIVEN_IN, item.token_in, token_out, item.amount_in, b"")
            return _door(pool.vault), _call("swap", _VAULT, single, (executor, False, executor, False), 0, _NO_DEADLINE)
        case _:
            assert_never(pool)


def _call(name: str, types: tuple[str, ...], *values: object) -> bytes:
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)


def _door(named: str | None) -> str:
    assert named is not None, "a swap through a pool without a door is refused before"
    return named
