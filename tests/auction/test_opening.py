"""Addresses: which database, bus and lease they mean, from the file or the environment."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from walras_auction.clock import SystemClock
from walras_auction.config import Config, ConfigError, load_config
from walras_auction.infra.bus_redis import RedisBus
from walras_auction.infra.lease_local import LocalLease
from walras_auction.infra.lease_postgres import PostgresLease
from walras_auction.infra.opening import open_bus, open_lease, open_store
from walras_auction.infra.postgres_store import PostgresStore
from walras_auction.infra.sqlite_store import SqliteStore

CONTRACTS = [
    "settlement",
    "vault",
    "executor",
    "registry",
    "treasury",
    "wrapped_native",
    "hook_runner",
    "ledger",
    "lens",
]


def a_file(folder: Path, *lines: str) -> Path:
    path = folder / "house.toml"
    addresses = (f'{name} = "0x{number:040x}"' for number, name in enumerate(CONTRACTS, 1))
    path.write_text("\n".join(['rpc = "http://127.0.0.1:1"', "[contracts]", *addresses, *lines]) + "\n")
    return path


def load(folder: Path, *lines: str) -> Config:
    return load_config(a_file(folder, *lines))


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WALRAS_POSTGRES", "WALRAS_REDIS"):
        monkeypatch.delenv(name, raising=False)


def test_the_record_is_a_file_unless_an_address_is_named(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert (config.record, config.bus.url) == (Path("walras-data/walras.sqlite"), None)
    named = load(tmp_path, '[store]\nurl = "postgresql://db/walras"', '[bus]\nurl = "redis://cache"')
    assert (named.record, named.bus.url) == ("postgresql://db/walras", "redis://cache")


def test_the_environment_stands_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALRAS_POSTGRES", "postgresql://other/walras")
    monkeypatch.setenv("WALRAS_REDIS", "redis://other")
    config = load(tmp_path, '[store]\nurl = "postgresql://db/walras"')
    assert (config.record, config.bus.url) == ("postgresql://other/walras", "redis://other")


@pytest.mark.parametrize("lines", ['[store]\nurl = "mysql://db"', '[bus]\nurl = "http://x"', "[lease]\nseconds = 0"])
def test_an_address_of_another_kind_is_refused_with_its_line(tmp_path: Path, lines: str) -> None:
    with pytest.raises(ConfigError, match=r"store\.url|bus\.url|lease\.seconds"):
        load(tmp_path, lines)


def test_an_address_opens_what_it_names(tmp_path: Path, database: str) -> None:
    with closing(open_store(tmp_path / "store.db")) as file, closing(open_store(database)) as server:
        assert (type(file), type(server)) == (SqliteStore, PostgresStore)
    with closing(open_lease(tmp_path / "store.db", tmp_path)) as local, closing(open_lease(database, tmp_path)) as far:
        assert (type(local), type(far)) == (LocalLease, PostgresLease)
    with closing(open_bus("redis://127.0.0.1:1", SystemClock())) as bus:
        assert type(bus) is RedisBus


def test_an_address_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_store("mysql://db")
    with pytest.raises(ValueError, match="http"):
        open_bus("http://cache", SystemClock())
