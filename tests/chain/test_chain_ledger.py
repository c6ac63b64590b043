"""The house's own log and receipts before the ledger contract: a lie and a gap cost it, an honest log costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from eth_abi.abi import encode
from house_fakes import ManualClock
from support.bytecode import creation
from support.world import person
from walras.cancels import Scope
from walras.digest import Domain, keccak
from walras.evidence import (
    answer_call,
    collect_call,
    equivocation_call,
    omission_call,
    post_call,
    resolve_call,
)
from walras.merkle import MerkleTree, leaf_index
from walras.signing import Signer
from walras.wire import Receipt
from walras_auction.clock import SystemClock
from walras_auction.infra.chain.deploy import Deployer
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, LocalChain, local_chain
from walras_auction.infra.chain.rpc import Reverted
from walras_auction.log import GENESIS, Notary, cancel_entry, chain_entry
from walras_auction.ports import LogEntry, Wish

HOUSE, TRADER, OWNER = person("house"), person("alice"), person("deployer")
BENEFICIARY = "0x" + keccak(b"test beneficiary")[12:].hex()
EPOCH = 3
#: Inclusion, challenge, answer and notice periods; penalty, reward and stake.
TERMS = (600, 86_400, 3_600, 7 * 86_400, 1_000, 300, 10)


@dataclass
class Court:
    """A ledger with a bond of 5,000, the log that it is about, and the house's receipts for it."""

    local: LocalChain
    clock: ManualClock
    ledger: str
    token: str
    notary: Notary
    log: list[LogEntry] = field(default_factory=list)

    def entry(self, words: str) -> LogEntry:
        """What would be the log's next entry, said in these words."""
        uid = "0x" + keccak(words.encode()).hex()
        previous = bytes.fromhex(self.log[-1].head[2:]) if self.log else GENESIS
        place = (EPOCH, len(self.log) + 1, self.clock.time)
        return chain_entry(cancel_entry(Wish(Scope.UID, uid, TRADER.address, uid, "0x"), 1), *place, previous)

    def receipt(self, entry: LogEntry) -> Receipt:
        return self.notary.receipt(entry)

    def grow(self, count: int) -> None:
        for number in range(count):
            self.log.append(self.entry(f"entry {len(self.log)}.{number}"))

    def tree(self) -> MerkleTree:
        return MerkleTree(bytes.fromhex(entry.head[2:]) for entry in self.log)

    def post(self) -> None:
        self.send(HOUSE, self.ledger, post_call(EPOCH, len(self.log), self.tree().root(), bytes(32)))

    def wait(self, seconds: int) -> None:
        self.clock.time += seconds

    def send(self, sender: Signer, to: str, data: bytes) -> None:
        """Mine one transaction, after asking what it would do: a refusal is raised as such."""
        self.local.rpc.call(to, data, sender.address)
        raw = self.local.transaction(sender, to, data, self.local.rpc.nonce(sender.address), 600_000)
        self.local.send_all([(raw, 600_000)])

    def read(self, to: str, function: str, *accounts: str) -> int:
        data = selector(function) + encode(["address"] * len(accounts), list(accounts))
        return int.from_bytes(self.local.rpc.call(to, data)[:32], "big")

    def owed(self, account: str) -> int:
        return self.read(self.ledger, "owed(address)", account)

    def held(self, account: str) -> int:
        return self.read(self.token, "balanceOf(address)", account)

    @property
    def bond(self) -> int:
        return self.read(self.ledger, "bond()")


@pytest.fixture
def court() -> Iterator[Court]:
    clock = ManualClock(SystemClock().now() + 60)
    with local_chain({signer.address: RICH for signer in (HOUSE, TRADER, OWNER)}, "eth-tester", clock.now) as local:
        local.rpc.reader = OWNER.address
        deployer = Deployer(local, OWNER)
        domain = Domain(local.rpc.chain_id(), deployer.future(0))
        _settlement(deployer, domain)
        deployer = Deployer(local, OWNER)
        token = deployer.create(
            "TestToken", ["string", "string", "uint8", "address"], ["BOND", "BOND", 18, OWNER.address]
        )
        parts = [domain.settlement, OWNER.address, HOUSE.address, HOUSE.address, BENEFICIARY, token]
        types = ["address"] * 6 + ["(uint64,uint64,uint64,uint64,uint128,uint128,uint128)"]
        ledger = deployer.create("Ledger", types, [*parts, TERMS])
        deployer.flush()
        made = Court(local, clock, ledger, token, Notary(HOUSE, domain))
        _fund(made)
        yield made


