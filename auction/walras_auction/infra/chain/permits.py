"""EIP-2612 permits: checked before they are accepted, relayed by the house in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import decode, encode
from walras.digest import keccak
from walras.rejections import Rejection
from walras.signing import recover
from walras.wire import PermitMessage

from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.rpc import Rpc

_TYPE = keccak(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
_NONCES = selector("nonces(address)")
_DOMAIN = selector("DOMAIN_SEPARATOR()")
_RELAY = selector("relayPermits((address,address,uint256,uint256,uint8,bytes32,bytes32)[])")


def permit_digest(separator: bytes, owner: str, spender: str, value: int, nonce: int, deadline: int) -> bytes:
    """What the owner signs (EIP-2612), given the token's domain separator and the owner's permit nonce."""
    body = encode(
        ["bytes32", "address", "address", "uint256", "uint256", "uint256"],
        [_TYPE, owner, spender, value, nonce, deadline],
    )
    return keccak(b"\x19\x01" + separator + keccak(body))


def check_permit(rpc: Rpc, vault: str, owner: str, permit: PermitMessage, chain_id: int) -> str | None:
    """None if the token would accept the permit now, else the reason in words."""
    _, now = rpc.block()
    if permit.deadline < now:
        return f"its deadline {permit.deadline} has passed"
    try:
        nonce = int(decode(["uint256"], rpc.call(permit.token, _NONCES + encode(["address"], [owner])))[0])
        separator = rpc.call(permit.token, _DOMAIN)
    except Exception as error:
        return f"the token does not answer as EIP-2612 asks: {error}"
    try:
        signer = recover(permit_digest(separator, owner, vault, permit.value, nonce, permit.deadline), permit.signature)
    except Rejection as refusal:
        return refusal.detail
    return None if signer == owner else f"it recovers to {signer} with the owner's permit nonce {nonce}"


def encode_relay(permits: Sequence[tuple[str, PermitMessage]]) -> bytes:
    """Calldata of the vault's ``relayPermits``."""
    rows = []
    for owner, permit in permits:
        raw = bytes.fromhex(permit.signature[2:])
        rows.append((permit.token, owner, permit.value, permit.deadline, raw[64], raw[:32], raw[32:64]))
    return _RELAY + encode(["(address,address,uint256,uint256,uint8,bytes32,bytes32)[]"], [rows])
