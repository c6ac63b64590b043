"""EIP-2612 permits, against eth_account's generic encoder."""

import pytest
from eth_account.messages import encode_typed_data
from house_fakes import A, address, key
from walras.atoms import U256_MAX
from walras.permit import (
    PermitTerms,
    dai_permit_digest,
    domain_separator,
    permit_digest,
    read_terms,
    sign_dai_permit,
    sign_permit,
)
from walras.signing import recover

VAULT = address(0xF01)
OWNER = key(1)
SEPARATOR = domain_separator("Token", "1", 31337, A)


def test_the_digest_is_that_of_the_generic_encoder() -> None:
    fields = ["address owner", "address spender", "uint256 value", "uint256 nonce", "uint256 deadline"]
    signable = encode_typed_data(
        {"name": "Token", "version": "1", "chainId": 31337, "verifyingContract": A},
        {"Permit": [dict(zip(("type", "name"), field.split(), strict=True)) for field in fields]},
        {"owner": OWNER.address, "spender": VAULT, "value": 2**200, "nonce": 3, "deadline": 99},
    )
    digest = permit_digest(SEPARATOR, OWNER.address, VAULT, 2**200, 3, 99)
    from eth_utils.crypto import keccak

    assert digest == keccak(b"\x19" + signable.version + signable.header + signable.body)


def test_a_signed_permit_recovers_to_its_owner() -> None:
    permit = sign_permit(OWNER, PermitTerms(A, SEPARATOR, 3), VAULT, 500, 99)
    assert (permit.token, permit.value, permit.deadline) == (A, 500, 99)
    assert recover(permit_digest(SEPARATOR, OWNER.address, VAULT, 500, 3, 99), permit.signature) == OWNER.address


def test_terms_are_read_from_the_token() -> None:
    def call(to: str, data: bytes) -> bytes:
        assert to == A
        if data == bytes.fromhex("3644e515"):
            return SEPARATOR
        assert data == bytes.fromhex("7ecebe00") + bytes(12) + bytes.fromhex(OWNER.address[2:])
        return (7).to_bytes(32, "big")

    assert read_terms(call, A, OWNER.address) == PermitTerms(A, SEPARATOR, 7)


def test_a_token_without_permits_says_so() -> None:
    with pytest.raises(ValueError, match="EIP-2612"):
        read_terms(lambda to, data: b"", A, OWNER.address)


def test_a_dai_permit_has_the_digest_of_the_generic_encoder() -> None:
    fields = ["address holder", "address spender", "uint256 nonce", "uint256 expiry", "bool allowed"]
    signable = encode_typed_data(
        {"name": "Token", "version": "1", "chainId": 31337, "verifyingContract": A},
        {"Permit": [dict(zip(("type", "name"), field.split(), strict=True)) for field in fields]},
        {"holder": OWNER.address, "spender": VAULT, "nonce": 3, "expiry": 99, "allowed": True},
    )
    from eth_utils.crypto import keccak

    digest = dai_permit_digest(SEPARATOR, OWNER.address, VAULT, 3, 99)
    assert digest == keccak(b"\x19" + signable.version + signable.header + signable.body)


def test_a_dai_permit_is_for_everything_and_carries_its_nonce() -> None:
    permit = sign_dai_permit(OWNER, PermitTerms(A, SEPARATOR, 3), VAULT, 99)
    assert (permit.style, permit.value, permit.nonce, permit.deadline) == ("dai", U256_MAX, 3, 99)
    assert recover(dai_permit_digest(SEPARATOR, OWNER.address, VAULT, 3, 99), permit.signature) == OWNER.address
