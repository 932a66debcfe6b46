"""A run inside a foreign pytest session: live in the background, judged item by item, always marked modified."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import pytest

from interop_harness.errors import HarnessError, SurroundingsError
from interop_harness.evidence import Exchange, Redactor, Secret
from interop_harness.evidence.lines import line
from interop_harness.evidence.redaction import too_common
from interop_harness.execution.directory import EVIDENCE, REPORT, claim, write_files
from interop_harness.execution.live import LivePass
from interop_harness.execution.lock import DirectoryLock
from interop_harness.execution.prepare import prepare
from interop_harness.execution.record import Recorded, barred, make_context
from interop_harness.execution.run import WORKERS, Outcome, Run, conclude, first_lists
from interop_harness.plan import Case
from interop_harness.preflight import preflight, token_too_short, unreachable
from interop_harness.requirement import Level
from interop_harness.suite.body import Bodies
from interop_harness.suite.judgement import CaseFunction, CaseResult, judge
from interop_harness.transport.live import LiveTransport


class Gate:
    """A context manager: entering starts the live pass, leaving stops it and writes the run directory."""

    def __init__(
        self,
        profile: str,
        target: str,
        *,
        claims: Sequence[str] = (),
        authorised_by: str = "",
        workers: int | None = None,
        out: Path | None = None,
    ) -> None:
        self._plan, self._secrets = prepare(profile, target, claims=claims, authorised_by=authorised_by)
        # As for a run: what the command line says, else the target file, else four.
        self._workers = workers or self._plan.implementation.limits.workers or WORKERS
        self._out = claim(out) if out else None
        self._results: dict[str, CaseResult] = {}
        self._ended = False
        self._learnt: queue.SimpleQueue[Secret] = queue.SimpleQueue()
        self._stack = contextlib.ExitStack()
        self._held = contextlib.ExitStack()
        self._rows = {row.id: row for row in self._plan.requirements}

    @property
    def title(self) -> str:
        return f"{self._plan.profile.name} against {self._plan.implementation.base_url} ({len(self._plan.cases)} cases)"

    def __enter__(self) -> Gate:
        plan, bodies = self._plan, Bodies()
        if self._out is not None:
            self._held.enter_context(DirectoryLock(self._out))
        self._started = datetime.now(UTC)
        self._secrets.redactor.learnt = self._learnt.put
        self._transport = self._stack.enter_context(
            LiveTransport(
                plan.implementation,
                self._secrets.credentials,
                self._secrets.redactor,
                workers=self._workers,
                on_exchange=self._keep,
            )
        )
        targets = ("", *first_lists(plan.profile))
        self._probes = tuple(preflight(plan.implementation, self._transport, now=self._started, targets=targets))
        now = self._started.replace(microsecond=0)
        bar = unreachable(list(self._probes))
        self._record = Recorded(self._transport.exchanges, complete=lambda: True)
        send = barred(bar) if bar else self._record.send
        self._context = make_context(plan, send, self._probes, now, judging=True, bodies=bodies)
        self._live = None
        if bar is None:
            self._live = self._stack.enter_context(
                LivePass(
                    plan,
                    lambda pool: make_context(
                        plan,
                        self._transport.send,
                        self._probes,
                        now,
                        judging=False,
                        pool=pool,
                        recorded=self._transport.recorded,
                        bodies=bodies,
                    ),
                    self._workers,
                    much=self._transport.much,
                )
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        with self._held:
            self._stack.close()
            if not self._ended:
                self._refuse()
                if self._out is not None:
                    self._write(self._out)

    def cases(self, family: str) -> list[Case]:
        return [case for case in self._plan.cases if case.family == family]

    def must(self, case: Case) -> bool:
        """Whether the case's requirement is a MUST of the profile itself, and so decides."""
        row = self._rows[case.requirement]
        return row.level is Level.MUST and row.layer in self._plan.profile.binding

    def properties(self, case: Case) -> list[tuple[str, str]]:
        row = self._rows[case.requirement]
        return [("requirement", row.id), ("level", row.level.value), ("clause", row.source.clause)]

    def judge(self, function: CaseFunction, case: Case) -> CaseResult:
        if self._live is not None:
            self._live.wait(case)
        self._refuse()
        result = judge(function, case, self._context, observe=self._rows[case.requirement].observe)
        # What was learnt meanwhile, or by what was asked meanwhile, is not in what is handed on.
        self._refuse()
        self._results[case.id] = result
        return result

    @property
    def _short(self) -> bool:
        """Whether a token came during the run that nothing written or shown could be kept free of.

        One that came before it is the preflight's to name: nothing was asked with it.
        """
        return self._live is not None and token_too_short(self._secrets.redactor)

    def _late(self) -> HarnessError | None:
        """What to say where a secret stands in what was recorded before it was known."""
        news: list[Secret] = []
        with contextlib.suppress(queue.Empty):
            while True:
                news.append(self._learnt.get_nowait())
        if not news or self._live is None:
            return None
        redactor = Redactor(news)
        records = [exchange.as_json() for exchange in list(self._transport.exchanges.values())]
        if not any(redactor.holds(line(record)) for record in records):
            return None
        words = [secret.name for secret in news if secret.common]
        if words:
            return too_common(words[0], "what was recorded before it was issued")
        name = " and ".join(sorted({secret.name for secret in news}))
        return SurroundingsError(
            "secret-late",
            f"The service said {name} before this tool knew it, and what was judged by then may show it. "
            "The run was stopped.",
            "No run directory is written. Take care of what this session printed; a new one may do.",
        )

    def _keep(self, exchange: Exchange) -> None:
        """As for a run: nothing more is asked with such a token."""
        if token_too_short(self._secrets.redactor):
            self._transport.stop()

    def _refuse(self) -> None:
        """End the session where a token cannot be kept out of what is shown or written."""
        if self._short:
            self._end(
                SurroundingsError(
                    "token-short",
                    "The token endpoint issued an access token of fewer than eight characters, which could not be kept "
                    "out of what a run writes. The run was stopped.",
                    "Let the token endpoint issue longer ones. No run directory is written.",
                )
            )
        refusal = self._late()
        if refusal is not None:
            self._end(refusal)

    def _end(self, refusal: HarnessError) -> NoReturn:
        """End the session, as a run ends. What is judged from here on could show the token, so nothing is."""
        self._ended = True
        self._transport.stop()
        pytest.exit(str(refusal), returncode=refusal.exit_code)

    def _write(self, directory: Path) -> None:
        outcome = self._outcome()
        files = {EVIDENCE: outcome.evidence_gz, REPORT: outcome.report_bytes}
        try:
            write_files(directory, files, self._secrets.redactor)
        except HarnessError as error:
            # Said as a command says it: pytest takes an exception at the end of a session for a bug.
            pytest.exit(str(error), returncode=error.exit_code)

    def _outcome(self) -> Outcome:
        results = [self._results[case.id] for case in self._plan.cases if case.id in self._results]
        complete = len(results) == len(self._plan.cases)
        exchanges = dict(sorted(self._transport.exchanges.items()))
        made = Run(self._plan, self._probes, exchanges, self._started, self._workers, complete, modified=True)
        unasked = len(set(exchanges) - self._record.used) if complete else 0
        return conclude(made, results, finished=datetime.now(UTC), unasked=unasked)
