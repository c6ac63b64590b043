"""A client that trusts nobody: it repeats what was not answered, sends some things twice and some in disorder."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from support.town import HouseFile
from walras.cancels import cancel_request
from walras.digest import intent_uid
from walras.intent import FillRule, Intent
from walras.orders import Order
from walras.signing import Signer
from walras_auction.infra.chain import EvmChain

from .checker import Evidence

_PATIENCE_SECONDS = 0.05


@dataclass
class Wish:
    """One request. ``matched``: it has a counterparty, and so is filled in the end."""

    path: str
    body: str
    uid: str
    matched: bool
    answered: bool = False


class Trader:
    """Sends requests to one house, over its whole troubled life. ``seed`` decides what, and in which order."""

    def __init__(self, house: HouseFile, chain: EvmChain, seed: int, first_nonce: int) -> None:
        self._house = house
        self._domain = chain.domain
        self._random = random.Random(seed)
        self._nonce = first_nonce
        self._waiting: list[Wish] = []
        self.done: list[Wish] = []
        self.receipts: list[Mapping[str, Any]] = []
        self.amounts: dict[str, int] = {}
        self._pause = threading.Event()
        self._http = httpx.Client(base_url=house.url, timeout=5.0)

    def close(self) -> None:
        self._http.close()

    @property
    def next_nonce(self) -> int:
        return self._nonce

    def step(self) -> None:
        """Send something: new, unanswered, or once more. A house that is gone is no news.

        Nothing new while the last match is not filled: a round at a time shows more than a crowd in one.
        """
        if not self._waiting:
            if all(self._state(wish) == "filled" for wish in self.done[-4:] if wish.matched):
                self.invent()
            else:
                self._pause.wait(_PATIENCE_SECONDS)
                self._waiting.append(self._random.choice(self.done))
        again = self._random.random() < 0.2 and self.done
        self._send(self._random.choice(self.done) if again else self._waiting.pop(0))

    def settle_up(self) -> bool:
        """Whether everything is answered and every match is filled; sends what is not answered."""
        for wish in list(self._waiting):
            self._waiting.remove(wish)
            self._send(wish)
        return not self._waiting and all(self._state(wish) == "filled" for wish in self.done if wish.matched)

    def evidence(self) -> Evidence:
        """Everything that the house publishes, and what this client holds of it."""
        log: list[Any] = []
        after: int | None = 1
        while after is not None:
            page = self._http.get("/v1/log", params={"from": after, "limit": 1000}).raise_for_status().json()
            log += page["entries"]
            after = page.get("next")
        rounds = self._http.get("/v1/rounds", params={"limit": 200}).raise_for_status().json()["rounds"]
        records = {one["id"]: self._http.get(f"/v1/rounds/{one['id']}/record").content for one in rounds}
        return Evidence(log, records, self.receipts, self.amounts)

    def invent(self) -> None:
        """Two intents that fill each other, in either order; now and then one that nobody serves, and its cancel."""
        pair = list(self._house.town.match(self._take()))
        self._random.shuffle(pair)
        self._waiting += [self._wish(signer, intent, intent.fill is FillRule.WHOLE) for signer, intent in pair]
        if self._random.random() < 0.5:
            (signer, intent), _ = self._house.town.match(self._take(), greed=10)
            lonely = self._wish(signer, intent, False)
            cancel = cancel_request(lonely.uid, signer, self._domain)
            self._waiting += [lonely, Wish("/v1/cancels", cancel.model_dump_json(by_alias=True), lonely.uid, False)]

    def _take(self) -> int:
        self._nonce += 1
        return self._nonce

    def _wish(self, signer: Signer, intent: Intent, matched: bool) -> Wish:
        order = Order(intent, signer)
        uid = intent_uid(intent, self._domain)
        self.amounts[uid] = intent.full_amount
        return Wish("/v1/intents", order.request(self._domain).model_dump_json(by_alias=True), uid, matched)

    def _send(self, wish: Wish) -> None:
        answer: httpx.Response | None = None
        with contextlib.suppress(httpx.HTTPError):
            answer = self._http.post(wish.path, content=wish.body, headers={"Content-Type": "application/json"})
        if answer is not None and answer.status_code < 300:
            self.receipts.append(answer.json())
            if not wish.answered:
                wish.answered = True
                self.done.append(wish)
        elif answer is not None and answer.status_code < 500:
            raise AssertionError(f"the house refused what it should take: {answer.text}")
        elif not wish.answered:
            self._waiting.insert(0, wish)

    def _state(self, wish: Wish) -> str | None:
        with contextlib.suppress(httpx.HTTPError):
            answer = self._http.get(f"/v1/intents/{wish.uid}")
            if answer.status_code == 200:
                return str(answer.json()["state"])
        return None
