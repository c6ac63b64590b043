"""Limits per client address: requests and bytes, refused with 429 before anything is read or checked.

A request costs one token, and one more for every KiB of its body. The body is paid for when it has come, as a debt:
what has been read is answered, and the next request waits. (Limits per owner are intake's: only a signature says whose
request it is.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from walras_auction.api.front import API_HEADERS, is_api
from walras_auction.api.limits import Network
from walras_auction.api.problems import response_of
from walras_auction.buckets import Buckets, rate_limited
from walras_auction.intake import Intake

_PAID_BYTES = 1024


class Throttle:
    """Lets requests of the API pass while their client has tokens."""

    def __init__(self, app: ASGIApp, buckets: Buckets, intake: Intake, trusted: Sequence[Network] = ()) -> None:
        self._app = app
        self._buckets = buckets
        self._intake = intake
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        client = client_of(scope, self._trusted)
        wait = self._buckets.take(client)
        if wait:
            rejection = rate_limited(wait, f"requests from {client}")
            self._intake.refused(rejection)
            await response_of(rejection, dict(API_HEADERS))(scope, receive, send)
            return

        async def counted() -> Message:
            message = await receive()
            body = message.get("body")
            if body:
                self._buckets.owe(client, len(body) // _PAID_BYTES)
            return message

        await self._app(scope, counted, send)


def client_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """Whose request it is: the peer, or whom the nearest trusted proxy names."""
    peer = scope["client"][0] if scope.get("client") else ""
    if not trusted or not _is_in(peer, tuple(trusted)):
        return client_key(peer)
    named = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
    for hop in reversed([part.strip() for part in named.split(",") if part.strip()]):
        if client_key(hop) == "?":
            break  # no address: whoever wrote that is not to be believed further
        peer = hop
        if not _is_in(hop, tuple(trusted)):
            break
    return client_key(peer)


@lru_cache(maxsize=65_536)
def client_key(address: str) -> str:
    """The key of a client: its IPv4 address, or the 64-bit network that one IPv6 client can number as it likes."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "?"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))


@lru_cache(maxsize=65_536)
def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks if network.version == parsed.version)
