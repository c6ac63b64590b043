"""Audit a house: replay its rounds byte for byte, check the log's hash chain and every receipt, trusting nothing."""

import json
import time

from walras import Intent, recover
from walras.client import Client
from walras.digest import Domain, entry_head, receipt_digest
from walras_auction.dev import dev_house
from walras_auction.record import record_hash, replay


def audit_log(client: Client) -> int:
    """Recompute every head and recover the signer of every receipt; the number of entries."""
    info = client.house()
    domain = Domain(info.chain_id, info.settlement)
    head, count, start = "0x" + "00" * 32, 0, 1
    while start is not None:
        page = client.log(start)
        for entry in page.entries:
            assert entry.previous == head, f"entry {entry.sequence} does not follow its predecessor"
            head = "0x" + entry_head(bytes.fromhex(entry.previous[2:]), entry.body.encode()).hex()
            assert entry.head == head, f"entry {entry.sequence} does not hash to its head"
            if entry.receipt is not None:
                place = (entry.epoch, entry.sequence, entry.time, entry.uid, entry.previous, entry.head)
                signer = recover(receipt_digest(*place, domain), entry.receipt.signature)
                assert signer == info.house_signer, f"receipt {entry.sequence} is not signed by the house"
            count += 1
        start = page.next
    return count


with dev_house() as house, Client(house.url) as client:
    trader = house.traders[0]
    weth, usdc = (house.tokens[symbol].address for symbol in ("WETH", "USDC"))
    intent = Intent.sell(
        trader.address, (weth, 10**18), (usdc, 1_900 * 10**6), valid_to=int(time.time()) + 600, nonce=0
    )
    client.wait(client.submit(intent, trader).uid)

    for line in client.rounds().rounds:
        published = client.record(line.id)
        assert record_hash(published) == line.record_hash
        assert replay(json.loads(published)) == published
        print(f"round {line.id}: {len(published)} bytes, replayed identically")
    print(f"log: {audit_log(client)} entries, chain and receipts hold")

    forged = json.loads(published)
    forged["verdict"]["total"] = "1"
    assert replay(forged) != json.dumps(forged, sort_keys=True, separators=(",", ":")).encode()
    print("a record with a changed score does not replay")
