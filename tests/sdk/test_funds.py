"""Calldata that owners send: every builder calls a function that the shipped contracts have, with its arguments."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode
from house_fakes import A, B, C, address
from walras import funds
from walras.atoms import U256_MAX
from walras.digest import keccak
from walras_contracts import load

VAULT, SETTLEMENT, ME = address(0xF1), address(0xF2), address(0x77)
UID = "0x" + "ab" * 32

CALLS: list[tuple[funds.ChainCall, str, str, tuple[Any, ...]]] = [
    (funds.approve(A, VAULT), "TestToken", "approve", (VAULT, U256_MAX)),
    (funds.approve(A, VAULT, 5), "TestToken", "approve", (VAULT, 5)),
    (funds.deposit(VAULT, A, 7, ME), "Vault", "deposit", (A, 7, ME)),
    (funds.withdraw(VAULT, A, 7, B), "Vault", "withdraw", (A, 7, B)),
    (funds.announce_exit(VAULT, A), "Vault", "announceExit", (A,)),
    (funds.exit_vault(VAULT, A, C), "Vault", "exit", (A, C)),
    (funds.keep_in_vault(SETTLEMENT), "Settlement", "keepInVault", (True,)),
    (funds.keep_in_vault(SETTLEMENT, False), "Settlement", "keepInVault", (False,)),
    (funds.pre_sign(SETTLEMENT, UID), "Settlement", "preSign", (bytes.fromhex(UID[2:]), True)),
    (funds.pre_sign(SETTLEMENT, UID, False), "Settlement", "preSign", (bytes.fromhex(UID[2:]), False)),
    (funds.cancel_nonce(SETTLEMENT, 2**200 + 3), "Settlement", "cancel", (2**200 + 3,)),
    (funds.cancel_word(SETTLEMENT, [512, 514, 767]), "Settlement", "cancelWord", (2, 1 | 4 | 1 << 255)),
    (funds.raise_epoch(SETTLEMENT), "Settlement", "raiseEpoch", ()),
]


@pytest.mark.parametrize(("call", "contract", "name", "arguments"), CALLS, ids=lambda value: str(value)[:24])
def test_the_call_is_one_of_the_contracts(
    call: funds.ChainCall, contract: str, name: str, arguments: tuple[Any, ...]
) -> None:
    (function,) = (item for item in load(contract).abi if item["type"] == "function" and item["name"] == name)
    types = [field["type"] for field in function["inputs"]]
    assert call.data[:4] == keccak(f"{name}({','.join(types)})".encode())[:4]
    assert decode(types, call.data[4:]) == arguments
    assert call.hex == "0x" + call.data.hex()
    assert call.to in (A, VAULT, SETTLEMENT)


def test_recipients_are_lower_case() -> None:
    assert funds.raise_epoch("0x" + "AB" * 20).to == "0x" + "ab" * 20


@pytest.mark.parametrize("nonces", [[255, 256], []])
def test_one_word_at_a_time(nonces: list[int]) -> None:
    with pytest.raises(ValueError, match="words of 256"):
        funds.cancel_word(SETTLEMENT, nonces)


def test_a_nonce_that_is_named_twice_counts_once() -> None:
    assert funds.cancel_word(SETTLEMENT, [5, 5]) == funds.cancel_word(SETTLEMENT, [5])


def test_the_delay_is_the_contracts() -> None:
    assert funds.EXIT_DELAY == 24 * 3600
