"""One call of compiled code on an EVM in this process, on any chain id and at any address."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # py-evm imports what is deprecated in its own dependencies
    from eth.chains.base import MiningChain
    from eth.db.atomic import AtomicDB
    from eth.vm.forks.cancun import CancunVM

GAS = 30_000_000
CALLER = bytes(19) + b"\x01"


class Reverted(Exception):
    """The call reverted; ``data`` is its revert data."""

    def __init__(self, data: bytes) -> None:
        super().__init__("0x" + data.hex())
        self.data = data


class Evm:
    """Calls that read: nothing that a call writes is there in the next one."""

    def __init__(self, chain_id: int) -> None:
        chain = MiningChain.configure(vm_configuration=((0, CancunVM),), chain_id=chain_id)
        genesis: dict[str, Any] = {"difficulty": 0, "gas_limit": 10 * GAS, "timestamp": 1, "nonce": bytes(8)}
        self._vm: Any = chain.from_genesis(AtomicDB(), genesis).get_vm()

    def call(self, address: str, code: bytes, data: bytes) -> bytes:
        """What ``code``, run as if it were the contract at ``address``, returns. Raises :class:`Reverted`."""
        to = bytes.fromhex(address[2:])
        done = self._vm.execute_bytecode(
            origin=CALLER, gas_price=0, gas=GAS, to=to, sender=CALLER, value=0, data=data, code=code
        )
        if done.is_error:
            raise Reverted(bytes(done.output))
        return bytes(done.output)
