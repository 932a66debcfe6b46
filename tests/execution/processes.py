"""``interop run`` in a process of its own against a reference supplier that counts what it is asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from interop_harness.sandbox.server import serving

PROFILE = "open-referral-uk"


class Counted:
    """How many requests a supplier was asked; can be waited for."""

    def __init__(self) -> None:
        self.requests: list[SandboxRequest] = []
        self._changed = threading.Condition()

    def add(self, request: SandboxRequest) -> int:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            return len(self.requests)

    def wait_for(self, number: int, seconds: float = 60) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= number, seconds), len(self.requests)


Change = Callable[[int, SandboxRequest, SandboxResponse], SandboxResponse]


@contextmanager
def supplier(
    faults: Sequence[str] = (), *, delay_ms: int = 0, change: Change | None = None
) -> Iterator[tuple[str, Counted]]:
    """The reference supplier; ``change`` may replace an answer, given the request's number."""
    inner, counted = handler(PROFILE, faults), Counted()

    def answer(request: SandboxRequest) -> SandboxResponse:
        number = counted.add(request)
        found = inner(request)
        return change(number, request, found) if change else found

    with serving(answer, delay_ms=delay_ms) as url:
        yield url, counted


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "interop_harness", "run", *words]


def start(*words: str, **more: Any) -> subprocess.Popen[str]:
    if os.name == "posix":
        # Whoever started the tests in the background left Ctrl-C ignored, and a child would inherit that.
        more.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    return subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def run(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, timeout=120, check=False, **more)


def report(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "report.json").read_bytes())
    return found


def without_run(found: dict[str, Any]) -> dict[str, Any]:
    """A report but for what names a time or a machine."""
    return {name: value for name, value in found.items() if name != "run"}


def journalled(directory: Path) -> list[dict[str, Any]]:
    """The exchanges of a journal; a last line that was cut off is none."""
    data = (directory / "journal.jsonl").read_bytes()
    records = [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]
    return [record for record in records if record["type"] == "exchange"]


def kill(process: subprocess.Popen[str], number: int = signal.SIGKILL if os.name == "posix" else 9) -> None:
    process.send_signal(number)
    process.communicate(timeout=30)


def wait_until(ready: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.01)
