"""Calls that an owner sends itself: approvals, vault balances, signing and cancelling on chain.

Each builder returns a :class:`ChainCall`, ready for any wallet or library: ``w3.eth.send_transaction({"from": me,
"to": call.to, "data": call.data})``. Nothing here needs the house, and the house can stop none of it but ``withdraw``,
which waits while the settlement is paused; ``announce_exit`` and, a day later, ``exit_vault`` work even then.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode

from walras.atoms import U256_MAX
from walras.digest import keccak

#: Seconds between ``announce_exit`` and the first moment of ``exit_vault``.
EXIT_DELAY = 86_400


@dataclass(frozen=True, slots=True)
class ChainCall:
    """A transaction's recipient and calldata. No call here carries native coin."""

    to: str
    data: bytes

    @property
    def hex(self) -> str:
        """The calldata as ``0x`` hex."""
        return "0x" + self.data.hex()


def approve(token: str, spender: str, amount: int = U256_MAX) -> ChainCall:
    """Let ``spender`` (the vault, or Permit2) move up to ``amount`` atoms of ``token``."""
    return _call(token, "approve(address,uint256)", spender, amount)


def deposit(vault: str, token: str, amount: int, owner: str) -> ChainCall:
    """Move ``amount`` atoms of the sender, who has approved the vault, into ``owner``'s balance there."""
    return _call(vault, "deposit(address,uint256,address)", token, amount, owner)


def withdraw(vault: str, token: str, amount: int, to: str) -> ChainCall:
    """Pay ``amount`` atoms of the sender's balance out to ``to``. Refused while the settlement is paused."""
    return _call(vault, "withdraw(address,uint256,address)", token, amount, to)


def announce_exit(vault: str, token: str) -> ChainCall:
    """Start the clock of a forced exit, which no operator can stop."""
    return _call(vault, "announceExit(address)", token)


def exit_vault(vault: str, token: str, to: str) -> ChainCall:
    """Pay the sender's whole balance out to ``to``, :data:`EXIT_DELAY` after it was announced, paused or not."""
    return _call(vault, "exit(address,address)", token, to)


def keep_in_vault(settlement: str, kept: bool = True) -> ChainCall:
    """From now on the sender's intents trade from and into its balances in the vault (``False``: its wallet)."""
    return _call(settlement, "keepInVault(bool)", kept)


def pre_sign(settlement: str, uid: str, signed: bool = True) -> ChainCall:
    """Sign the intent ``uid`` on chain, for owners without a key; ``False`` takes it back."""
    return _call(settlement, "preSign(bytes32,bool)", bytes.fromhex(uid.removeprefix("0x")), signed)


def cancel_nonce(settlement: str, nonce: int) -> ChainCall:
    """Cancel every intent of the sender that carries ``nonce``, filled in part or not at all."""
    return _call(settlement, "cancel(uint256)", nonce)


def cancel_word(settlement: str, nonces: list[int]) -> ChainCall:
    """Cancel many nonces of one word of 256 at once. Raises ``ValueError`` if they lie in several words."""
    words = {nonce >> 8 for nonce in nonces}
    if len(words) != 1:
        raise ValueError(f"the nonces lie in {len(words)} words of 256; cancel each word by itself")
    mask = sum(1 << (nonce & 0xFF) for nonce in set(nonces))
    return _call(settlement, "cancelWord(uint256,uint256)", words.pop(), mask)


def raise_epoch(settlement: str) -> ChainCall:
    """Cancel everything the sender ever signed. Later intents carry the next epoch in their nonces."""
    return _call(settlement, "raiseEpoch()")


def _call(to: str, function: str, *values: object) -> ChainCall:
    inner = function[function.index("(") + 1 : -1]
    types = inner.split(",") if inner else []
    return ChainCall(to.lower(), keccak(function.encode())[:4] + encode(types, list(values)))
