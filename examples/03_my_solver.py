"""A solver of one's own in one file: match two opposite intents of a pair at the middle of their limits.

Run as a program it opens a house with this solver alone and lets two traders meet. The house runs the solver in a
process of its own: ``python -m walras.solver examples/03_my_solver.py:MiddleSolver``.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations

from walras import Batch, Fill, Kind, Solution
from walras.wire import OpenIntent


class MiddleSolver:
    """Two sells of one leg each, both filled as far as the smaller goes, at the geometric middle of their prices."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        simple = [
            one
            for one in batch.intents
            if one.intent.kind is Kind.SELL and len(one.intent.gives) == len(one.intent.wants) == 1
        ]
        found = (self.match(batch, left, right) for left, right in combinations(simple, 2))
        return [solution for solution in found if solution is not None][: batch.max_solutions]

    def match(self, batch: Batch, left: OpenIntent, right: OpenIntent) -> Solution | None:
        one, other = left.intent.gives[0].token, right.intent.gives[0].token
        if (left.intent.wants[0].token, right.intent.wants[0].token) != (other, one):
            return None
        # Limits in atoms of `other` per atom of `one`: left asks at least `low`, right pays at most `high`.
        low = Fraction(left.intent.wants[0].start, left.intent.gives[0].start)
        high = Fraction(right.intent.gives[0].start, right.intent.wants[0].start)
        middle = (low + high) / 2
        prices = {one: middle.numerator, other: middle.denominator}
        scale = (2**100) // max(prices.values()) + 1  # large prices, so that rounding costs at most an atom
        prices = {token: price * scale for token, price in prices.items()}
        left_fee, right_fee = (batch.gas_fee(token, fills=2) for token in (one, other))
        if left_fee is None or right_fee is None or max(prices.values()) >= 2**128 or low > high:
            return None
        # Both sides move what the smaller one can: `net` atoms of `one` after its fee.
        net = min(left.remaining - left_fee, int((right.remaining - right_fee) / middle))
        if net <= 0:
            return None
        gross = net * prices[one] // prices[other]
        fills = (
            Fill(uid=left.uid, executed=net + left_fee, fee=left_fee),
            Fill(uid=right.uid, executed=gross + right_fee, fee=right_fee),
        )
        return Solution(id=left.sequence * 10**6 + right.sequence, prices=prices, fills=fills)


def main() -> None:
    import time

    from walras import Intent
    from walras.client import Client
    from walras_auction.dev import dev_house

    with dev_house([f"{__file__}:MiddleSolver"]) as house, Client(house.url) as client:
        tokens = {token.symbol: token.address for token in client.house().tokens}
        alice, bob = house.traders[:2]
        until = int(time.time()) + 600
        sell = Intent.sell(
            alice.address, (tokens["WETH"], 10**18), (tokens["DAI"], 1_900 * 10**18), valid_to=until, nonce=0
        )
        buy = Intent.sell(
            bob.address, (tokens["DAI"], 2_100 * 10**18), (tokens["WETH"], 10**18), valid_to=until, nonce=0
        )
        uids = [client.submit(intent, key).uid for intent, key in ((sell, alice), (buy, bob))]
        for uid in uids:
            for _ in range(100):
                status = client.status(uid)
                if status.fills:
                    break
                time.sleep(0.2)
            print(f"{uid[:10]}… {status.state}: gave {status.fills[0].gives[0]}, got {status.fills[0].wants[0]}")


if __name__ == "__main__":
    main()
