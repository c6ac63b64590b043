"""The lease on one machine, with real processes and damaged files."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from walras_auction.infra.lease_local import LocalLease
from walras_auction.ports_lease import LeaseError

HOLD = """
import sys
from walras_auction.infra.lease_local import LocalLease
print(LocalLease(sys.argv[1]).acquire("child", 1), flush=True)
sys.stdin.read()
"""


def test_a_process_that_is_killed_leaves_the_lease_to_others(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "1\n"
        with closing(LocalLease(tmp_path)) as lease:
            assert lease.acquire("here", 1) is None
            assert lease.check(1)
            child.send_signal(signal.SIGKILL)
            child.wait()
            assert not lease.check(1)
            assert lease.acquire("here", 1) == 2


def test_the_token_file_names_the_holder(tmp_path: Path) -> None:
    with closing(LocalLease(tmp_path / "new")) as lease:
        lease.acquire("machine-1", 1)
    assert (tmp_path / "new" / "lease.token").read_text() == "1\nmachine-1\n"


@pytest.mark.parametrize("content", [b"", b"x", b"-1\n", b"1.5\n", b"9" * 30, b"\xff", "٣".encode()])
def test_a_damaged_token_is_an_error_and_leaves_the_lease_free(tmp_path: Path, content: bytes) -> None:
    token = tmp_path / "lease.token"
    token.write_bytes(content)
    with closing(LocalLease(tmp_path)) as lease:
        with pytest.raises(LeaseError, match=r"token|folder"):
            lease.acquire("a", 1)
        assert token.read_bytes() == content
        token.write_text("41\n")
        assert lease.acquire("a", 1) == 42


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with closing(LocalLease(tmp_path / "file")) as lease, pytest.raises(LeaseError, match="folder"):
        lease.acquire("a", 1)


def test_a_lock_file_that_was_deleted_does_not_make_two_leaders(tmp_path: Path) -> None:
    with closing(LocalLease(tmp_path)) as old, closing(LocalLease(tmp_path)) as new:
        assert old.acquire("a", 1) == 1
        (tmp_path / "lease.lock").unlink()
        assert new.acquire("b", 1) == 2
        assert not old.check(1)
        assert not old.renew(1)
        assert new.check(2)
