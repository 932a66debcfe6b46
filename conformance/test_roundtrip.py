"""Round trips: submit, read back, list; what was sent arrives complete. Nothing is sent unless the run allows writes.

What is submitted stands in the profile's parameters, the steps in its rows: operation, path and query, what to compare.
A path or query value that begins with a slash points into the answer to the submission.
Used by Open311 GeoReport; cases of the Local Waste Service Standards are reported and read back in the same way.
"""

from dataclasses import replace

from interop_harness.checks import representations, roundtrip
from interop_harness.profile.openapi import find
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import unclear, undecided
from interop_harness.suite.facts import only_stated
from interop_harness.suite.writes import has, marked, submission, usual
from interop_harness.suite.xml import RefusedXml

STATED = {"api-key", "basic", "bearer"}
"""Credentials that stay the same for a whole run: once they are refused for good, nothing is let in any more."""
AGAIN = 100
"""The first number of the copies that are sent to learn whether a 401 is about the credentials."""


def test_answer(case, supplier: Supplier):
    """A complete submission is accepted, and the answer names what was created as it should.

    ``needs``: facts that the submission is made of; where the target file states none of them, it is not sent.
    """
    only_stated(supplier, case.arguments.get("needs", []))
    made = submission(supplier, case.arguments)
    exchange = supplier.send(made.request)
    if undecided(exchange):
        raise unclear(exchange)
    if not exchange.ok:
        once_more(supplier, made, exchange, case.arguments)
        supplier.expect([roundtrip.not_accepted(exchange)])
        return
    body = supplier.json(exchange)
    arguments = case.arguments
    supplier.expect(roundtrip.answer(exchange, body, arguments.get("present", ()), arguments.get("absent", ())))
    if "one_of" in arguments:
        supplier.expect(roundtrip.one_of(exchange, body, arguments["one_of"]))


def test_read_back(case, supplier: Supplier):
    """What was submitted is read back step by step, and says what was sent."""
    made = submission(supplier, case.arguments)
    body = accepted(supplier, made)
    for step in case.arguments["steps"]:
        exchange = ask(supplier, step, body)
        if undecided(exchange) or exchange.status in (502, 504):  # a gateway's word is not the service's
            raise unclear(exchange)
        found = the_record(supplier, step, exchange, body)
        if found is None:
            supplier.expect([roundtrip.not_found("what was submitted", exchange)])
            continue
        pointer, record = found
        supplier.expect(
            roundtrip.compared(step.get("compare", ()), made.sent, record, (exchange, pointer), supplier.now)
        )
        text = exchange.response.body.decode("utf-8", "replace")
        supplier.expect(roundtrip.exposed(step.get("hidden", ()), made.sent, text, exchange))


def test_refused(case, supplier: Supplier):
    """A submission that lacks something is turned away with the right status, after a complete one was accepted."""
    accepted(supplier, submission(supplier, {"submit": case.arguments["submit"]}))
    made = submission(supplier, case.arguments)
    if not_different(case.arguments, made, supplier):
        raise NotApplicable(f"{made.name} holds nothing that could be left out.")
    exchange = supplier.send(made.request)
    if undecided(exchange):
        raise unclear(exchange)
    once_more(supplier, made, exchange, case.arguments)
    supplier.expect(roundtrip.refused(exchange, case.arguments["expect"], case.arguments["what"]))
    if 400 <= exchange.status < 500 and case.arguments.get("body"):
        media = next(iter(made.operation.media_types(exchange.status)), "")
        try:
            errors = supplier.validators.response_errors(
                supplier.parse(exchange), made.operation.id, exchange.status, media
            )
            supplier.expect(representations.body(exchange, errors or ()))
        except RefusedXml as refused:
            raise Inconclusive(str(refused), exchange.id) from refused
        except ValueError as error:
            supplier.expect(representations.unreadable(exchange, media, str(error)))


