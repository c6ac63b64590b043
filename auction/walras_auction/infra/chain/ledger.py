"""The ledger contract over web3: :class:`walras_auction.rootposts.LedgerChain` beside the chain port."""

from __future__ import annotations

from walras.evidence import post_call
from walras.ledger import ChainAnswerError, LedgerReader, root_topics, roots_in
from walras.log_proofs import PostedRoot

from walras_auction.infra.chain.evm import EvmChain
from walras_auction.infra.chain.rpc import Reverted
from walras_auction.ports import ChainError

#: Three fresh slots, the event and the calldata come to 95,000.
_POST_GAS = 150_000


class EvmLedger:
    """The ledger of ``chain``'s house, which is its operator."""

    def __init__(self, chain: EvmChain) -> None:
        self.address = chain.contracts.ledger
        self._chain = chain
        self._reader = LedgerReader(self._call, self.address)

    def latest_size(self, epoch: int) -> int:
        try:
            return self._reader.latest_size(epoch)
        except ChainAnswerError as error:
            raise ChainError(str(error)) from error

    def send_root(self, epoch: int, size: int, log_root: bytes, state_root: bytes) -> str:
        data = post_call(epoch, size, log_root, state_root)
        self._call(self.address, data)  # a refusal costs nothing and says why
        return self._chain.send(self._chain.sign_call(self.address, data, _POST_GAS)[1])

    def outcome(self, transaction: str) -> PostedRoot | None:
        receipt = self._chain.rpc.receipt(transaction)
        if receipt is None:
            return None
        roots = roots_in(receipt["logs"], self.address)
        if receipt["status"] != 1 or len(roots) != 1:
            raise ChainError(f"the transaction {transaction} posted no root")
        return roots[0]

    def posted(self, epoch: int, first_block: int) -> list[PostedRoot]:
        try:
            return roots_in(self._chain.rpc.logs(self.address, root_topics(epoch), first_block), self.address)
        except ChainAnswerError as error:
            raise ChainError(str(error)) from error

    def _call(self, to: str, data: bytes) -> bytes:
        try:
            return self._chain.rpc.call(to, data, self._chain.house.address)
        except Reverted as error:
            raise ChainError(f"the ledger refuses: 0x{error.data.hex()}") from error
