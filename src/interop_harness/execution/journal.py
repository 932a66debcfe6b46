"""The journal of a run: every exchange as it happens, so that a run that was cut off can go on where it was.

It lies in the run directory until the evidence, which holds all of it, is written. Each line is in the file before
anybody sees the answer; a process that is killed loses what was on its way and nothing else.
"""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interop_harness.errors import HarnessError, SurroundingsError, UsageError
from interop_harness.evidence import Exchange, Probe, Redactor, Secret
from interop_harness.evidence.lines import line
from interop_harness.evidence.redaction import too_common
from interop_harness.execution.sweeping import sweep
from interop_harness.plan import Plan

FORMAT = "interop-journal/1"
JOURNAL = "journal.jsonl"
LOOK_EVERY = 1.0
"""Seconds between looks at whether the file is still where it was."""
LOOK_BACK_SHARE = 9
"""Looking for new secrets in what was written takes no more than one part in ten of the time."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line said of a run and its plan does not hold, or not by itself."""

    fail_on: str = "must"
    max_time: float | None = None
    """Seconds, for all parts of the run together."""
    baseline: Mapping[str, Any] | None = None
    """The known failures as they were read, with their digest: the file may have changed when the run goes on."""
    claims: tuple[str, ...] = ()
    timeout: float | None = None
    authorised_by: str = ""
    """These three over what the target file says: with them the file can be told from one that has changed."""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "claims": list(self.claims)}


def to_resume(directory: Path, folder: str = "") -> str:
    """The command that goes on with the run in a directory, to be pasted.

    ``folder`` is where its profile is, if it was named by that: the journal names it by id and version alone.
    """
    return f"interop run {f'{shlex.quote(folder)} ' if folder else ''}--resume {shlex.quote(str(directory))}"


def nothing_to_resume(directory: Path) -> None:
    """Raise UsageError when the directory has no journal."""
    if not (directory / JOURNAL).is_file():
        raise UsageError(
            "resume-nothing",
            f"{directory} holds no run that was cut off.",
            "A run that ended has report.json and cannot be resumed; start a new one.",
        )


