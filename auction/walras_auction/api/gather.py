"""Single submissions gathered into groups: one hop off the event loop, one chain call and one commit for many."""

from __future__ import annotations

import asyncio
from collections import deque

from anyio import to_thread
from walras.rejections import Rejection
from walras.wire import SubmitRequest

from walras_auction.intake import Accepted, Intake

_GROUP = 256
#: Two, so that one group is checked while the other waits for the disk.
_WORKERS = 2

_Waiting = tuple[SubmitRequest, "asyncio.Future[Accepted | Rejection]"]


class Gather:
    """Hands what is waiting to intake. A request alone is not held back: it goes at once."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: deque[_Waiting] = deque()
        self._workers: set[asyncio.Task[None]] = set()

    async def admit(self, request: SubmitRequest) -> Accepted | Rejection:
        """What intake says to ``request``."""
        future: asyncio.Future[Accepted | Rejection] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if len(self._workers) < _WORKERS:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await future

    async def _work(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
            try:
                outcomes = await to_thread.run_sync(self._intake.admit, [request for request, _ in group])
            except Exception as error:
                _fail(group, error)
            else:
                for (_, future), outcome in zip(group, outcomes, strict=True):
                    if not future.done():
                        future.set_result(outcome)


def _fail(group: list[_Waiting], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
