"""The yardstick: a bare httpx client that sends the very requests of a run, in the same order of dependence."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from interop_harness.evidence import Evidence, Exchange, Request
from interop_harness.execution.record import Recorded, instant, make_context
from interop_harness.plan import Plan
from interop_harness.suite.functions import function_of
from interop_harness.suite.judgement import drive


class Chain:
    """The batches of requests that one case made, each batch after the answers to the one before.

    Stands in for a live pass: for its transport (``send``) and for its pool (``submit``).
    """

    def __init__(self, recorded: Callable[[Request], Exchange]) -> None:
        self.batches: list[list[Request]] = []
        self._recorded = recorded
        self._open: list[Request] = []
        self._noted = False

    def submit(self, send: Callable[[Request], Exchange], request: Request) -> Answer:
        """One of several requests that are independent of one another: their batch ends when an answer is read."""
        self._open.append(request)
        return Answer(self, send, request)

    def send(self, request: Request) -> Exchange:
        if not self._noted:
            self.close()
            self.batches.append([request])
        return self._recorded(request)

    def read(self, send: Callable[[Request], Exchange], request: Request) -> Exchange:
        """The answer to a request whose batch is noted already; ``send`` may be another's, who listens."""
        self.close()
        self._noted = True
        try:
            return send(request)
        finally:
            self._noted = False

    def close(self) -> None:
        if self._open:
            self.batches.append(self._open)
            self._open = []


@dataclass(frozen=True, slots=True)
class Answer:
    """What a pool returns for a request that was submitted."""

    chain: Chain
    send: Callable[[Request], Exchange]
    request: Request

    def result(self) -> Exchange:
        return self.chain.read(self.send, self.request)


def chains(plan: Plan, evidence: Evidence) -> list[list[list[Request]]]:
    """What each case waited for, learnt by driving it over the record."""
    found = []
    record = Recorded(evidence.exchanges, complete=lambda: True)
    now = instant(evidence.header["run"]["started"])
    for case in plan.cases:
        chain = Chain(record.send)
        context = make_context(plan, chain.send, evidence.probes, now, judging=False, pool=chain)
        drive(function_of(case.family), case, context)
        chain.close()
        found.append(chain.batches)
    learnt = {request.key for batches in found for batch in batches for request in batch}
    if learnt != set(evidence.exchanges):
        odd = sorted(learnt ^ set(evidence.exchanges))
        raise RuntimeError(f"the yardstick asks otherwise than the run did: {len(odd)} requests, such as {odd[:4]}")
    return found


def dependencies(found: list[list[list[Request]]]) -> list[tuple[Request, list[str]]]:
    """Each distinct request once, with the keys it waits for: the shortest chain that any case gives it."""
    needs: dict[str, tuple[int, Request, list[str]]] = {}
    for batches in found:
        before: list[str] = []
        for depth, batch in enumerate(batches):
            for request in batch:
                # By depth: what a request waits for then lies less deep than itself, and nothing waits in a circle.
                if request.key not in needs or depth < needs[request.key][0]:
                    needs[request.key] = (depth, request, before)
            before = [request.key for request in batch]
    return [(request, waits) for _, request, waits in needs.values()]


def send_bare(base_url: str, needs: list[tuple[Request, list[str]]], threads: int) -> tuple[float, float]:
    """Seconds of wall clock and of CPU for sending everything with ``threads`` threads and nothing around it."""
    import httpx

    waiting = {request.key: (request, set(before)) for request, before in needs}
    followers: dict[str, list[str]] = {}
    for request, before in needs:
        for key in before:
            followers.setdefault(key, []).append(request.key)
    lock, finished = threading.Lock(), threading.Event()
    left = len(needs)
    with (
        httpx.Client(
            base_url=base_url, limits=httpx.Limits(max_connections=threads), timeout=30, trust_env=False
        ) as client,
        ThreadPoolExecutor(threads) as pool,
    ):
        started, cpu = time.perf_counter(), time.process_time()

        def go(request: Request) -> None:
            nonlocal left
            headers = list(request.headers)
            client.request(request.method, base_url + request.target, headers=headers, content=request.body or None)
            ready = []
            with lock:
                left -= 1
                for key in followers.get(request.key, ()):
                    follower, open_ = waiting[key]
                    open_.discard(request.key)
                    if not open_:
                        ready.append(follower)
                if not left:
                    finished.set()
            for follower in ready:
                pool.submit(go, follower)

        for request, before in needs:
            if not before:
                pool.submit(go, request)
        if not finished.wait(600):
            raise RuntimeError("the bare client did not end")
        return time.perf_counter() - started, time.process_time() - cpu


def main() -> None:
    """``python -m benchmarks.bare FILE BASE_URL THREADS``: send what the file lists, print seconds."""
    listed = json.loads(Path(sys.argv[1]).read_text())
    needs = [
        (Request(one["method"], one["target"], tuple(map(tuple, one["headers"])), fresh=one["fresh"]), one["needs"])
        for one in listed
    ]
    wall, cpu = send_bare(sys.argv[2], needs, int(sys.argv[3]))
    print(json.dumps({"wall": wall, "cpu": cpu, "requests": len(needs)}))


def listing(needs: list[tuple[Request, list[str]]]) -> list[dict]:
    return [
        {
            "method": request.method,
            "target": request.target,
            "headers": [list(pair) for pair in request.headers],
            "fresh": request.fresh,
            "needs": before,
        }
        for request, before in needs
    ]


if __name__ == "__main__":
    main()