def test_ledger(case, supplier: Supplier):
    """Everything that this run created in the supplier's system, and how it is removed: recorded."""
    seen = set()
    reason = None
    for arguments in writing_cases(supplier):
        try:
            only_stated(supplier, arguments.get("needs", []))
            made = submission(supplier, arguments)
        except (Inconclusive, NotApplicable) as stop:
            reason = stop
            continue
        exchange = supplier.send(made.request)
        reading = "steps" in arguments  # what reads back sends nothing else
        for each in [exchange, *(() if reading else once_more(supplier, made, exchange, arguments))]:
            line = "" if each.id in seen else roundtrip.ledger(each, created(supplier, made, each), made.removal)
            seen.add(each.id)
            if line:
                supplier.observe(line)
    if not seen:
        raise reason or NotApplicable("The profile describes nothing to submit.")


# --- steps -----------------------------------------------------------------------------------------------


def accepted(supplier: Supplier, made):
    """The body of the answer to a submission that must have been accepted for the case to go on."""
    exchange = supplier.send(made.request)
    if not exchange.ok:
        raise unclear(exchange)
    return supplier.json(exchange)


def once_more(supplier: Supplier, made, exchange, arguments):
    """What is sent to learn whether a 401, where another answer is due, is about the credentials; the answers to it.

    A token may have run out meanwhile. So a complete submission that is accepted is sent again after the 401, and then
    what was answered 401. It is none of the credentials where the one is let in and the other still is not.
    """
    due = exchange.status == 401 and not {4, 401} & set(arguments.get("expect", ()))
    if not due or made.request.auth == "none" or supplier.plan.implementation.auth.kind not in STATED:
        return []
    try:
        whole = submission(supplier, {"submit": usual(supplier.profile, made.operation)})
    except (Inconclusive, NotApplicable):  # then the 401 stays open
        return []
    if whole.request.key == made.request.key or not supplier.send(whole.request).ok:
        return []
    # Copies of this request's own: another case may have sent theirs before the 401 came.
    fresh = AGAIN + int(made.request.id, 16) % 1_000_000_000
    again = [supplier.send(replace(each.request, fresh=fresh)) for each in (whole, made)]
    if again[0].ok and again[1].status == 401:
        supplier.let_in.add(exchange.id)
    return again


def ask(supplier: Supplier, step, body):
    """Send one step's request; values are pointers into the submission's answer, or texts."""
    path, query = (
        {name: meant(supplier, value, body) for name, value in step.get(part, {}).items()} for part in ("path", "query")
    )
    # A copy of its own: the same list may have been read by another case before the submission.
    submissions = list(supplier.profile.parameters["submissions"])
    fresh = 10 + submissions.index(supplier.arguments["submit"])
    return supplier.call(supplier.operation(step["operation"]), path, query=query, fresh=fresh)


def meant(supplier: Supplier, value, body):
    """A text, or what stands at a pointer in the answer to the submission."""
    if not str(value).startswith("/"):
        return marked(supplier, str(value))
    found = find(body, str(value))
    if roundtrip.blank(found):
        raise Inconclusive(f"The answer to the submission has nothing at {value} to ask for.")
    return str(found)


def the_record(supplier: Supplier, step, exchange, body):
    """The pointer and value of the record that the step is about, or None when the answer does not hold it."""
    if not exchange.ok:
        return None
    answer = supplier.json(exchange)
    records = (
        [(f"/{number}", each) for number, each in enumerate(answer)] if isinstance(answer, list) else [("", answer)]
    )
    wanted = {pointer: meant(supplier, value, body) for pointer, value in step.get("record", {}).items()}
    return next(((pointer, record) for pointer, record in records if has(record, wanted)), None)


def writing_cases(supplier: Supplier):
    """The arguments of every case of this run that submits something: by a row, or as the operation's plain request."""
    for other in supplier.plan.cases:
        operation = supplier.profile.operations.get(str(other.arguments.get("operation", "")))
        if "submit" in other.arguments:
            yield other.arguments
        elif operation is not None and not operation.safe and (name := usual(supplier.profile, operation)):
            yield {"submit": name}


def created(supplier: Supplier, made, exchange):
    """What the answer calls the thing created."""
    if not exchange.ok:
        return []
    try:
        body = supplier.parse(exchange)
    except ValueError:
        return []
    found = [(pointer.rpartition("/")[2], find(body, pointer)) for pointer in made.created]
    return [f"{name} {value}" for name, value in found if not roundtrip.blank(value)]


def not_different(arguments, made, supplier: Supplier):
    """Whether nothing was in fact left out or changed."""
    return made.request.key == submission(supplier, {"submit": arguments["submit"]}).request.key
