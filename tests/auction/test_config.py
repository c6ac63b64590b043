"""The operator's file: its section of limits, and what each line of it becomes."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from walras_auction.api.limits import AddressLimits
from walras_auction.config import Config, ConfigError, load_config
from walras_auction.intake import IntakeConfig

ADDRESS = "0x" + "11" * 20
NAMES = ["settlement", "vault", "executor", "registry", "treasury", "wrapped_native", "hook_runner", "ledger", "lens"]
BASE = 'rpc = "http://127.0.0.1:8545"\n[contracts]\n' + "".join(f'{name} = "{ADDRESS}"\n' for name in NAMES)


def load(path: Path, limits: str) -> Config:
    file = path / "house.toml"
    file.write_text(f"{BASE}[limits]\n{limits}" if limits else BASE)
    return load_config(file)


def test_a_house_has_limits_unless_it_says_otherwise(tmp_path: Path) -> None:
    limits = load(tmp_path, "").limits
    assert limits.intake() == IntakeConfig(owner_per_second=50, owner_burst=200, backing=100)
    assert limits.addresses() == AddressLimits(500, 2_000)


def test_zero_is_no_limit(tmp_path: Path) -> None:
    limits = load(tmp_path, "per_owner_per_second = 0\nper_address_per_second = 0\nbacking = 0\n").limits
    assert (limits.intake().owner_per_second, limits.intake().backing, limits.addresses()) == (0, 0, None)


def test_proxies_are_networks(tmp_path: Path) -> None:
    limits = load(tmp_path, 'per_address_burst = 7\ntrusted_proxies = ["10.0.0.0/8", "fd00::1"]\n').limits
    assert limits.addresses() == AddressLimits(500, 7, (ip_network("10.0.0.0/8"), ip_network("fd00::1/128")))


@pytest.mark.parametrize(
    "line",
    [
        "per_owner_per_second = -1",
        "per_owner_burst = 0",
        "backing = 1.5",
        'trusted_proxies = ["everyone"]',
        'trusted_proxies = ["10.0.0.1/8"]',
        "per_owner = 5",
    ],
)
def test_a_limit_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match=r"limits\." + line.split(" ")[0]):
        load(tmp_path, line)
