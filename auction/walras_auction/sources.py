"""Where an intent's gives come from, and how much is there: the wallet by either door, or the vault."""

from __future__ import annotations

from enum import StrEnum

from walras.rejections import Reason
from walras.signing import Scheme

from walras_auction.ports import TokenFacts


class Source(StrEnum):
    """The funds of an intent; the contract chooses by the same rule."""

    WALLET = "wallet"  # the owner's balance, as far as it allows the vault
    PERMIT2 = "permit2"  # the owner's balance, as far as it allows Permit2
    VAULT = "vault"  # the owner's balance in the vault


def source_of(scheme: Scheme, keeps_in_vault: bool) -> Source:
    """A Permit2 signature always takes from the wallet; else who keeps its funds in the vault trades from there."""
    if scheme is Scheme.PERMIT2:
        return Source.PERMIT2
    return Source.VAULT if keeps_in_vault else Source.WALLET


def available(facts: TokenFacts, source: Source) -> int:
    """Atoms that a settlement could take now."""
    if source is Source.VAULT:
        return facts.deposited
    return min(facts.balance, facts.permit2 if source is Source.PERMIT2 else facts.allowance)


def shortage(facts: TokenFacts, source: Source, token: str, amount: int) -> tuple[Reason, str] | None:
    """Why ``amount`` can not be taken, or None. Balances are named before allowances, which are easier to raise."""
    if source is Source.VAULT:
        if facts.deposited >= amount:
            return None
        detail = f"the owner keeps {facts.deposited} atoms of {token} in the vault and gives up to {amount}"
        return Reason.INSUFFICIENT_DEPOSIT, detail
    if facts.balance < amount:
        return Reason.INSUFFICIENT_BALANCE, f"the owner has {facts.balance} atoms of {token} and gives up to {amount}"
    if source is Source.PERMIT2 and facts.permit2 < amount:
        detail = f"Permit2 may move {facts.permit2} atoms of {token}; the intent gives up to {amount}"
        return Reason.PERMIT2_NOT_ALLOWED, detail
    if source is Source.WALLET and facts.allowance < amount:
        detail = f"the vault may move {facts.allowance} atoms of {token}; the intent gives up to {amount}"
        return Reason.INSUFFICIENT_ALLOWANCE, detail
    return None


def empty_pocket(facts: TokenFacts, source: Source) -> str:
    """What of it is zero, in words."""
    if source is Source.VAULT:
        return "balance in the vault"
    if facts.balance == 0:
        return "balance"
    return "allowance to Permit2" if source is Source.PERMIT2 else "allowance to the vault"
