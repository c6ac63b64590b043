"""A ledger in memory, for tests of what posts to it and reads from it. The real one is in ``tests/chain``."""

from __future__ import annotations

from dataclasses import dataclass, field

from walras.digest import keccak
from walras.ledger import EthCall
from walras.log_proofs import PostedRoot
from walras_auction.ports import ChainError


@dataclass
class FakeLedger:
    """Mines what it is sent at once, or when the test says so; fails when the test says so."""

    address: str = "0x" + "1e" * 20
    mined: list[PostedRoot] = field(default_factory=list)
    waiting: dict[str, PostedRoot] = field(default_factory=dict)
    instant: bool = True
    down: bool = False
    failing: bool = False
    event_reads: int = 0

    def latest_size(self, epoch: int) -> int:
        self._answer()
        return max((root.size for root in self.mined if root.epoch == epoch), default=0)

    def send_root(self, epoch: int, size: int, log_root: bytes, state_root: bytes) -> str:
        self._answer()
        if size <= self.latest_size(epoch):
            raise ChainError("SizeNotGrowing")
        transaction = "0x" + keccak(b"%d %d" % (size, len(self.mined))).hex()
        words = {"log_root": "0x" + log_root.hex(), "state_root": "0x" + state_root.hex()}
        block = len(self.mined) + len(self.waiting) + 1
        self.waiting[transaction] = PostedRoot(epoch=epoch, size=size, transaction=transaction, block=block, **words)
        if self.instant:
            self.mine()
        return transaction

    def mine(self) -> None:
        """Whatever waits gets into a block; or, if that is how it is, fails there."""
        if not self.failing:
            self.mined += self.waiting.values()
            self.waiting.clear()

    def outcome(self, transaction: str) -> PostedRoot | None:
        self._answer()
        if self.failing:
            self.waiting.pop(transaction, None)
            raise ChainError("the transaction failed")
        return next((root for root in self.mined if root.transaction == transaction), None)

    def posted(self, epoch: int, first_block: int) -> list[PostedRoot]:
        self._answer()
        self.event_reads += 1
        return [root for root in self.mined if root.epoch == epoch and root.block >= first_block]

    def _answer(self) -> None:
        if self.down:
            raise ChainError("the node refused the connection")


#: Inclusion within a day, challenges for a week, a stake of 50 atoms.
INCLUSION, CHALLENGE, STAKE, BOND_TOKEN = 86_400, 7 * 86_400, 50, "0x" + "b0" * 20


def eth_call(ledger: FakeLedger) -> EthCall:
    """What a node answers that has ``ledger`` on its chain."""
    words = {
        "inclusionPeriod()": INCLUSION,
        "challengePeriod()": CHALLENGE,
        "challengeStake()": STAKE,
        "bondToken()": int(BOND_TOKEN, 16),
    }
    constants = {keccak(name.encode())[:4]: value.to_bytes(32, "big") for name, value in words.items()}

    def call(to: str, data: bytes) -> bytes:
        assert to == ledger.address
        if data[:4] in constants:
            return constants[data[:4]]
        epoch, *rest = (int.from_bytes(data[at : at + 32], "big") for at in range(4, len(data), 32))
        if data[:4] == keccak(b"latestSize(uint64)")[:4]:
            return ledger.latest_size(epoch).to_bytes(32, "big")
        assert data[:4] == keccak(b"roots(uint64,uint64)")[:4]
        found = [root for root in ledger.mined if (root.epoch, root.size) == (epoch, rest[0])]
        return bytes.fromhex(found[0].log_root[2:] + found[0].state_root[2:]) if found else bytes(64)

    return call
