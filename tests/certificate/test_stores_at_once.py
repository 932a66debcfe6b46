"""Commands that change a trust store, or remember its version, at the same moment: nothing of either is lost."""

from __future__ import annotations

import json
import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest

from interop_harness.errors import VerificationError
from interop_harness.trust import Status, load_stores, write_local
from interop_harness.trust import lock as locks
from interop_harness.trust.lock import BusyError, FileLock
from interop_harness.trust.seen import ASIDE, SEEN, refuse_rollback
from tests.certificate import made
from tests.certificate.test_bad_input import Desk

KEY = made.SUPPLIER.public.keyid


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


def test_a_revocation_is_not_lost_to_a_command_that_read_the_store_before(desk: Desk, monkeypatch: Any) -> None:
    """Somebody revokes between the moment another command first reads the store and the one when it writes."""
    from interop_harness.cli import trust

    desk.write("other.pub.pem", made.STRANGER.public.pem.encode())
    real, reads = trust._open, []

    def reading(path: Path, now: Any, **more: Any) -> Any:
        store = real(path, now, **more)
        reads.append(path)
        if len(reads) == 1:
            write_local(path, store.with_status(KEY, Status.REVOKED, now))
        return store

    monkeypatch.setattr(trust, "_open", reading)
    assert desk.interop("trust", "add", "other.pub.pem", "--issuer", "Other", "--yes").code == 0
    store = load_stores([Path("trust.json")])[0]
    found = store.find(KEY)
    assert found and found.status is Status.REVOKED and store.find(made.STRANGER.public.keyid)


def test_while_another_changes_the_store_a_command_waits_and_then_says_so(desk: Desk, monkeypatch: Any) -> None:
    before = Path("trust.json").read_bytes()
    monkeypatch.setattr(locks.FileLock.__init__, "__defaults__", (0.1,))
    with FileLock(Path("trust.json")):
        said = desk.interop("trust", "revoke", KEY)
    assert (said.code, "trust-store-busy" in said.text) == (2, True), said.text
    assert Path("trust.json").read_bytes() == before
    assert desk.interop("trust", "revoke", KEY).code == 0
    assert sorted(path.name for path in Path().iterdir() if "lock" in path.name) == []


def test_a_lock_waits_for_its_turn(tmp_path: Path) -> None:
    first = FileLock(tmp_path / "x")
    first.__enter__()
    ended = threading.Event()

    def end() -> None:
        ended.set()
        first.__exit__(None, None, None)

    timer = threading.Timer(0.2, end)
    timer.start()
    with FileLock(tmp_path / "x", 20):
        assert ended.is_set()
    timer.join()
    with FileLock(tmp_path / "x"), pytest.raises(BusyError):
        FileLock(tmp_path / "x", 0.05).__enter__()
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / ".x.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        FileLock(tmp_path / "x").__enter__()
    assert (tmp_path / "elsewhere").read_text() == "kept"


def _remember(name: str, times: int) -> None:
    for version in range(2, times):
        refuse_rollback([(name, version)])


def test_versions_that_others_see_at_the_same_moment_are_remembered(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    names = [f"SHA256:{letter} store" for letter in "abc"]
    context = multiprocessing.get_context("fork")
    readers = [context.Process(target=_remember, args=(name, 60)) for name in names]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [reader.exitcode for reader in readers] == [0, 0, 0]
    assert json.loads((tmp_path / "interop-harness" / SEEN).read_text()) == dict.fromkeys(names, 59)
    for name in names:
        with pytest.raises(VerificationError, match="version 59 was seen"):
            refuse_rollback([(name, 58)])


@pytest.mark.parametrize("content", [b"", b'{"SHA256:a A": 6', b"[1]", b'{"SHA256:a A": "6"}', b"\xff", b"[" * 9999])
def test_a_damaged_memory_is_said_and_put_aside(tmp_path: Path, monkeypatch: Any, content: bytes) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert refuse_rollback([("SHA256:a A", 6)]) == ""
    place = tmp_path / "interop-harness"
    (place / SEEN).write_bytes(content)
    said = refuse_rollback([("SHA256:a A", 5)])
    assert "is damaged and was put aside" in said and str(place / SEEN) in said
    assert (place / ASIDE).read_bytes() == content
    assert refuse_rollback([("SHA256:a A", 5)]) == "", "from now on it remembers again"
    with pytest.raises(VerificationError):
        refuse_rollback([("SHA256:a A", 4)])


def test_a_memory_that_can_be_read_but_not_written_still_counts(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    refuse_rollback([("SHA256:a A", 6)])
    place = tmp_path / "interop-harness"
    (place / f".{SEEN}.lock").mkdir()
    with pytest.raises(VerificationError, match="version 6 was seen"):
        refuse_rollback([("SHA256:a A", 5)])
    assert "cannot be remembered" in refuse_rollback([("SHA256:a A", 7)])
