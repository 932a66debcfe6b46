"""The pytest gate runs the same suite: it looks where a run looks, and asks no faster than the target file allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from interop_harness.execution.gate import Gate
from tests.hostile.server import KEEP, Asked, answer, serving

from . import processes


class Slow:
    """Answers everything but its root, and knows how many requests were under way at once."""

    def __init__(self, root: Callable[[Asked], object]) -> None:
        self.root, self.lock = root, threading.Lock()
        self.now = self.peak = self.count = 0

    def __call__(self, asked: Asked) -> object:
        if asked.target == "/":
            return self.root(asked)
        with self.lock:
            self.now += 1
            self.count += 1
            self.peak = max(self.peak, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= 1
        asked.say(answer(b"[]"))
        return KEEP


def target(folder: Path, url: str, limits: str) -> str:
    path = folder / "target.yaml"
    path.write_text(f"base_url: {url}\nlimits: {{{limits}}}\n")
    return str(path)


def test_a_service_that_drops_requests_for_its_root_is_tested(tmp_path: Path) -> None:
    service = Slow(Asked.reset)
    with serving(service) as server, Gate(processes.PROFILE, target(tmp_path, server.url, "workers: 4")) as gate:
        processes.wait_until(lambda: service.count > 5, 10)
    assert {probe.name: probe.ok for probe in gate._probes}["http"] is True


@pytest.mark.parametrize(
    ("stated", "said", "most"),
    [("workers: 1", None, 1), ("timeout: 5", None, 4), ("workers: 1", 3, 3)],
    ids=["the target file says", "nobody says", "the command line says"],
)
def test_no_more_requests_at_once_than_for_a_run(stated: str, said: int | None, most: int, tmp_path: Path) -> None:
    service = Slow(lambda asked: asked.say(answer()))
    with (
        serving(service) as server,
        Gate(processes.PROFILE, target(tmp_path, server.url, stated), workers=said) as gate,
    ):
        processes.wait_until(lambda: service.count > 30, 20)
    assert service.peak <= most
    assert gate._workers == most


def test_the_option_leaves_it_to_the_target_file() -> None:
    from interop_harness.plugin import pytest_addoption

    parser = pytest.Parser(_ispytest=True)
    pytest_addoption(parser)
    assert parser.parse([]).interop_workers is None
