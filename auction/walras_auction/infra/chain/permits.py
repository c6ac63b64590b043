"""Permits: checked before they are accepted, relayed by the house in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import encode
from walras.atoms import U256_MAX
from walras.permit import PermitTerms, dai_permit_digest, permit_digest, read_terms
from walras.rejections import Rejection
from walras.signing import recover
from walras.wire import PermitMessage

from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.rpc import Reverted, Rpc

_PERMIT = "(address,address,uint256,uint256,uint256,uint8,uint8,bytes32,bytes32)"
_RELAY = selector(f"relayPermits({_PERMIT}[])")
_STYLES = {"eip2612": 0, "dai": 1}


def check_permit(rpc: Rpc, vault: str, owner: str, permit: PermitMessage) -> str | None:
    """None if the token would accept the permit now, else the reason in words."""
    _, now = rpc.block()
    if permit.deadline < now:
        return f"its deadline {permit.deadline} has passed"
    try:
        terms = read_terms(rpc.call, permit.token, owner)
    except (Reverted, ValueError) as error:
        return f"the token does not answer as EIP-2612 asks: {error}"
    if permit.style == "dai" and (permit.value, permit.nonce) != (U256_MAX, terms.nonce):
        return f"a DAI-style permit is for 2^256-1 atoms, with the owner's permit nonce {terms.nonce}"
    try:
        signer = recover(_digest(permit, terms, owner, vault), permit.signature)
    except Rejection as refusal:
        return refusal.detail
    if len(permit.signature) != 2 + 2 * 65:
        return "a permit's signature has 65 bytes"
    return None if signer == owner else f"it recovers to {signer} with the owner's permit nonce {terms.nonce}"


def _digest(permit: PermitMessage, terms: PermitTerms, owner: str, vault: str) -> bytes:
    if permit.style == "dai":
        return dai_permit_digest(terms.separator, owner, vault, terms.nonce, permit.deadline)
    return permit_digest(terms.separator, owner, vault, permit.value, terms.nonce, permit.deadline)


def encode_relay(permits: Sequence[tuple[str, PermitMessage]]) -> bytes:
    """Calldata of the vault's ``relayPermits``."""
    rows = []
    for owner, permit in permits:
        raw = bytes.fromhex(permit.signature[2:])
        signature = (raw[64], raw[:32], raw[32:64])
        style = _STYLES[permit.style]
        rows.append((permit.token, owner, permit.value, permit.deadline, permit.nonce, style, *signature))
    return _RELAY + encode([f"{_PERMIT}[]"], [rows])
