"""Redis and Postgres as fixtures: one server of each a test process, and one's own for tests that break them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from support.engines import PostgresServer, RedisServer, running


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Shared: to be used under a prefix of one's own, never stopped."""
    with running(RedisServer()) as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """For tests that kill, empty or pause it."""
    with running(RedisServer()) as server:
        yield server


@pytest.fixture
def redis_prefix() -> str:
    """Keys that no other test has."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Shared, fast, not durable: to be used through ``database``, never stopped."""
    with running(PostgresServer()) as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """Durable; for tests that crash, restart or pause it."""
    with running(PostgresServer(durable=True)) as server:
        yield server


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database of one's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        yield postgres_server.url_of(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