class Journal:
    """Appends to the journal of one directory. Safe to use from many threads.

    Nothing here raises once the run is under way: ``trouble`` holds the first error, and each
    method says whether all is well.
    """

    def __init__(
        self,
        directory: Path,
        redactor: Redactor,
        *,
        keep: int = 0,
        choices: Choices | None = None,
        folder: str = "",
    ) -> None:
        """``keep`` is the length of an earlier run's journal up to its last whole line; 0 starts anew.

        ``folder`` is where the profile is, if it was named by that.
        """
        self.path = directory / JOURNAL
        self.trouble: HarnessError | None = None
        self.exchanges = 0
        """How many were written."""
        self._redactor = redactor
        self._choices = choices or Choices()
        self._to_resume = to_resume(directory, folder)
        self._lock = threading.Lock()
        self._looked = time.monotonic()
        self._resumable = True
        flags = os.O_WRONLY | os.O_APPEND | (0 if keep else os.O_CREAT | os.O_EXCL)
        try:
            self._descriptor = os.open(self.path, flags, 0o644)
            if keep:
                os.ftruncate(self._descriptor, keep)
        except OSError as error:
            raise self._unwritable(error) from error
        # Ours by now: until its first line is whole, there is nothing that a later run could go on with.
        self._resumable = bool(keep)
        self._news: list[Secret] = []
        self._look_back_from = 0.0
        redactor.learnt = self._learnt

    def begin(self, plan: Plan, suite: Mapping[str, str], started: datetime) -> None:
        """Write what a later run must know to go on. Raises UsageError when it cannot be written."""
        implementation = plan.implementation
        record = {
            "type": "header",
            "format": FORMAT,
            "plan": plan.as_json(),
            "plan_sha256": plan.sha256,
            "suite": dict(suite),
            "run": {"started": started.isoformat(timespec="seconds")},
            "choices": self._choices.as_json(),
            # Without credentials and files the run can go on from the journal alone.
            "target_needed": bool(
                implementation.auth.kind != "none"
                or implementation.auth.certificate_file
                or implementation.ca_file
                or implementation.proxy
            ),
        }
        if not self._append(record):
            assert self.trouble is not None
            raise self.trouble
        self._resumable = True

    def probes(self, probes: Sequence[Probe]) -> bool:
        """Write what the preflight saw: one line, since half of it is nothing that a run could go on from."""
        return self._append({"type": "probes", "probes": [probe.as_json() for probe in probes]})

    def spent(self) -> bool:
        """Write that a request goes out which no exchange tells of: a run that goes on counts it."""
        return self._append({"type": "spent", "requests": 1})

    def going(self) -> bool:
        """Write that the run goes on from now: what its time is limited to counts without the pauses."""
        return self._append({"type": "going", "at": datetime.now(UTC).isoformat(timespec="milliseconds")})

    def exchange(self, exchange: Exchange) -> bool:
        kept = self._append(exchange.as_json())
        self.exchanges += kept
        return kept

    def settle(self) -> bool:
        """Whether all is well, also with what was written before the last secret was learnt."""
        with self._lock:
            self._look_back()
            return self.trouble is None

    def sweep(self) -> None:
        """Free the directory of every secret known by now. Sets ``trouble`` where one was found."""
        with self._lock:
            self._news = []
            self._freed_of(self._redactor, "a credential")

    def _learnt(self, secret: Secret) -> None:
        with self._lock:
            self._news.append(secret)
            if time.monotonic() >= self._look_back_from:
                self._look_back()

    def _look_back(self) -> None:
        """Look for the secrets learnt since the last look."""
        news, self._news = self._news, []
        if not news:
            return
        began = time.monotonic()
        self._freed_of(Redactor(news), " and ".join(sorted({secret.name for secret in news})))
        words = [secret.name for secret in news if secret.common]
        if words and isinstance(self.trouble, SurroundingsError):
            self.trouble = too_common(words[0], "what was recorded before it was issued")
        self._look_back_from = time.monotonic() + LOOK_BACK_SHARE * (time.monotonic() - began)

    def _freed_of(self, redactor: Redactor, name: str) -> None:
        directory = self.path.parent
        try:
            swept = sweep(self.path, redactor)
            if swept.journal == "rewritten" and self._descriptor >= 0:
                before, self._descriptor = self._descriptor, os.open(self.path, os.O_WRONLY | os.O_APPEND)
                os.close(before)
        except OSError as error:
            self.trouble = self._unwritable(error)
        except HarnessError as error:
            self.trouble = error
        else:
            if swept.files:
                self.trouble = SurroundingsError(
                    "secret-late",
                    f"The service said {name} before this tool knew it, and it was written. It is removed: from "
                    f"{', '.join(swept.files)} in {directory}. The run was stopped.",
                    "Start a new run: nothing of this one could be kept."
                    if swept.journal == "removed"
                    else f"Go on with: {self._to_resume}  and the same --target, where one was needed.",
                )

    def _append(self, record: Mapping[str, Any]) -> bool:
        data = line(record)
        with self._lock:
            if self.trouble is not None:
                return False
            try:
                self._redactor.refuse_leak(data, self.path.name)
                self._look()
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError as error:
                self.trouble = self._unwritable(error)
            except HarnessError as error:
                self.trouble = error
            return self.trouble is None

    def _look(self) -> None:
        """Raise OSError when the file was taken away: what is written then is lost, without any error."""
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            if not os.path.samestat(os.fstat(self._descriptor), self.path.stat()):
                raise FileNotFoundError(None, "it was replaced by another file")

    def _unwritable(self, error: OSError) -> UsageError:
        directory = self.path.parent
        if not self.path.exists():
            todo = "The run was stopped. Choose another directory with --out."
        elif self._resumable:
            todo = f"The run was stopped. When there is room, go on with: {self._to_resume}"
        else:
            todo = f"Nothing was asked yet. Remove {directory}, and start again when there is room."
        return UsageError("journal-unwritable", f"{self.path} cannot be written: {error.strerror}.", todo)

    def close(self) -> None:
        self._redactor.learnt = None
        self.settle()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """The evidence is written: the journal has done its work."""
        self._news = []
        self.close()
        self.path.unlink(missing_ok=True)
