"""The order book by itself: messages in, events out; the plain book and the compiled one agree on every event."""

import random

from walras_solvers.book import Book, Happened, Kind, Message, Refusal, Rule, Side
from walras_solvers.book.compiled import CompiledBook

book = Book()
for message in (
    Message(Kind.LIMIT, order=1, side=Side.SELL, price=101, quantity=5),
    Message(Kind.LIMIT, order=2, side=Side.SELL, price=100, quantity=5),
    Message(Kind.POST_ONLY, order=3, side=Side.BUY, price=100, quantity=1),
    Message(Kind.IOC, order=4, side=Side.BUY, price=101, quantity=12),
):
    print(message)
    for event in book.apply(message):
        print("   ", event)
assert not len(book)

# By size instead of by time: 7 arrive for sizes 10, 30 and 60.
sharing = Book(Rule.PRO_RATA)
sharing.process(Message(Kind.LIMIT, n, Side.SELL, 100, size) for n, size in enumerate((10, 30, 60)))
parts = [event.quantity for event in sharing.apply(Message(Kind.MARKET, 9, Side.BUY, quantity=7))]
print("pro rata", parts)
assert parts == [1, 2, 4]

# The compiled book makes the same events of any stream.
chance = random.Random(9)
stream = [
    Message(chance.choice(list(Kind)), chance.randrange(200), chance.randrange(2), chance.randint(90, 110), 5)
    for _ in range(5_000)
]
events = CompiledBook().process(stream)
assert events == Book().process(stream)
traded = sum(event.quantity for event in events if event.kind == Happened.TRADED)
refused = {Refusal(event.refusal).name for event in events if event.kind == Happened.REFUSED}
print(f"{len(stream)} messages, {len(events)} events, {traded} traded; refused for {', '.join(sorted(refused))}")
