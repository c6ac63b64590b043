"""Hostile contracts of a few bytes, written as EVM code."""

from __future__ import annotations

from eth_abi.abi import encode
from walras_auction.infra.chain.encoding import selector


def creation(runtime: bytes) -> bytes:
    """Code that deploys ``runtime`` (at most 255 bytes)."""
    return bytes([0x60, len(runtime), 0x80, 0x60, 0x0B, 0x60, 0x00, 0x39, 0x60, 0x00, 0xF3]) + runtime


#: Accepts every call and does nothing.
IDLE = bytes([0x00])
#: Does nothing until it is called once without calldata; from then on burns all gas that a call with calldata brings.
TRAP = bytes.fromhex("3615600c5760005460135700" + "5b600160005500" + "5bfe")


def reverting(data: bytes) -> bytes:
    """Reverts every call with ``data`` (at most 240 bytes)."""
    size = len(data)
    return bytes([0x60, size, 0x60, 12, 0x60, 0x00, 0x39, 0x60, size, 0x60, 0x00, 0xFD]) + data


#: Error(string) whose string is not UTF-8.
BAD_TEXT = selector("Error(string)") + encode(["bytes"], [b"\xff\xfe\xc3\x28"])


def greedy_token() -> bytes:
    """A token that tells of balances as high as one likes, and burns all gas when a permit is called.

    Any call but ``permit`` returns 2^255; ``allowance`` returns zero.
    """
    permit = selector("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)")
    allowance, nonces = selector("allowance(address,address)"), selector("nonces(address)")
    head = bytes([0x60, 0x00, 0x35, 0x60, 0xE0, 0x1C])  # the selector
    burn, zero = 50, 52

    def jump(code: bytes, target: int) -> bytes:
        return bytes([0x80, 0x63]) + code + bytes([0x14, 0x60, target, 0x57])

    body = head + jump(permit, burn) + jump(allowance, zero) + jump(nonces, zero)
    body += bytes([0x60, 0x01, 0x60, 0xFF, 0x1B, 0x60, 0x00, 0x52, 0x60, 0x20, 0x60, 0x00, 0xF3])
    body = body.ljust(burn, b"\x00") + bytes([0x5B, 0xFE]) + bytes([0x5B, 0x60, 0x20, 0x60, 0x40, 0xF3])
    assert len(body) == 58
    return body


#: An account that is a contract. Confirms every ERC-1271 signature until it is called without calldata; whatever else
#: it is sent is a word with a target and the calldata for it, which it passes on.
WALLET = bytes.fromhex(
    "361560475760003560e01c631626ba7e14603157"
    "602036038060206000376000600082600060006000355af115604e5700"  # passes on
    "5b60005415631626ba7e60e01b0260005260206000f3"  # confirms, if slot 0 is zero
    "5b600160005500"  # sets slot 0
    "5b60006000fd"
)
