"""Hold a house to its receipts: prove that your intent is in its log, check the whole log offline, and catch a lie.

The house here is a development house, whose key anyone can compute: so the example can play the operator that gives
one place of the log to two traders. What comes of it is a transaction that the ledger contract takes from anybody.
"""

import tempfile
import time
from pathlib import Path

from walras import Intent
from walras.audit import audit_file
from walras.audit_outcome import Outcome
from walras.client import Client
from walras.digest import Domain, keccak, receipt_digest
from walras.wire import Receipt
from walras_auction.dev import dev_house, dev_key


def lie_about(receipt: Receipt, domain: Domain) -> Receipt:
    """The house's signature under the same place, for something else."""
    place = receipt.model_copy(update={"head": "0x" + keccak(b"something else").hex()})
    words = (place.uid, place.previous, place.head)
    digest = receipt_digest(place.epoch, place.sequence, place.time, *words, domain)
    return place.model_copy(update={"signature": dev_key("house").sign(digest)})


with dev_house(["router"], interval=0.2) as house, Client(house.url) as client:
    trader = house.traders[0]
    weth, usdc = (house.tokens[symbol].address for symbol in ("WETH", "USDC"))
    intent = Intent.sell(
        trader.address, (weth, 10**18), (usdc, 1_900 * 10**6), valid_to=int(time.time()) + 600, nonce=0
    )
    receipt = client.submit(intent, trader)
    assert client.wait(receipt.uid).state == "filled"

    # The round settled, so the house posts the root of its log. A node of yours would be chain="https://…".
    audit = client.audit(receipt, chain=house.chain.rpc.call)
    while audit.outcome is Outcome.PENDING:
        time.sleep(0.1)
        audit = client.audit(receipt, chain=house.chain.rpc.call, seen=audit.seen)
    print(audit.sentence)
    assert (audit.outcome, audit.anchored) == (Outcome.PROVEN, True)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_bytes(b"".join(client.export_log()))
        report = audit_file(path, client.house().house_signer).report
        print(f"export: {report.counts['entries']} entries, {report.counts['receipts']} receipts, ok: {report.ok}")
        assert report.ok

        path.write_bytes(path.read_bytes().replace(trader.address.encode(), house.traders[1].address.encode()))
        found = audit_file(path).report
        print("after changing whose intent it was:", ", ".join(sorted(fault.value for fault in found.faults)))
        assert not found.ok

    # The trader's receipt names another head than the log: one of the two is a lie, and both are signed.
    lied_to = lie_about(receipt, house.chain.domain)
    evidence = client.audit(lied_to, chain=house.chain.rpc.call)
    print(evidence.sentence)
    assert evidence.outcome is Outcome.EVIDENCE
    assert evidence.call is not None
    house.send(house.traders[2], evidence.call)
    print(f"the ledger took the evidence in {len(evidence.call.data)} bytes of calldata")
