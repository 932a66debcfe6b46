"""Decisions: a service that computes an outcome from what it is told, asked row by row of a table that is data.

Used by Blue Badge eligibility; charging assessments over DWP benefit data are a table of the same kind.
"""

import json

from interop_harness.checks import decisions
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import unclear, undecided
from interop_harness.suite.decisions import (
    accepted,
    asked,
    filled_in,
    operation_of,
    question,
    questions_of_run,
    rows_of,
    shape,
)
from interop_harness.suite.ruled import settled_questions


def test_outcomes(case, supplier: Supplier):
    """Each row has the outcome that the rules give (``record``: whatever it is, it is recorded and not compared).

    A code list stands for a row with each of its codes.
    """
    operation = operation_of(supplier)
    doubts = []
    for row in rows_of(supplier, case.arguments):
        try:
            made = question(supplier, operation, row)
            exchange = asked(supplier, made)
            if case.arguments.get("record"):
                found = decisions.decided(parsed(supplier, exchange), shape(supplier, operation))
                supplier.observe(f"{made.what}: {found or exchange.describe()}")
                continue
            if not exchange.ok:
                supplier.expect([decisions.not_accepted(exchange, made.what)])
                continue
            body, wanted = supplier.json(exchange), row.get("outcome", decisions.ANY)
            supplier.expect(decisions.outcome(exchange, body, shape(supplier, operation), wanted, made.what))
        except Inconclusive as stop:
            doubts.append(stop)
    stop_at(doubts)


def test_everywhere(case, supplier: Supplier):
    """Whatever this run asks that meets ``when`` has the outcome of the rule, whichever row asks it and why.

    Nothing is sent that other rows do not send. What is turned away is a matter of the row that asks it.
    """
    operation = operation_of(supplier)
    when = filled_in(supplier, case.arguments["when"])
    doubts, judged = [], 0
    for made in settled_questions(supplier, operation):
        if not decisions.meets(json.loads(made.request.body), when):
            continue
        try:
            exchange = asked(supplier, made)
            if exchange.ok:
                body, where = parsed(supplier, exchange), shape(supplier, operation)
                supplier.expect(decisions.settled(exchange, body, where, case.arguments["outcome"], made.what))
                judged += 1
        except Inconclusive as stop:
            doubts.append(stop)
    stop_at(doubts)
    if not judged:
        raise Inconclusive(f"{operation.path} accepted nothing of what this run asks and the rule is about.")


def test_refusals(case, supplier: Supplier):
    """Each row is refused, and the refusal names the member that is wrong; what it was changed from is accepted."""
    operation = operation_of(supplier)
    doubts = []
    for row in rows_of(supplier, case.arguments):
        try:
            accepted(supplier, operation, row)
            made = question(supplier, operation, row)
            exchange = asked(supplier, made)
            supplier.expect(decisions.refused(exchange, expected(case.arguments), made.what))
            if not exchange.ok and exchange.status in expected(case.arguments):
                body, where = parsed(supplier, exchange), shape(supplier, operation)
                supplier.expect(decisions.reason(exchange, body, where, made.pointers, made.what))
        except Inconclusive as stop:
            doubts.append(stop)
    stop_at(doubts)


def test_unreadable(case, supplier: Supplier):
    """A body that cannot be read as what the operation takes is refused, after a complete one was accepted."""
    operation = operation_of(supplier)
    accepted(supplier, operation, case.arguments)
    for row in case.arguments["rows"]:
        kind = str(row.get("content_type", "application/json"))
        raw = str(row["body"]).encode()
        exchange = supplier.call(operation, headers=[("Content-Type", kind)], body=raw)
        if undecided(exchange):
            raise unclear(exchange)
        supplier.expect(decisions.refused(exchange, expected(case.arguments), str(row["what"])))


def test_whole_path(case, supplier: Supplier):
    """Refusals name the member by its whole path."""
    operation = operation_of(supplier)
    for made, exchange in refused(supplier, operation):
        supplier.expect(
            decisions.whole_path(exchange, parsed(supplier, exchange), shape(supplier, operation), made.pointers)
        )


def test_explained(case, supplier: Supplier):
    """Refusals say what is wrong."""
    operation = operation_of(supplier)
    for _, exchange in refused(supplier, operation):
        supplier.expect(decisions.explained(exchange, parsed(supplier, exchange), shape(supplier, operation)))


def test_bodies(case, supplier: Supplier):
    """The body of a refusal is as documented for its status."""
    operation = operation_of(supplier)
    for _, exchange in refused(supplier, operation):
        kinds = operation.media_types(exchange.status)
        try:
            errors = supplier.validators.response_errors(
                supplier.parse(exchange), operation.id, exchange.status, next((k for k in kinds if "json" in k), "")
            )
        except ValueError as problem:
            supplier.expect([decisions.unreadable(exchange, str(problem))])
            continue
        supplier.expect(decisions.body(exchange, errors or ()))


def test_repeated(case, supplier: Supplier):
    """The same question, asked twice, has the same outcome."""
    operation = operation_of(supplier)
    for row in rows_of(supplier, case.arguments):
        first, second = (asked(supplier, question(supplier, operation, row, fresh=fresh)) for fresh in (0, 1))
        if not first.ok:
            raise unclear(first)
        bodies = supplier.json(first), supplier.json(second) if second.ok else None
        supplier.expect(decisions.repeated(first, second, shape(supplier, operation), bodies))


def test_creates_nothing(case, supplier: Supplier):
    """No answer speaks of something that was created."""
    operation = operation_of(supplier)
    for made in questions_of_run(supplier, operation, "decisions.outcomes"):
        supplier.expect(decisions.created(supplier.send(made.request)))


# --- refusals ------------------------------------------------------------------------------------------


def expected(arguments):
    return arguments.get("expect", [400])


def refused(supplier: Supplier, operation):
    """Every refusal that the rows of this run bring about. Inconclusive when there is none."""
    found = []
    for made in questions_of_run(supplier, operation, "decisions.refusals"):
        exchange = supplier.send(made.request)
        if 400 <= exchange.status < 500 and not undecided(exchange):
            found.append((made, exchange))
    if not found:
        raise Inconclusive(f"{operation.path} refused nothing of what should be refused.")
    return found


def parsed(supplier: Supplier, exchange):
    """The body as data, or nothing: what is no JSON names no field."""
    try:
        body = supplier.parse(exchange)
    except ValueError:
        return None
    return body


def stop_at(doubts):
    if doubts:
        raise doubts[0]
