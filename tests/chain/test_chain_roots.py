"""The log's roots in the real ledger, and the evidence of an audit before it: both lies are taken as such."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_abi.abi import encode
from house_fakes import NO_PAGES
from support.desk import Desk, a_desk
from support.world import World, person
from walras import Client
from walras.audit import Fault, audit_log
from walras.audit_ledger import check_ledger
from walras.audit_outcome import Audit, Outcome
from walras.digest import keccak, receipt_digest
from walras.evidence import answer_call, post_call
from walras.jsonrpc import JsonRpc
from walras.ledger import LedgerReader
from walras.log_proofs import PostedRoot
from walras.merkle import EMPTY_ROOT
from walras.wire import Receipt
from walras_auction.api.app import create_app
from walras_auction.assembly import root_posts
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.ledger import EvmLedger
from walras_auction.ports import ChainError
from walras_auction.rootposts import RootPosts
from walras_auction.server import serving

DAY = 86_400


@dataclass
class Office:
    """A house on a real chain, its API, and its ledger."""

    desk: Desk
    posts: RootPosts
    url: str
    client: Client

    @property
    def world(self) -> World:
        return self.desk.world

    @property
    def ledger(self) -> str:
        return self.desk.chain.contracts.ledger

    def grow(self, count: int) -> list[Receipt]:
        """Accept so many intents; their receipts."""
        intents = [self.desk.sell("alice", ("WETH", 10**9), ("USDC", 1_000)) for _ in range(count)]
        return [self.client.submit(intent, person("alice")) for intent in intents]

    def post(self, posts: RootPosts | None = None) -> None:
        """Post, and wait for the block: a node mines in its own time."""
        posts = posts or self.posts
        posts.post()
        if posts._pending is not None:
            assert self.desk.chain._mined(posts._pending.transaction) is not None

    def forge(self, sequence: int) -> Receipt:
        """A receipt of the house for an entry that it never logged, as old as its promise of inclusion."""
        time = self.desk.chain.latest()[1] - DAY - 60
        place = {name: "0x" + keccak(f"lost {name}".encode()).hex() for name in ("uid", "previous", "head")}
        digest = receipt_digest(1, sequence, time, *place.values(), self.desk.chain.domain)
        signature = person("house").sign(digest)
        return Receipt(kind="intent", epoch=1, sequence=sequence, time=time, signature=signature, **place)

    def audit(self, receipt: Receipt) -> Audit:
        now = self.desk.chain.latest()[1]
        return self.client.audit(receipt, chain=self.world.local.rpc.call, ledger=self.ledger, now=now)

    def send(self, sender: str, audit: Audit) -> None:
        """What the evidence asks for: the claimant lets the ledger take its stake, then sends the call."""
        assert audit.call is not None
        stake = self.reader.promise().stake
        approve = selector("approve(address,uint256)") + encode(["address", "uint256"], [self.ledger, stake])
        self.world.send(person(sender), self.world.token("WETH"), approve)
        self.world.send(person(sender), audit.call.to, audit.call.data, gas=600_000)

    @property
    def reader(self) -> LedgerReader:
        return LedgerReader(self.world.local.rpc.call, self.ledger)

    def read(self, function: str, *values: int) -> int:
        data = selector(function) + encode(["uint64"] * len(values), list(values))
        return int.from_bytes(self.world.local.rpc.call(self.ledger, data)[:32], "big")


@pytest.fixture
def office(world: World, tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as stack:
        yield an_office(world, tmp_path, stack)


def an_office(world: World, folder: Path, stack: ExitStack) -> Office:
    desk = stack.enter_context(a_desk(world, folder))
    posts = root_posts(desk.house, desk.chain)
    assert posts is not None
    url = stack.enter_context(serving(create_app(desk.house, NO_PAGES, posts)))
    return Office(desk, posts, url, stack.enter_context(Client(url)))


def test_a_posted_root_is_on_chain_and_proves_its_entries(office: Office) -> None:
    receipts = office.grow(3)
    office.post()
    office.grow(2)
    size, root = office.posts.proofs.root(3)
    assert office.reader.newest(1) == (size, root)
    posted = office.posts.last()
    assert posted is not None
    assert (posted.size, posted.log_root) == (3, "0x" + root.hex())
    receipt = office.desk.chain.rpc.receipt(posted.transaction)
    assert receipt is not None
    assert receipt["blockNumber"] == posted.block
    assert receipt["gasUsed"] < 100_000
    found = office.audit(receipts[1])
    assert (found.outcome, found.anchored) == (Outcome.PROVEN, True)


def test_after_a_restart_the_chain_is_asked_and_nothing_is_posted_twice(office: Office) -> None:
    office.grow(2)
    office.post()
    first = office.posts.last()
    block = office.desk.chain.latest()[0]
    again = root_posts(office.desk.house, office.desk.chain)
    assert again is not None
    office.post(again)
    assert office.desk.chain.latest()[0] == block
    assert again.last() == first
    office.grow(1)
    office.post(again)
    assert [root.size for root in again.page(0, 10)] == [2, 3]


def test_the_ledger_says_why_it_refuses(office: Office) -> None:
    office.grow(1)
    office.post()
    ledger = EvmLedger(office.desk.chain)
    with pytest.raises(ChainError, match=selector("SizeNotGrowing(uint64,uint64,uint64)").hex()):
        ledger.send_root(1, 1, EMPTY_ROOT, bytes(32))


def test_a_transaction_that_posts_nothing_is_a_failure(office: Office) -> None:
    office.grow(1)
    office.post()
    root = office.posts.last()
    assert root is not None
    late = post_call(1, 1, EMPTY_ROOT, bytes(32))  # a size that is there already
    chain = office.desk.chain
    transaction = chain.send(chain.sign_call(office.ledger, late, 150_000)[1])
    assert chain._mined(transaction) is not None
    with pytest.raises(ChainError, match="posted no root"):
        EvmLedger(chain).outcome(transaction)
    assert EvmLedger(chain).outcome("0x" + "12" * 32) is None
    assert EvmLedger(chain).outcome(root.transaction) == root


def test_the_ledger_takes_the_evidence_of_an_omission(office: Office) -> None:
    """The entry is in no tree of the house; nobody else has a receipt of its place."""
    office.grow(2)
    lost = office.forge(3)
    office.post()
    found = office.audit(lost)
    assert found.outcome is Outcome.EVIDENCE
    assert "challengeOmission" in found.sentence
    office.send("alice", found)
    assert office.read("openChallenges()") == 1
    # And the house has no answer: no proof of another entry will do.
    office.grow(1)
    office.post()
    proof = office.posts.proofs.inclusion(3)
    answer = answer_call(0, proof.size, [bytes.fromhex(word[2:]) for word in proof.proof])
    with pytest.raises(ChainError):
        office.world.send(person("house"), office.ledger, answer)
    assert office.read("openChallenges()") == 1


def test_the_ledger_takes_the_evidence_of_an_equivocation(office: Office) -> None:
    office.grow(3)
    lost = office.forge(2)
    office.post()
    found = office.audit(lost)
    assert found.outcome is Outcome.EVIDENCE
    assert "proveEquivocation" in found.sentence
    office.send("bob", found)
    assert office.read("equivocated(uint64,uint64)", 1, 2) == 1


def test_the_ledger_does_not_take_it_against_an_honest_house(office: Office) -> None:
    """Whoever claims what is not so has the stake taken: the house answers with the proof that its API serves."""
    (receipt,) = office.grow(1)
    office.post()
    assert office.audit(receipt).call is None
    proof = office.client.inclusion(1, 1)
    assert proof.root == "0x" + office.reader.newest(1)[1].hex()  # type: ignore[index]


# ------------------------------------------------------------------ an export against the chain


@pytest.fixture
def exported(worlds: dict[str, World], tmp_path: Path) -> Iterator[tuple[list[bytes], JsonRpc, Office]]:
    """An export of a house on a chain that has an address: anvil's."""
    with worlds["anvil"].at_rest() as world, ExitStack() as stack:
        office = an_office(world, tmp_path, stack)
        for _ in range(3):
            office.grow(2)
            office.post()
        office.grow(1)
        lines = list(office.client.export_log())
        url = world.local.rpc.w3.provider.endpoint_uri  # type: ignore[attr-defined]
        yield lines, stack.enter_context(JsonRpc(url)), office


