"""The door to a solver engine of CoW Protocol at a URL: our batch in its words, its response in ours."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
from walras.answers import SolverHealth
from walras.cow.asking import Question, question
from walras.cow.hearing import Heard, heard
from walras.cow.notices import misheard, notification
from walras.rejections import Reason
from walras.wire import Batch, Notice

from walras_auction.bids import SolverIdentity
from walras_auction.invite import DoorError

MAX_ANSWER_BYTES = 8 * 2**20
#: Of the deadline, how much is kept for the way there and back, at most half a second.
_ON_THE_WAY, _MOST_ON_THE_WAY = 0.1, 0.5
#: Requests that are still open when the next round asks; an engine that holds more is not asked.
_MOST_OPEN = 4
_NOTIFY_SECONDS = 5.0
_PREFIX, _SUFFIX = b'{"method":"solve","batch":', b"}\n"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CowDoor:
    """Asks ``POST {url}/solve`` and tells ``POST {url}/notify``. Redirects and proxies are not followed.

    ``gas_percent`` scales the price of gas that the engine is told, since it knows what settling costs at CoW only.
    """

    def __init__(
        self,
        identity: SolverIdentity,
        url: str,
        gas_percent: int = 200,
        answer_bytes: int = MAX_ANSWER_BYTES,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.identity = identity
        self._url = url.rstrip("/")
        self._gas_percent = gas_percent
        self._cap = answer_bytes
        self._now = now
        self._open = threading.Semaphore(_MOST_OPEN)
        self._ids: tuple[int, Mapping[int, int]] = (0, {})
        self._failure: DoorError | None = None
        self._asked = False

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        try:
            answer = self._ask(batch, deadline_ms / 1_000)
        except DoorError as error:
            self._failure = error
            raise
        self._failure, self._asked = None, True
        return answer

    def tell(self, notices: Sequence[Notice]) -> None:
        round_id, ids = self._ids
        bodies = [notification(one, ids.get(one.solution)) for one in notices if one.round == round_id]
        self._notify([body for body in bodies if body is not None])

    def standing(self) -> SolverHealth:
        """How the engine is: not asked yet, ready, or failing since its last question."""
        state: Literal["ready", "starting", "failing"] = "ready" if self._asked else "starting"
        failure = self._failure
        return SolverHealth(
            name=self.identity.name,
            address=self.identity.address,
            state="failing" if failure else state,
            reason=failure.reason.value if failure else None,
            detail=failure.detail if failure else "",
        )

    def close(self) -> None:
        """Nothing is kept open between rounds."""

    def _ask(self, batch: bytes, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        way = min(seconds * _ON_THE_WAY, _MOST_ON_THE_WAY)
        deadline = self._now() + timedelta(seconds=seconds - way)
        asked = question(_batch(batch), deadline, self._gas_percent)
        if not asked.orders:
            return _no_solutions(asked)
        try:
            found = heard(self._post(asked, end, seconds), asked)
        except ValueError as error:
            self._notify([misheard(asked.batch.round, None, "the response is not a list of solutions")])
            raise DoorError(Reason.ANSWER_MALFORMED, _first(error)) from error
        self._keep(found)
        return found.answer.model_dump_json(by_alias=True).encode()

    def _keep(self, found: Heard) -> None:
        """Keep the engine's own ids for what it is told afterwards; what could not be read it is told now."""
        self._ids = found.answer.round, found.ids
        self._notify([misheard(found.answer.round, found.ids[key], why) for key, why in found.left_out.items()])

    def _post(self, asked: Question, end: float, seconds: float) -> bytes:
        """The response's body before ``end``. A request that hangs is left behind; raises :class:`DoorError`."""
        if not self._open.acquire(blocking=False):
            raise DoorError(Reason.SOLVER_TIMEOUT, "earlier questions are still open")
        done: queue.Queue[bytes | DoorError] = queue.Queue()
        body = asked.auction.model_dump_json(by_alias=True).encode()
        name = f"walras-{asked.batch.round}"
        threading.Thread(
            target=self._send, args=(body, name, end, done), name=f"ask-{self.identity.name}", daemon=True
        ).start()
        try:
            answer = done.get(timeout=max(end - time.monotonic(), 0.001))
        except queue.Empty:
            answer = DoorError(Reason.SOLVER_TIMEOUT, f"no answer within {seconds:.1f} s")
        if isinstance(answer, DoorError):
            raise answer
        return answer

    def _send(self, body: bytes, name: str, end: float, done: queue.Queue[bytes | DoorError]) -> None:
        try:
            done.put(self._receive(body, name, end))
        except DoorError as error:
            done.put(error)
        except httpx.TimeoutException:
            done.put(DoorError(Reason.SOLVER_TIMEOUT, "the deadline passed while it was asked"))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            done.put(DoorError(Reason.SOLVER_CRASHED, f"it does not answer: {type(error).__name__}: {error}"[:300]))
        finally:
            self._open.release()

    def _receive(self, body: bytes, name: str, end: float) -> bytes:
        headers = {"content-type": "application/json", "accept-encoding": "identity", "x-request-id": name}
        chunks, size = [], 0
        with (
            _client(max(end - time.monotonic(), 0.001)) as client,
            client.stream("POST", f"{self._url}/solve", content=body, headers=headers) as response,
        ):
            if response.status_code != 200:
                raise DoorError(Reason.ANSWER_MALFORMED, f"status {response.status_code}")
            for chunk in response.iter_raw():  # raw: a compressed answer is not unpacked, however small it looks
                size += len(chunk)
                if size > self._cap:
                    raise DoorError(Reason.ANSWER_TOO_LARGE, f"more than {self._cap} bytes")
                if time.monotonic() > end:
                    raise DoorError(Reason.SOLVER_TIMEOUT, "the deadline passed in the middle of its answer")
                chunks.append(chunk)
        return b"".join(chunks)

    def _notify(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        if bodies:
            threading.Thread(target=self._tell, args=(bodies,), daemon=True).start()

    def _tell(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """What is told is not waited for, and nothing hangs on it."""
        try:
            with _client(_NOTIFY_SECONDS) as client:
                for body in bodies:
                    with client.stream("POST", f"{self._url}/notify", json=body):
                        pass
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return


def _client(seconds: float) -> httpx.Client:
    return httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False)


def _batch(message: bytes) -> Batch:
    """The batch out of the ``solve`` message."""
    return Batch.model_validate_json(message[len(_PREFIX) : -len(_SUFFIX)])


def _no_solutions(asked: Question) -> bytes:
    return b'{"round":%d,"solutions":[]}' % asked.batch.round


def _first(error: ValueError) -> str:
    """One line of what is wrong."""
    return " ".join(str(error).split())[:300]
