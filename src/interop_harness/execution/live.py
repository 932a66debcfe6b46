"""Drives the test functions against the live endpoint, several at once, so that their exchanges are recorded."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from interop_harness.execution.readings import Readings
from interop_harness.plan import Case, Plan
from interop_harness.suite import Context
from interop_harness.suite.functions import function_of
from interop_harness.suite.judgement import drive

CHAINS = ("references.", "pagination.", "filters.", "fields.", "responses.schema", "roundtrip.")
"""Families that follow one answer with further requests: started first, so that no long chain is left to the end."""

FEW = 2
"""Other cases under way at once when the answers are much: each may hold all of them, parsed."""


class LivePass:
    """Case functions on a thread pool; ``wait`` blocks until a case has made its exchanges.

    There are more case threads than workers, because a case that waits for an exchange another case sent
    does not occupy the network; the transport alone bounds how many requests are under way.
    """

    def __init__(
        self,
        plan: Plan,
        context: Callable[[ThreadPoolExecutor], Context],
        workers: int,
        *,
        first: frozenset[str] = frozenset(),
        much: Callable[[], bool] = lambda: False,
    ) -> None:
        """``first`` are requirements whose cases are started before all others: an order, and nothing more.

        ``much`` tells whether the answers have become so much together that few cases should read them at once.
        """
        self._plan = plan
        self._first = first
        self._much = much
        self._cases = ThreadPoolExecutor(max(4, workers * 3), thread_name_prefix="case")
        self._sends = ThreadPoolExecutor(max(2, workers), thread_name_prefix="send")
        self._context = context(self._sends)
        self._done: Mapping[str, Future[None]] = {}
        self._left = len(plan.cases)
        self._reading = 0
        self._turns = threading.Condition()
        self._stopped = threading.Event()

    def __enter__(self) -> LivePass:
        self._done = {case.id: self._cases.submit(self._drive, case) for case in self.order(self._plan, self._first)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._cases.shutdown(wait=True, cancel_futures=True)
        self._sends.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def order(plan: Plan, first: frozenset[str] = frozenset()) -> list[Case]:
        """What is started when. The seed decides it, so a challenge changes the order as well as the values."""

        def drawn(case: Case) -> str:
            return hashlib.sha256(f"{plan.seed}\norder {case.id}".encode()).hexdigest()

        return sorted(plan.cases, key=lambda case: (case.requirement not in first, _chain(case), drawn(case)))

    def _drive(self, case: Case) -> None:
        chain = _chain(case) < len(CHAINS)
        with self._turns:
            self._turns.wait_for(
                lambda: chain or self._reading < FEW or not self._much() or self._stopped.is_set(),
            )
            self._reading += not chain
        try:
            if not self._stopped.is_set():
                drive(function_of(case.family), case, self._context)
        finally:
            if isinstance(self._context.readings, Readings):
                self._context.readings.release()
            with self._turns:
                self._reading -= not chain
                self._left -= 1
                if not self._left:
                    # What the cases read is of no more use: judging, which goes on, has readings of its own.
                    self._context.readings.clear()
                self._turns.notify_all()

    def wait(self, case: Case) -> None:
        """Return when the case's exchanges are recorded."""
        found = self._done.get(case.id)
        if found is not None:
            found.exception()

    def stop(self) -> None:
        """Start no further case."""
        self._stopped.set()
        for future in self._done.values():
            future.cancel()
        with self._turns:
            self._turns.notify_all()


def _chain(case: Case) -> int:
    for rank, family in enumerate(CHAINS):
        if case.family.startswith(family):
            return rank
    return len(CHAINS)
