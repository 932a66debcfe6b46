"""When to send: the rate asked for, the waits a server asks for, and when to stop knocking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from interop_harness.evidence import Failure, FailureKind
from interop_harness.implementation import Limits
from interop_harness.transport.failures import Trouble

TRIAL_EVERY = 5.0
"""Seconds between trials once an endpoint has stopped answering."""
FIRST_WAIT = 0.5
"""Seconds before the second attempt when a server is busy and does not say for how long; then doubled."""


class Pace:
    """Shared by all threads of a transport."""

    def __init__(
        self,
        limits: Limits,
        rate: float | None,
        sleep: Callable[[float], object],
        allowance: Allowance,
    ) -> None:
        self._limits = limits
        self._allowance = allowance
        self._interval = 1 / rate if rate else 0.0
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_send = 0.0
        self._paused_until = 0.0
        self._budget = limits.wait_budget
        self._silent = 0
        self._last_silence = 0.0
        self._why: Failure | None = None
        self._over: Failure | None = None
        self._asked_off_until = 0.0
        self._asked_off: Failure | None = None

    def admit(self) -> Failure | None:
        """Wait for this request's turn, and count it. A Failure when nothing may be sent: no answer comes, say."""
        if self._why is not None:
            refusal = self._refusal()
            if refusal is not None:
                return self._over or refusal
        return self.turn()

    @property
    def holds(self) -> bool:
        """Whether a turn may have to be waited for."""
        return bool(self._interval or self._paused_until)

    def turn(self) -> Failure | None:
        """Wait for the next moment at which something may be sent: a request, a redirect's next hop, a token's form.

        It counts as sent from here on. What may not be sent by then is refused at once, and takes nobody's turn: else
        each of those that are never sent would wait for its own, and a slow run would not end at its limit.
        """
        with self._lock:
            now = time.monotonic()
            at = max(now, self._paused_until, self._next_send if self._interval else now)
            refused = self._refused(at) or self._allowance.spend(at)
            if refused is not None:
                return refused
            if self._interval:
                self._next_send = at + self._interval
        if at > now:
            self._sleep(at - now)
            # Looked at behind the wait: another thread may have been told meanwhile.
            refused = self._refused(time.monotonic())
            if refused is not None:
                self._allowance.give_back()
        return refused

    def _refused(self, at: float) -> Failure | None:
        """Why nothing is to be sent at that moment, as the service asks."""
        if self._over is not None:
            return self._over
        return self._asked_off if at < self._asked_off_until else None

    def heed(self, retry_after: str | None, now: datetime, *, who: str = "service") -> None:
        """A 429 came: where it asks for a longer wait than is made, nothing is sent until that time is over."""
        seconds = None if retry_after is None else retry_after_seconds(retry_after, now)
        if seconds is None or seconds <= self._limits.max_wait:
            return
        with self._lock:
            until = time.monotonic() + seconds
            # The same wait asked for again, a moment later, is told in the same words.
            if until > self._asked_off_until + 1:
                told = f"Not sent: the {who} asks for {seconds:.0f} seconds without requests (429)"
                longest = f"longer than limits.max_wait, {self._limits.max_wait:g} seconds"
                todo = "Test again after that time, and more slowly (limits.rate)."
                self._asked_off = Failure(FailureKind.TIMEOUT, f"{told}, {longest}. {todo}")
            self._asked_off_until = max(until, self._asked_off_until)

    def wait(
        self,
        attempt: int,
        retry_after: str | None,
        now: datetime,
        *,
        everybody: bool,
        left: float | None = None,
        who: str = "service",
    ) -> bool:
        """Wait before another attempt, as the server asks. False when that is beyond the budget.

        ``left`` are the seconds that the run may still take: when ``everybody`` is to wait for longer, it is over.
        """
        seconds = min(FIRST_WAIT * 2 ** (attempt - 1), self._limits.max_wait)
        if retry_after is not None:
            asked = retry_after_seconds(retry_after, now)
            if asked is not None:
                seconds = asked
        if left is not None and seconds > left:
            if everybody:
                told = f"Not sent: the {who} asks for {seconds:.0f} seconds without requests (429)"
                self._over = Failure(FailureKind.LIMIT, f"{told}, longer than --max-time leaves.")
            return False
        if seconds > self._limits.max_wait:
            return False
        with self._lock:
            here = time.monotonic()
            already = max(0.0, self._paused_until - here)
            cost = max(0.0, seconds - already)
            if cost > self._budget:
                return False
            self._budget -= cost
            if everybody:
                self._paused_until = max(self._paused_until, here + seconds)
        if not everybody:
            self._sleep(seconds)
        return True

    def answered(self) -> None:
        if self._silent or self._why is not None:
            with self._lock:
                self._silent = 0
                self._why = None

    def silent(self, failure: Failure) -> None:
        """An exchange ended without any answer that can be used."""
        with self._lock:
            self._silent += 1
            self._last_silence = time.monotonic()
            if self._silent >= self._limits.give_up_after and self._why is None:
                told = f"Not sent: the {self._limits.give_up_after} exchanges before had no usable answer."
                self._why = Failure(failure.kind, f"{told} {failure.message}")

    def _refusal(self) -> Failure | None:
        with self._lock:
            now = time.monotonic()
            if self._why is not None and now - self._last_silence < TRIAL_EVERY:
                return self._why
            # One trial: the others wait for its outcome as if there had been none.
            self._last_silence = now
            return None


