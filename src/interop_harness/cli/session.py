"""One ``interop run`` and its directory: held against other runs, journalled while it lasts, written at the end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from interop_harness.errors import EvidenceError, HarnessError, ProfileError, UsageError

if TYPE_CHECKING:
    from interop_harness.execution.baseline import KnownFailure
    from interop_harness.execution.journal import Choices, Journal
    from interop_harness.execution.prepare import Secrets
    from interop_harness.execution.resume import Earlier
    from interop_harness.execution.run import Outcome
    from interop_harness.plan import Plan


@dataclass
class Session:
    """A context manager: within it the directory is this run's alone."""

    plan: Plan
    secrets: Secrets
    directory: Path
    earlier: Earlier | None = None
    folder: str = ""
    """Where the profile is, if the command named it by that: advice to go on with the run does so, too."""
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _journal: Journal | None = None

    def __enter__(self) -> Self:
        from interop_harness.execution.directory import make, refuse_taken
        from interop_harness.execution.lock import DirectoryLock

        if self.earlier is None:
            make(self.directory)
            self._stack.enter_context(DirectoryLock(self.directory))
            try:
                refuse_taken(self.directory, self.folder)
            except UsageError:
                self._stack.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def execute(
        self,
        *,
        workers: int,
        rate: float | None = None,
        max_time: float | None = None,
        first: frozenset[str] = frozenset(),
        known: Sequence[KnownFailure] | None = None,
        choices: Choices | None = None,
        quiet: bool = False,
    ) -> Outcome:
        """Run the plan with progress on standard error; ``choices`` is what a later run must know of this one."""
        from interop_harness.execution.journal import Journal
        from interop_harness.execution.run import Silent, run
        from interop_harness.rendering.progress import progress as progress_on

        kept = self.earlier.length if self.earlier else 0
        self._journal = Journal(self.directory, self.secrets.redactor, keep=kept, choices=choices, folder=self.folder)
        self._stack.callback(self._journal.close)
        notes: dict[str, Any] = {}
        if self.earlier is not None:
            notes["resumed"] = len(self.earlier.exchanges)
        if known is not None:
            notes["baseline"] = sorted(entry.requirement for entry in known)
        return run(
            self.plan,
            self.secrets.credentials,
            self.secrets.redactor,
            workers=workers,
            rate=rate,
            progress=Silent() if quiet else progress_on(sys.stderr),
            modified=known is not None,
            journal=self._journal,
            earlier=self.earlier,
            max_time=max_time,
            first=first,
            notes=notes,
        )

    @property
    def recorded(self) -> bool:
        """Whether any answer of the service is in the journal."""
        return bool(self.earlier and self.earlier.exchanges) or bool(self._journal and self._journal.exchanges)

    def write(self, outcome: Outcome, fail_on: str) -> None:
        """Write the run directory. The journal goes when nothing is left to be done."""
        from interop_harness.cli import running

        try:
            running.write(self.directory, outcome, self.secrets, fail_on, self.folder)
        except HarnessError as error:
            if self._journal is not None:
                # A file would have held a secret, or could not be written: the journal, which stays, holds none.
                self._journal.sweep()
                if self._journal.trouble is not None:
                    raise self._journal.trouble from error
            raise
        if self._journal is not None and not outcome.interrupted:
            self._journal.remove()


def begin(
    profile: str,
    target: str,
    *,
    claims: Sequence[str],
    authorised_by: str,
    timeout: float | None,
    challenge: str,
    options: Mapping[str, Any],
    out: Path | None,
) -> Session:
    """A new run. Raises UsageError before anything is sent."""
    from interop_harness.cli.running import folder_of
    from interop_harness.execution.directory import default_directory
    from interop_harness.execution.prepare import prepare

    plan, secrets = prepare(
        profile,
        target,
        claims=claims,
        authorised_by=authorised_by,
        timeout=timeout,
        challenge=challenge,
        options=options,
    )
    directory = out or default_directory(plan.profile.id, datetime.now(UTC))
    return Session(plan, secrets, directory, folder=folder_of(profile))


def resume(directory: Path, profile: str, target: str) -> Session:
    """A run that was cut off, from its journal. Raises UsageError, or EvidenceError when the journal is damaged."""
    from interop_harness.cli.running import folder_of
    from interop_harness.execution.journal import JOURNAL, nothing_to_resume
    from interop_harness.execution.lock import DirectoryLock
    from interop_harness.execution.resume import read_journal, resumed_plan
    from interop_harness.execution.sweeping import sweep
    from interop_harness.profile import load

    nothing_to_resume(directory)
    with contextlib.ExitStack() as stack:
        stack.enter_context(DirectoryLock(directory))
        earlier = read_journal(directory)
        try:
            plan, secrets = resumed_plan(earlier, target, load)
        except ProfileError as error:
            if error.code == "profile-unknown" and not profile:
                error.hint = f"Where it is in a folder of its own: interop run FOLDER --resume {directory}"
            raise
        except EvidenceError as error:
            if error.code != "evidence-profile":
                raise
            # Nothing is wrong with the record: what the command has to go on with is not what it began with.
            raise _another_profile(directory, profile) from error
        # The credentials may be others than those that were kept out of the files when they were written.
        if sweep(directory / JOURNAL, secrets.redactor).journal:
            earlier = read_journal(directory)
        if profile:
            named = load(profile)
            if (named.id, named.version) != (plan.profile.id, plan.profile.version):
                raise UsageError(
                    "resume-profile", f"The run in {directory} is of {plan.profile.name}, not {named.name}."
                )
        # The directory stays held until the session ends.
        return Session(plan, secrets, directory, earlier, folder_of(profile), stack.pop_all())


def _another_profile(directory: Path, profile: str) -> UsageError:
    from interop_harness.profile.loading import is_place

    place = f"in {profile}" if is_place(profile) else "installed here"
    back = "Restore it as it was" if is_place(profile) else "Use the version of this tool that the run was begun with"
    return UsageError(
        "resume-profile",
        f"The profile {place} is another one than the run in {directory} was begun with.",
        f"{back} and go on, or start a new run.",
    )
