"""What terms cost a settlement: for solvers that charge it, and for the house that lets them."""

from __future__ import annotations

from typing import Final

from walras.atoms import ceil_div
from walras.conditions import READ_GAS, Node, Op, prefix
from walras.terms import Terms

#: Gas that terms are expected to cost: as such, a node, a read, around a hook, for paying a share.
BASE_GAS: Final = 60_000
NODE_GAS: Final = 4_000
READ_EXPECTED_GAS: Final = 15_000
HOOK_GAS: Final = 15_000
SHARE_GAS: Final = 35_000
#: What HookRunner keeps beside a hook's own gas, and a little for the way there.
RUNNER_RESERVE: Final = 30_000


def expected_gas(terms: Terms) -> int:
    """Gas that ``terms`` are expected to add to a settlement; hooks count in full. The owner pays for it."""
    nodes, reads = _nodes(terms)
    hooks = sum(hook.gas_limit + HOOK_GAS for hook in terms.before + terms.afterwards)
    return BASE_GAS + NODE_GAS * len(nodes) + READ_EXPECTED_GAS * reads + hooks + SHARE_GAS * len(terms.shares)


def reserve_gas(terms: Terms) -> int:
    """Gas that must be left at some moment of the settlement, used or not: HookRunner starves no hook and no read."""
    caps = [READ_GAS] if _nodes(terms)[1] else []
    caps += [hook.gas_limit for hook in terms.before + terms.afterwards]
    # A call passes on 63/64 of what is left: once from the settlement to the runner, once from there.
    return ceil_div((ceil_div(max(caps) * 64, 63) + RUNNER_RESERVE) * 64, 63) if caps else 0


def _nodes(terms: Terms) -> tuple[list[Node], int]:
    """The condition's nodes, and how many of them ask a contract."""
    nodes = [] if terms.condition is None else list(prefix(terms.condition))
    return nodes, sum(node.op in (Op.BALANCE, Op.CALL) for node in nodes)
