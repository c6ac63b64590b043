"""Keys, both signature forms, and every form that is not one."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from walras.digest import keccak
from walras.rejections import Reason, Rejection
from walras.signing import Signer, recover

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SIGNER = Signer(keccak(b"a test key"))
DIGEST = keccak(b"something to sign")


def test_the_address_is_the_usual_one() -> None:
    assert Account.from_key(SIGNER.secret).address.lower() == SIGNER.address


@given(secret=st.integers(1, ORDER - 1), message=st.binary())
@settings(max_examples=50)
def test_what_is_signed_recovers_to_its_signer(secret: int, message: bytes) -> None:
    signer, digest = Signer(secret.to_bytes(32, "big")), keccak(message)
    signature = signer.sign(digest)
    assert recover(digest, signature) == recover(digest, compact(signature)) == signer.address
    assert Account._recover_hash(digest, signature=bytes.fromhex(signature[2:])).lower() == signer.address


def compact(signature: str) -> str:
    """The same in 64 bytes (EIP-2098)."""
    raw = bytes.fromhex(signature[2:])
    s = int.from_bytes(raw[32:64], "big") | (raw[64] - 27) << 255
    return "0x" + raw[:32].hex() + f"{s:064x}"


def parts(signature: str) -> tuple[int, int, int]:
    raw = bytes.fromhex(signature[2:])
    return int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big"), raw[64]


def whole(r: int, s: int, v: int) -> str:
    return f"0x{r:064x}{s:064x}{v:02x}"


R, S, V = parts(SIGNER.sign(DIGEST))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0x",
        "0xzz",
        whole(R, S, V)[2:],
        whole(R, S, V)[:-2] + "",
        whole(R, S, V)[:-4],
        whole(R, S, V) + "00",
        whole(R, S, V - 27),
        whole(R, S, 29),
        whole(R, ORDER - S, 55 - V),  # the same signature mirrored into the upper half
        whole(R, 0, V),
        whole(0, S, V),
        whole(ORDER, S, V),
        whole(2**256 - 1, S, V),
    ],
)
def test_any_other_form_does_not_speak_for_its_signer(signature: str) -> None:
    """It is refused by name, or it is a signature of somebody else."""
    try:
        speaker = recover(DIGEST, signature)
    except Rejection as refusal:
        speaker = refusal.reason.value
    assert speaker != SIGNER.address
    assert speaker == Reason.BAD_SIGNATURE or speaker.startswith("0x")


def test_a_mirrored_signature_is_refused_by_name() -> None:
    """Otherwise one intent would have two signatures."""
    with pytest.raises(Rejection, match="upper half"):
        recover(DIGEST, whole(R, ORDER - S, 55 - V))


def test_a_signature_is_for_one_digest() -> None:
    assert recover(keccak(b"something else"), SIGNER.sign(DIGEST)) != SIGNER.address


def test_signing_is_deterministic() -> None:
    assert SIGNER.sign(DIGEST) == SIGNER.sign(DIGEST)


def test_a_key_never_shows() -> None:
    assert SIGNER.secret.hex() not in repr(SIGNER) + str(SIGNER)
    assert SIGNER.address in repr(SIGNER)
    assert Signer.from_hex("0x" + SIGNER.secret.hex()).address == SIGNER.address
