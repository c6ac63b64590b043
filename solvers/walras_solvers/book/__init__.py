"""An order-book matching engine: a plain one to read, and a compiled one (``walras_solvers.book.compiled``)."""

from walras_solvers.book.messages import MOST, Event, Happened, Kind, Message, Refusal, Rule, Side
from walras_solvers.book.reference import Book
from walras_solvers.book.snapshot import Depth, Open

__all__ = ["MOST", "Book", "Depth", "Event", "Happened", "Kind", "Message", "Open", "Refusal", "Rule", "Side"]
