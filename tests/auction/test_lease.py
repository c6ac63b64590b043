"""The lease port, the same for one machine and for Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from walras_auction.infra.lease_local import LocalLease
from walras_auction.infra.lease_postgres import PostgresLease
from walras_auction.ports_lease import Lease

TTL = 600.0  # far longer than a test: it ends when the test says so


@dataclass
class Keeper:
    """``open`` gives another process's view of the lease; ``expire`` makes ``holder`` lose it unreleased."""

    open: Callable[[], Lease]
    expire: Callable[[Lease], None]


@pytest.fixture(params=["local", "postgres"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeper]:
    with ExitStack() as stack:
        if request.param == "local":
            yield Keeper(lambda: stack.enter_context(closing(LocalLease(tmp_path))), lambda lease: lease.close())
        else:
            conninfo = request.getfixturevalue("database")
            yield Keeper(
                lambda: stack.enter_context(closing(PostgresLease(conninfo))), lambda _: let_time_pass(conninfo, TTL)
            )


def let_time_pass(conninfo: str, seconds: float) -> None:
    with psycopg.connect(conninfo) as admin:
        admin.execute("UPDATE lease SET until = until - make_interval(secs => %s)", (seconds,))


def won(token: int | None) -> int:
    assert token is not None
    return token


def test_one_holds_it_at_a_time(keeper: Keeper) -> None:
    first, second = keeper.open(), keeper.open()
    token = won(first.acquire("a", TTL))
    assert second.acquire("b", TTL) is None
    assert first.acquire("a", TTL) is None, "nor again by the one that holds it"
    assert first.check(token)
    assert second.check(token), "anybody may ask"
    assert first.renew(token)


def test_of_many_that_ask_at_once_one_gets_it(keeper: Keeper) -> None:
    leases = [keeper.open() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda lease: lease.acquire("x", TTL), leases))
    assert len([token for token in tokens if token is not None]) == 1


def test_tokens_grow(keeper: Keeper) -> None:
    tokens = []
    for _ in range(5):
        lease = keeper.open()
        tokens.append(won(lease.acquire("a", TTL)))
        lease.release(tokens[-1])
        tokens.append(won(lease.acquire("a", TTL)))
        keeper.expire(lease)
    assert tokens == sorted(set(tokens))


def test_what_is_released_is_free_at_once(keeper: Keeper) -> None:
    first, second = keeper.open(), keeper.open()
    token = won(first.acquire("a", TTL))
    first.release(token)
    assert not first.check(token)
    assert not first.renew(token)
    assert second.acquire("b", TTL) is not None


def test_a_leader_that_comes_back_is_refused(keeper: Keeper) -> None:
    old, new = keeper.open(), keeper.open()
    old_token = won(old.acquire("a", TTL))
    keeper.expire(old)
    new_token = won(new.acquire("b", TTL))
    assert new_token > old_token
    assert not old.check(old_token)
    assert not old.renew(old_token)
    assert old.acquire("a", TTL) is None
    old.release(old_token)
    assert new.check(new_token), "a late release ends nobody else's lease"
    assert new.renew(new_token)


def test_an_expired_lease_is_not_renewed_even_if_nobody_took_it(keeper: Keeper) -> None:
    lease = keeper.open()
    token = won(lease.acquire("a", TTL))
    keeper.expire(lease)
    assert not lease.check(token)
    assert not lease.renew(token)
    assert won(lease.acquire("a", TTL)) > token


def test_a_token_that_was_never_given_out(keeper: Keeper) -> None:
    lease = keeper.open()
    assert not lease.check(1)
    token = won(lease.acquire("a", TTL))
    for wrong in (token - 1, token + 1, 0, -1):
        assert not lease.check(wrong)
        assert not lease.renew(wrong)
        lease.release(wrong)
    assert lease.check(token)


@pytest.mark.parametrize("ttl", [0, -1])
def test_a_lease_lasts_some_time(keeper: Keeper, ttl: float) -> None:
    lease = keeper.open()
    with pytest.raises(ValueError, match="lease lasts"):
        lease.acquire("a", ttl)
    assert lease.acquire("a", TTL) is not None
