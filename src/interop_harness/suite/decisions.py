"""Questions to a service that decides: their bodies made from a profile's data, dates counted from the run's own day.

``parameters.decisions`` describes, for each operation that only computes, some complete requests by name and where its
answer says what was decided and what was wrong. A row asks one of them as it stands, or with members set or removed.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from interop_harness.checks.decisions import Shape, steps
from interop_harness.errors import InternalError
from interop_harness.evidence import Exchange, Request
from interop_harness.profile import Operation
from interop_harness.suite.answers import not_let_in, unclear, undecided
from interop_harness.suite.outcome import Inconclusive
from interop_harness.suite.supplier import Supplier
from interop_harness.suite.writes import marked

LONDON = ZoneInfo("Europe/London")
MIDNIGHT = timedelta(minutes=30)
"""So long before midnight nothing is asked whose answer turns on the date: the day may end before it is answered."""

TODAY = re.compile(r"\{today((?:[+-]\d+[dmy])*)\}")
SHIFT = re.compile(r"([+-]\d+)([dmy])")
TEXT = re.compile(r"\{text:(\d+)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """One request with what it is about, in words."""

    what: str
    request: Request
    pointers: tuple[str, ...]
    """The members that a refusal must be about: those that the row names, else those that it set or removed."""


def operation_of(supplier: Supplier) -> Operation:
    """The operation the case is about, which must be one that nothing is created by."""
    operation = supplier.operation()
    if not operation.safe:
        raise InternalError("decision-unsafe", f"{operation.id} is not marked x-interop-safe in openapi.yaml.")
    return operation


def shape(supplier: Supplier, operation: Operation) -> Shape:
    """Where the answers of an operation say what was decided, and what was wrong with a request."""
    stated = _stated(supplier, operation)
    return Shape(
        outcome=str(stated["outcome"]),
        outcomes=tuple(stated["outcomes"]),
        errors=str(stated["errors"]),
        field=str(stated["field"]),
        reasons=tuple(stated.get("reasons", ())),
    )


def question(supplier: Supplier, operation: Operation, row: Mapping[str, Any], *, fresh: int = 0) -> Question:
    """The request of one row: ``given`` names a complete body, ``set`` and ``remove`` change it.

    Raises Inconclusive where the answer turns on the date and the day is about to end.
    """
    given = str(row["given"])
    content = _body(_stated(supplier, operation)["bodies"], given)
    content, pointers = changed(content, row)
    if dated(content) and ending(supplier):
        raise Inconclusive("The run began just before midnight, and the answer to this turns on the date.")
    body = json.dumps(filled_in(supplier, content), sort_keys=True, ensure_ascii=False).encode()
    headers = [("Content-Type", next(iter((operation.request_body or {}).get("content", {})), "application/json"))]
    request = supplier.request(operation, headers=headers, body=body, fresh=fresh)
    return Question(str(row.get("what", "")) or told(given, row), request, tuple(row.get("names", pointers)))


def told(given: str, row: Mapping[str, Any]) -> str:
    """What a row asks, in words."""
    parts = [f"{pointer} {json.dumps(value, ensure_ascii=False)[:60]}" for pointer, value in row.get("set", {}).items()]
    parts += [f"no {pointer}" for pointer in row.get("remove", ())]
    return f"{given} with {', '.join(parts)}" if parts else given


def asked(supplier: Supplier, made: Question) -> Exchange:
    """The answer to a question. Raises Inconclusive when there is none that says anything, or the credentials fail."""
    exchange = supplier.send(made.request)
    if undecided(exchange) or not_let_in(supplier.operation(), exchange):
        raise unclear(exchange)
    return exchange


def accepted(supplier: Supplier, operation: Operation, row: Mapping[str, Any]) -> None:
    """Stop unless the complete request that a row starts from is accepted."""
    exchange = asked(supplier, question(supplier, operation, {"given": row["given"]}))
    if not exchange.ok:
        raise unclear(exchange)


def rows_of(supplier: Supplier, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of a case, each with the case's own ``given`` unless it names another."""
    common = {name: arguments[name] for name in ("given", "outcome", "names") if name in arguments}
    for row in arguments.get("rows", ()):
        yield {**common, **row}
    lists = supplier.profile.parameters.get("codelists", {})
    for place in arguments.get("at", ()):
        for code in arguments.get("wrong", ()):
            yield {**common, "set": {place: code}}
        for name in arguments.get("lists", ()):
            if name not in lists:
                raise InternalError("codelist-unknown", f"The profile holds no code list {name!r}.")
            for code in lists[name]:
                extra = arguments.get("beside", {}).get(code, {})
                yield {**common, **extra, "set": {place: code, **extra.get("set", {})}}


