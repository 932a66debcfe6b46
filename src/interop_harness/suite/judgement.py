"""From a case and what was recorded to its result: the one place where a test function is called."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from interop_harness.errors import HarnessError
from interop_harness.evidence import Attribution, Exchange, Finding
from interop_harness.generation.validation import TooDeepError
from interop_harness.plan import Case
from interop_harness.requirement import Outcome
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.supplier import Context, Supplier

CaseFunction = Callable[[Case, Supplier], Any]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case. ``blocked_by`` names the exchange that kept it from being judged."""

    case: Case
    outcome: Outcome
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    dropped: int = 0
    observations: tuple[str, ...] = ()
    sampled: tuple[tuple[str, int, int], ...] = ()
    exchanges: tuple[str, ...] = ()
    attempts: int = 1
    elapsed_ms: int = 0
    blocked_by: str = ""
    attribution: str = ""
    """Whose problem it is that the case could not be judged; findings have attributions of their own."""


def drive(function: CaseFunction, case: Case, context: Context) -> None:
    """Call a test function so that its exchanges are made. What it concludes is not looked at here."""
    asked(function, case, context)


def judge(function: CaseFunction, case: Case, context: Context, *, observe: bool) -> CaseResult:
    """Judge one case over the record. Never raises: a crash of ours is the outcome ``error``."""
    asked(function, case, context)
    found: CaseResult = context.results[case.id]
    return _recorded_only(found) if observe else found


def asked(function: CaseFunction, case: Case, context: Context) -> list[Exchange]:
    """The exchanges that a case rests on, by id.

    A case asks once in a pass, and is judged then: in its turn, or before, where another case wants to know.
    """

    def ask() -> list[Exchange]:
        supplier = Supplier(case, context)
        if context.judging:
            context.results[case.id] = _judged(function, supplier)
        else:
            with contextlib.suppress(Exception):  # judging meets the same trouble again, and reports it
                function(case, supplier)
        return [supplier.used[identifier] for identifier in sorted(supplier.used)]

    return Supplier(case, context).once(("asked by", case.id), ask)


def _judged(function: CaseFunction, supplier: Supplier) -> CaseResult:
    outcome, reason, blocked_by = Outcome.PASS, "", ""
    concern: Attribution = Attribution.HARNESS
    try:
        function(supplier.case, supplier)
    except NotApplicable as stop:
        outcome, reason = Outcome.NOT_APPLICABLE, stop.reason
    except Inconclusive as stop:
        outcome, reason, blocked_by = Outcome.INCONCLUSIVE, stop.reason, stop.exchange
        blame = supplier.used.get(stop.exchange)
        concern = blame.concern if blame is not None else stop.attribution
    except TooDeepError as stop:
        outcome, reason, concern = Outcome.INCONCLUSIVE, f"An answer is {stop}.", Attribution.SERVICE
    except UnicodeEncodeError:
        # The service's own text, asked for again: a value of its lists, or an identifier.
        outcome, concern = Outcome.INCONCLUSIVE, Attribution.SERVICE
        reason = "A text of the service holds half a character (a lone surrogate), which no request can carry."
    except HarnessError as error:
        outcome, reason = Outcome.ERROR, str(error)
    except Exception as error:
        outcome, reason = Outcome.ERROR, _crash(error)
    if outcome is not Outcome.ERROR and supplier.findings:
        # What was found before a case had to stop still stands.
        outcome, reason = Outcome.FAIL, ""
    if outcome is Outcome.PASS and (doubt := supplier.doubt or _silence(supplier)) is not None:
        outcome, reason = Outcome.INCONCLUSIVE, doubt.reason
        blocked_by, concern = doubt.exchange, doubt.attribution
    elif outcome is Outcome.INCONCLUSIVE and not blocked_by and (silence := _silence(supplier)) is not None:
        blocked_by, concern = silence.exchange, silence.attribution
    if outcome is Outcome.PASS and not supplier.used and not supplier.looked:
        outcome, reason = Outcome.ERROR, "The case ended without looking at anything."
    used = supplier.used.values()
    return CaseResult(
        case=supplier.case,
        outcome=outcome,
        reason=reason,
        findings=tuple(supplier.findings),
        dropped=supplier.dropped,
        observations=tuple(supplier.observations),
        sampled=tuple(supplier.sampled),
        exchanges=tuple(sorted(supplier.used)),
        attempts=max((exchange.attempts for exchange in used), default=1),
        elapsed_ms=sum(exchange.elapsed_ms for exchange in used),
        blocked_by=blocked_by,
        attribution=concern.value if outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR} else "",
    )


def _recorded_only(result: CaseResult) -> CaseResult:
    """The result of a row that only records: what was found is told, and decides nothing."""
    if result.outcome not in {Outcome.PASS, Outcome.FAIL}:
        return result
    told = (f"{finding.observed} (compared with: {finding.expected})" for finding in result.findings)
    return replace(
        result,
        outcome=Outcome.OBSERVED,
        reason=result.reason or "The standard leaves this open; recorded only.",
        findings=(),
        observations=tuple(dict.fromkeys([*result.observations, *told])),
    )


def _silence(supplier: Supplier) -> Inconclusive | None:
    """What stood in the way where nothing that was asked was answered: then nothing was found out, either."""
    used = [supplier.used[identifier] for identifier in sorted(supplier.used)]
    if supplier.looked or not used or any(one.response is not None and not one.unheard for one in used):
        return None
    return Inconclusive(used[0].told(), used[0].id, used[0].concern)


def _crash(error: Exception) -> str:
    """Type, message and the place in our code: no memory addresses, no install path, so the bytes stay the same."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f" in {last.name}, {last.filename.replace(chr(92), '/').rpartition('/')[2]}:{last.lineno}" if last else ""
    return f"{type(error).__name__}: {str(error)[:300]}{where}"
