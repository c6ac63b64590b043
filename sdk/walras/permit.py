"""Permits: let the vault move a token without a transaction of one's own.

A permit travels beside an intent and the house relays it. Its nonce is the token's own counter for the owner, so at
most one permit a token can be pending. Most tokens follow EIP-2612; DAI's function is older and allows everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from walras.atoms import U256_MAX
from walras.digest import keccak
from walras.signing import Signer
from walras.wire import PermitMessage

PERMIT_TYPE = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
DAI_PERMIT_TYPE = "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)"
_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_PERMIT_HASH = keccak(PERMIT_TYPE.encode())
_DAI_PERMIT_HASH = keccak(DAI_PERMIT_TYPE.encode())
_DOMAIN_SEPARATOR = keccak(b"DOMAIN_SEPARATOR()")[:4]
_NONCES = keccak(b"nonces(address)")[:4]

#: ``eth_call`` of some provider: (contract address, call data) to return data.
EthCall = Callable[[str, bytes], bytes]


@dataclass(frozen=True, slots=True)
class PermitTerms:
    """What a token says about permits of one owner: its domain separator and the owner's next nonce."""

    token: str
    separator: bytes
    nonce: int


def read_terms(call: EthCall, token: str, owner: str) -> PermitTerms:
    """Ask the token itself. Raises ``ValueError`` if it does not answer like an EIP-2612 token.

    With web3: ``read_terms(lambda to, data: w3.eth.call({"to": w3.to_checksum_address(to), "data": data}), ...)``.
    """
    separator = bytes(call(token, _DOMAIN_SEPARATOR))
    nonce = bytes(call(token, _NONCES + _address(owner)))
    if len(separator) != 32 or len(nonce) != 32:
        raise ValueError(f"token {token} does not know EIP-2612 permits")
    return PermitTerms(token.lower(), separator, int.from_bytes(nonce, "big"))


def domain_separator(name: str, version: str, chain_id: int, token: str) -> bytes:
    """The separator of a token that uses the usual four-field domain, without asking it."""
    fields = (keccak(_DOMAIN_TYPE.encode()), keccak(name.encode()), keccak(version.encode()), _word(chain_id))
    return keccak(b"".join(fields) + _address(token))


def permit_digest(separator: bytes, owner: str, spender: str, value: int, nonce: int, deadline: int) -> bytes:
    """What the owner signs (EIP-2612): ``spender`` may move ``value`` atoms, until Unix second ``deadline``."""
    body = _PERMIT_HASH + _address(owner) + _address(spender) + _word(value) + _word(nonce) + _word(deadline)
    return keccak(b"\x19\x01" + separator + keccak(body))


def sign_permit(signer: Signer, terms: PermitTerms, vault: str, value: int, deadline: int) -> PermitMessage:
    """A permit for the house's ``vault`` over ``value`` atoms, to send beside an intent."""
    digest = permit_digest(terms.separator, signer.address, vault, value, terms.nonce, deadline)
    return PermitMessage(token=terms.token, value=value, deadline=deadline, signature=signer.sign(digest))


def dai_permit_digest(separator: bytes, owner: str, spender: str, nonce: int, deadline: int) -> bytes:
    """What the owner of a DAI-style token signs: ``spender`` may move everything, if told so by ``deadline``."""
    allowed = _word(1)
    body = _DAI_PERMIT_HASH + _address(owner) + _address(spender) + _word(nonce) + _word(deadline) + allowed
    return keccak(b"\x19\x01" + separator + keccak(body))


def sign_dai_permit(signer: Signer, terms: PermitTerms, vault: str, deadline: int) -> PermitMessage:
    """A DAI-style permit for the house's ``vault``; it allows all that the owner will ever have of the token."""
    digest = dai_permit_digest(terms.separator, signer.address, vault, terms.nonce, deadline)
    return PermitMessage(
        token=terms.token,
        value=U256_MAX,
        deadline=deadline,
        signature=signer.sign(digest),
        style="dai",
        nonce=terms.nonce,
    )


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _address(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address.removeprefix("0x"))
