"""Lock files: one holder at a time, none after its process, and nothing of anybody else's is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from interop_harness import lock as locks
from interop_harness.execution.lock import DirectoryLock
from interop_harness.lock import ForeignError, Lock
from interop_harness.trust.lock import FileLock

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes")


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "x"), Lock(tmp_path / "x")
    assert first.take("the first\n") and not second.take("the second\n")
    assert second.said == "the first"
    first.release()
    assert not (tmp_path / "x").exists()
    assert second.take("the second\n") and second.said == ""
    second.release()


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from interop_harness.lock import Lock\n"
        "print(Lock(pathlib.Path(sys.argv[1])).take('a very long saying of mine'), flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "x")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "True\n"
    mine = Lock(tmp_path / "x")
    assert not mine.take()
    process.kill()
    process.communicate()
    assert (tmp_path / "x").exists() and mine.take("me")
    assert (tmp_path / "x").read_text() == "me"
    mine.release()


def test_a_file_that_its_owner_removed_meanwhile_is_not_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the old file and whoever makes a new one would both believe that they are alone."""
    path, real, seen = tmp_path / "x", locks._taken, []

    def late(descriptor: int) -> bool:
        if not seen:
            path.unlink()
        seen.append(descriptor)
        return real(descriptor)

    monkeypatch.setattr(locks, "_taken", late)
    lock = Lock(path)
    assert lock.take() and len(seen) == 2 and path.exists()
    lock.release()
    monkeypatch.setattr(locks, "_taken", lambda descriptor: path.unlink() is None)
    assert not Lock(path).take(), "and whoever never gets hold of it, has it not"


FOREIGN: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "a link": (lambda lock, other: lock.symlink_to(other), "a link to another file"),
    "a second name": (lambda lock, other: lock.hardlink_to(other), "a second name of another file"),
    "a pipe": (lambda lock, other: os.mkfifo(lock), "no regular file"),
}


@posix
@pytest.mark.parametrize("kind", FOREIGN)
def test_what_no_command_made_is_left_as_it_is(kind: str, tmp_path: Path) -> None:
    make, what = FOREIGN[kind]
    other = tmp_path / "other"
    other.write_text("precious")
    for name in ("x", ".store.lock"):
        make(tmp_path / name, other)
    with pytest.raises(ForeignError) as caught:
        Lock(tmp_path / "x").take("mine")
    assert caught.value.what == what
    with pytest.raises(OSError, match=what):
        FileLock(tmp_path / "store", 0).__enter__()
    assert other.read_text() == "precious" and os.path.lexists(tmp_path / ".store.lock")


def test_a_place_where_none_can_be_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Lock(tmp_path / "absent" / "x").take()


@posix
def test_who_may_read_them(tmp_path: Path) -> None:
    """A trust store's is its owner's alone; a run's tells others who is writing."""
    before = os.umask(0o022)
    try:
        with FileLock(tmp_path / "store"), DirectoryLock(tmp_path):
            modes = [(tmp_path / name).stat().st_mode & 0o777 for name in (".store.lock", "run.lock")]
    finally:
        os.umask(before)
    assert modes == [0o600, 0o644]


def test_on_a_system_that_locks_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows: what a lock file says stays readable to others, since a byte far behind it is what is locked."""
    held, guard = set[int](), threading.Lock()

    def locking(descriptor: int, how: int, count: int) -> None:
        with guard:
            assert (how, count) == (7, 1) and os.lseek(descriptor, 0, os.SEEK_CUR) > 1000
            node = os.fstat(descriptor).st_ino
            if node in held:
                raise PermissionError(13, "held")
            held.add(node)

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=7))
    first, second = Lock(tmp_path / "x"), Lock(tmp_path / "x")
    assert first.take("123\n") and (tmp_path / "x").read_bytes() == b"123\n"
    assert not second.take() and second.said == "123"
    first.release()