def questions_of_run(supplier: Supplier, operation: Operation, *families: str) -> list[Question]:
    """Every question that the cases of these families ask in this run: asking again costs nothing.

    Raises Inconclusive when there is none.
    """
    return supplier.once(("questions", operation.id, families), lambda: _questions(supplier, operation, families))


def _questions(supplier: Supplier, operation: Operation, families: tuple[str, ...]) -> list[Question]:
    found = []
    for case in supplier.plan.cases:
        if case.family in families and case.arguments.get("operation") == operation.id:
            for row in rows_of(supplier, case.arguments):
                try:
                    found.append(question(supplier, operation, row))
                except Inconclusive:
                    continue
    if not found:
        raise Inconclusive(f"This run asks {operation.path} nothing that could be looked at.")
    return found


# --- bodies ----------------------------------------------------------------------------------------------


def _stated(supplier: Supplier, operation: Operation) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = supplier.profile.parameters.get("decisions", {}).get(operation.id)
    if found is None:
        raise InternalError("decision-undescribed", f"parameters.decisions says nothing of {operation.id}.")
    return found


def _body(bodies: Mapping[str, Any], name: str) -> Any:
    """A complete body by its name; ``like`` names another that it starts from."""
    if name not in bodies:
        raise InternalError("decision-body", f"parameters.decisions has no body {name!r}.", f"It has {sorted(bodies)}.")
    stated = bodies[name]
    if "like" not in stated:
        return stated
    return changed(_body(bodies, str(stated["like"])), stated)[0]


def changed(content: Any, row: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """A copy with the members of ``set`` set and those of ``remove`` removed, and the pointers to them."""
    made = copy.deepcopy(content)
    for pointer in row.get("remove", ()):
        *above, last = steps(pointer)
        holder = made
        for step in above:
            holder = holder[int(step) if isinstance(holder, list) else step]
        del holder[int(last) if isinstance(holder, list) else last]
    for pointer, value in row.get("set", {}).items():
        *above, last = steps(pointer)
        holder = made
        for step in above:
            holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
        if isinstance(holder, list):
            holder[int(last) : int(last) + 1] = [copy.deepcopy(value)]
        else:
            holder[last] = copy.deepcopy(value)
    return made, (*row.get("set", {}), *row.get("remove", ()))


def dated(content: Any) -> bool:
    return TODAY.search(json.dumps(content)) is not None


def ending(supplier: Supplier) -> bool:
    """Whether the day on which the run began is about to end in London."""
    return (supplier.now + MIDNIGHT).astimezone(LONDON).date() != today(supplier)


def today(supplier: Supplier) -> date:
    return supplier.now.astimezone(LONDON).date()


def filled_in(supplier: Supplier, content: Any) -> Any:
    """The content with its marks replaced: ``{today-3y+1d}``, ``{text:101}`` (so many letters), ``{marker}``."""
    if isinstance(content, Mapping):
        return {key: filled_in(supplier, value) for key, value in content.items()}
    if isinstance(content, list):
        return [filled_in(supplier, value) for value in content]
    if not isinstance(content, str) or "{" not in content:
        return content
    text = TODAY.sub(lambda found: shifted(today(supplier), found[1]).isoformat(), content)
    text = TEXT.sub(lambda found: ("Synthetic " * (int(found[1]) // 10 + 1))[: int(found[1])].replace(" ", "x"), text)
    return marked(supplier, text)


def shifted(day: date, shifts: str) -> date:
    """A date moved by years, months and days, in the order written; a day that a month lacks is its last one."""
    for amount, unit in SHIFT.findall(shifts):
        if unit == "d":
            day += timedelta(days=int(amount))
            continue
        months = day.year * 12 + day.month - 1 + int(amount) * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        day = date(year, month + 1, min(day.day, last))
    return day