class Unsent(Trouble):
    """It was not to be sent now, as the pace has it."""


class PutOff(Unsent):
    """The token endpoint is too busy to issue a token: no fault of the credentials, and nothing was sent."""

    def __init__(self, status: int, seconds: float) -> None:
        why = "too many requests" if status == 429 else "overloaded or down"
        asks = f", and asks for {seconds:.0f} seconds without requests" if seconds else ""
        super().__init__(
            FailureKind.TIMEOUT, f"No access token was obtained: the token endpoint answers {status} ({why}){asks}."
        )
        self.seconds = seconds
        """How long it asks to be left alone."""


class Allowance:
    """How many requests a run may send, and for how long: what the user said, not what the service did."""

    def __init__(
        self, requests: int = 0, seconds: float | None = None, *, spent: int = 0, stated: float | None = None
    ) -> None:
        """``seconds`` are left of those that were ``stated``: a run that goes on has taken the others before."""
        self._requests = requests
        self._spent = spent
        self._stated = seconds if stated is None else stated
        self._until = None if seconds is None else time.monotonic() + seconds
        self._lock = threading.Lock()

    @property
    def left(self) -> float | None:
        """Seconds until --max-time is reached; None without one."""
        return None if self._until is None else self._until - time.monotonic()

    def spend(self, at: float) -> Failure | None:
        """Count one request that is to be sent at that moment. A Failure when it may not be."""
        if (late := self.late(at)) is not None:
            return late
        if self._requests:
            with self._lock:
                if self._spent >= self._requests:
                    return Failure(FailureKind.LIMIT, f"Not sent: --max-requests {self._requests} was reached.")
                self._spent += 1
        return None

    def give_back(self) -> None:
        """A request that was counted was not sent after all."""
        with self._lock:
            self._spent -= 1

    def late(self, at: float) -> Failure | None:
        """A Failure when that moment is behind what --max-time allows."""
        if self._until is None or at < self._until:
            return None
        return Failure(FailureKind.LIMIT, f"Not sent: --max-time {self._stated:g} was reached.")


SILENT = frozenset(
    {
        *(FailureKind.DNS, FailureKind.CONNECT, FailureKind.TLS, FailureKind.TIMEOUT, FailureKind.PROXY),
        # Each costs as much as the harness is willing to read.
        FailureKind.TOO_LARGE,
    }
)


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Retry-After (RFC 9110, 10.2.3) as seconds from now; None when it is neither seconds nor a date.

    A date is written by the clock of whoever answers: ``now`` is what that clock shows (``moment``).
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    when = _date(text)
    try:
        return None if when is None else max(0.0, (when - now).total_seconds())
    except OverflowError:
        return None


def moment(date: str | None, age: str | None, now: datetime) -> datetime:
    """What the clock of whoever answers shows: the answer's Date (RFC 9110, 6.6.1), else ``now``, which is ours.

    An answer that a cache kept for a while is as old as its Age says (RFC 9111, 5.1).
    """
    when = None if date is None else _date(date)
    if when is None:
        return now
    kept = (age or "").strip()
    try:
        return when + timedelta(seconds=int(kept[:9])) if kept.isascii() and kept.isdigit() else when
    except OverflowError:
        return now


def _date(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