def _settlement(deployer: Deployer, domain: Domain) -> None:
    """A contract that knows the domain of receipts and nothing else."""
    code = creation(bytes.fromhex("7f") + domain.separator + bytes.fromhex("60005260206000f3"))
    raw = deployer.chain.transaction(deployer.signer, None, code, deployer.chain.rpc.nonce(OWNER.address), 200_000)
    deployer.chain.send_all([(raw, 200_000)])


def _fund(court: Court) -> None:
    mint = encode(["address[]", "uint256[]"], [[OWNER.address, TRADER.address], [5_000, 100]])
    court.send(OWNER, court.token, selector("mintBatch(address[],uint256[])") + mint)
    for holder in (OWNER, TRADER):
        approval = encode(["address", "uint256"], [court.ledger, 5_000])
        court.send(holder, court.token, selector("approve(address,uint256)") + approval)
    court.send(OWNER, court.ledger, selector("deposit(uint256)") + encode(["uint256"], [5_000]))


def test_two_receipts_for_one_place_cost_the_bond(court: Court) -> None:
    court.grow(3)
    one, other = court.receipt(court.entry("yours")), court.receipt(court.entry("somebody else's"))
    court.send(TRADER, court.ledger, equivocation_call(one, other))
    assert (court.bond, court.owed(TRADER.address), court.owed(BENEFICIARY)) == (4_000, 300, 700)
    with pytest.raises(Reverted) as refusal:
        court.send(TRADER, court.ledger, equivocation_call(other, one))
    assert refusal.value.data[:4] == selector("AlreadyProven(uint64,uint64)")


def test_a_receipt_that_was_left_out_costs_the_bond(court: Court) -> None:
    court.grow(3)
    receipt = court.receipt(court.entry("yours"))
    court.grow(5)  # the place goes to somebody else
    court.post()
    with pytest.raises(Reverted) as refusal:
        court.send(TRADER, court.ledger, omission_call(receipt))
    assert refusal.value.data[:4] == selector("NotYetDue(uint256,uint256)")
    court.wait(601)
    court.send(TRADER, court.ledger, omission_call(receipt))
    assert court.held(TRADER.address) == 90
    proof = court.tree().inclusion_proof(leaf_index(receipt.sequence))
    with pytest.raises(Reverted) as refusal:
        court.send(HOUSE, court.ledger, answer_call(0, len(court.log), proof))
    assert refusal.value.data[:4] == selector("NotIncluded(uint64,uint64,uint64)")
    court.wait(3_601)
    court.send(HOUSE, court.ledger, resolve_call(0))
    assert (court.bond, court.owed(TRADER.address), court.owed(BENEFICIARY)) == (4_000, 310, 700)
    court.send(TRADER, court.ledger, collect_call(TRADER.address))
    assert court.held(TRADER.address) == 400


def test_an_honest_log_has_an_answer_to_everything(court: Court) -> None:
    court.grow(11)
    receipts = [court.receipt(entry) for entry in court.log]
    court.post()
    court.grow(6)
    court.post()
    court.wait(601)
    for claim, sequence in enumerate((1, 8, 11)):
        court.send(TRADER, court.ledger, omission_call(receipts[sequence - 1]))
        size = (11, 17)[claim % 2]
        proof = court.tree().inclusion_proof(leaf_index(sequence), size)
        court.send(HOUSE, court.ledger, answer_call(claim, size, proof))
    assert (court.bond, court.owed(TRADER.address), court.owed(HOUSE.address)) == (5_000, 0, 30)
