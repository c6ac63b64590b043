"""Calls to one Redis server, each bounded, none repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from walras_auction.infra.backoff import Backoff
from walras_auction.infra.missing import of_stack
from walras_auction.ports_bus import BusError

if TYPE_CHECKING:
    from redis import Redis

#: A connection that was idle for so long is tried with a PING before use.
_HEALTH_CHECK_SECONDS = 15


class RedisLink:
    """A client whose every failure is a :class:`BusError`. A call is never repeated: it may have been carried out.

    ``call_seconds`` bounds making a connection, and waiting for one answer. While ``backoff`` says wait, calls
    fail at once.
    """

    def __init__(self, url: str, call_seconds: float, backoff: Backoff) -> None:
        self._redis = of_stack("redis")
        self._backoff = backoff
        self._client = self._connect(url, call_seconds)
        self._scripts: dict[str, Any] = {}

    def pause(self) -> float:
        """Seconds until calls are made again."""
        return self._backoff.left()

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[object]) -> Any:
        """Run ``script`` on the server."""
        known = self._scripts.get(script) or self._scripts.setdefault(script, self._client.register_script(script))
        return self._bounded(lambda: known(keys=keys, args=arguments))

    def command(self, *words: object) -> Any:
        return self._bounded(lambda: self._client.execute_command(*words))  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close the connections that are idle; one in use is closed when its call is over and the link forgotten."""
        self._client.connection_pool.disconnect(inuse_connections=False)

    def _bounded(self, call: Callable[[], Any]) -> Any:
        if (pause := self._backoff.left()) > 0:
            raise BusError(f"Redis failed a moment ago; it is tried again in {pause:.1f} s")
        try:
            result = call()
        except (self._redis.RedisError, OSError, ValueError) as error:  # ValueError: an answer that is not RESP
            self._backoff.failed()
            raise BusError(f"Redis: {type(error).__name__}: {str(error)[:200]}") from error
        self._backoff.succeeded()
        return result

    def _connect(self, url: str, call_seconds: float) -> Redis:
        client: Redis = self._redis.Redis.from_url(
            url,
            socket_connect_timeout=call_seconds,
            socket_timeout=call_seconds,
            socket_keepalive=True,
            health_check_interval=_HEALTH_CHECK_SECONDS,
            retry=self._redis.retry.Retry(self._redis.backoff.NoBackoff(), 0),
            protocol=2,
        )
        return client
