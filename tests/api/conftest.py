"""One house a test, served on a port of its own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from house_fakes import Desk, FakeChain, ManualClock, open_house, served
from walras_auction.api.house import ApiConfig


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
