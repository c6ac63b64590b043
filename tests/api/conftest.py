"""One house a test, served on a port of its own."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from house_fakes import FakeChain, ManualClock, open_house, served
from walras_auction.api.house import ApiConfig, House


@dataclass(frozen=True)
class Desk:
    """A house and a plain HTTP client at its door."""

    house: House
    chain: FakeChain
    clock: ManualClock
    url: str
    http: httpx.Client

    def post(self, path: str, body: bytes | str) -> httpx.Response:
        return self.http.post(path, content=body, headers={"Content-Type": "application/json"})

    def held(self) -> tuple[int, int]:
        """Length of the log and number of open intents: what a refusal may not change."""
        return self.house.store.snapshot(0).log_length, len(self.house.store.open_intents())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    chain, clock = FakeChain(), ManualClock()
    config = ApiConfig(max_body_bytes=8192, max_batch_bytes=16384, cors_origins=("https://dash.example",))
    with (
        closing(open_house(tmp_path / "store.db", chain, clock, config)) as house,
        served(house) as url,
        httpx.Client(base_url=url) as http,
    ):
        yield Desk(house, chain, clock, url, http)