def checked(lines: list[bytes], node: JsonRpc, ledger: str | None = None) -> set[tuple[Fault, int]]:
    audit = audit_log(lines)
    check_ledger(audit, node, ledger)
    return {(finding.fault, finding.sequence) for finding in audit.report.findings}


def test_an_export_agrees_with_the_chain(exported: tuple[list[bytes], JsonRpc, Office]) -> None:
    lines, node, office = exported
    audit = audit_log(lines)
    check_ledger(audit, node, office.ledger)
    assert audit.report.ok, [str(finding) for finding in audit.report.findings]
    assert (audit.size, audit.report.counts["roots"], audit.report.counts["roots on chain"]) == (7, 3, 3)
    office.post()  # a root that is younger than the export's newest was posted after it
    assert checked(lines, node) == set()
    assert checked([*lines[:-6], *lines[-3:]], node) >= {(Fault.ROOT_BEYOND_LOG, 6)}


def test_a_root_posted_after_the_export_has_to_fit_the_log(exported: tuple[list[bytes], JsonRpc, Office]) -> None:
    lines, node, office = exported
    lie = post_call(1, 7, EMPTY_ROOT, bytes(32))
    office.world.send(person("house"), office.ledger, lie)
    assert checked(lines, node) == {(Fault.ROOT_MISMATCH, 7)}


def test_a_root_that_the_export_leaves_out_is_found(exported: tuple[list[bytes], JsonRpc, Office]) -> None:
    lines, node, _ = exported
    assert checked([*lines[:-2], lines[-1]], node) == {(Fault.NOT_IN_EXPORT, 4)}


def test_a_root_that_was_never_posted_is_found(exported: tuple[list[bytes], JsonRpc, Office]) -> None:
    lines, node, office = exported
    size, root = office.posts.proofs.root(5)
    words = {"log_root": "0x" + root.hex(), "state_root": "0x" + "00" * 32, "transaction": "0x" + "12" * 32}
    made_up = PostedRoot(epoch=1, size=size, block=9, **words)
    line = b'{"root":' + made_up.model_dump_json(by_alias=True).encode() + b"}\n"
    assert checked([*lines[:-1], line, lines[-1]], node) == {(Fault.NOT_ON_CHAIN, 5)}


def test_an_export_of_another_chain_or_ledger_is_found(exported: tuple[list[bytes], JsonRpc, Office]) -> None:
    lines, node, office = exported
    without = lines[0].replace(b'"ledger":"' + office.ledger.encode() + b'"', b'"ledger":null')
    assert checked([without, *lines[1:]], node) == {(Fault.NOT_ON_CHAIN, size) for size in (2, 4, 6)}
    assert checked([without, *lines[1:]], node, office.ledger) == set()
    header = lines[0].replace(b'"chainId":', b'"chainId":1')
    assert (Fault.NOT_ON_CHAIN, 0) in checked([header, *lines[1:]], node)
