"""Single requests gathered into groups: one hop off the event loop, one chain call and one commit for many."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

from anyio import to_thread
from walras.rejections import Rejection

from walras_auction.api.admitting import Answer

_GROUP = 256
#: One: what comes while it waits for the disk makes the next group larger, and two would wait for each other's turn.
_WORKERS = 1

_Waiting = tuple[bytes, "asyncio.Future[Answer | Rejection]"]


#: Bodies in, answers out, in their order.
Handle = Callable[[Sequence[bytes]], "list[Answer | Rejection]"]


class Gather:
    """Hands what is waiting to ``handle``. A request alone is not held back: it goes at once."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._waiting: deque[_Waiting] = deque()
        self._workers: set[asyncio.Task[None]] = set()

    async def admit(self, body: bytes) -> Answer | Rejection:
        """What the house says to the request in ``body``."""
        future: asyncio.Future[Answer | Rejection] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, future))
        if len(self._workers) < _WORKERS:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._handle_some()
        finally:
            # In the same step in which nothing was waiting: whoever comes in the next one must start another worker.
            self._workers.remove(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _handle_some(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
        try:
            outcomes = await to_thread.run_sync(self._handle, [body for body, _ in group])
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
