"""Errors: the right status for the right reason, a body that software can read, and nothing internal in it."""

import contextlib

from interop_harness.checks import errors, inputs
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import first_answers, for_id, plain_answers, unclear, undecided
from interop_harness.suite.reading import unknown_answer

SAFE = ("GET", "HEAD", "OPTIONS")
MALFORMED = ("not-a-uuid", "0")
"""Ids of no form at all: the ones the profiles' own rows ask for, so that the requests are shared."""


def test_unknown_path(case, supplier: Supplier):
    """A path that does not exist is said not to exist, after a path that exists was seen to answer."""
    some_success(supplier)
    answer = nowhere(supplier)
    if undecided(answer):
        raise unclear(answer)
    expect = supplier.arguments.get("expect", [404])
    supplier.expect(errors.status(answer, expect, f"the path {answer.request.target}, which does not exist"))


def test_unknown_id(case, supplier: Supplier):
    """An id that no record has is said to be unknown, after a known one was seen to be accepted."""
    operation = supplier.operation()
    answer = unknown_id(supplier, operation)
    if undecided(answer):
        raise unclear(answer)
    expect = supplier.arguments.get("expect", [404])
    expect = expect if isinstance(expect, list) else [int(expect)]
    supplier.expect(errors.status(answer, expect, f"{answer.request.target}, an id that no record has"))


def test_malformed_id(case, supplier: Supplier):
    """An id of the wrong form is dealt with in an orderly way, after a known one was seen to be accepted."""
    operation, expect = supplier.operation(), supplier.arguments.get("expect", "no-server-error")
    accepted(supplier, operation)
    for value in supplier.arguments.get("values", MALFORMED):
        answer = malformed(supplier, operation, value)
        what = f"the id {value!r} ({answer.request.target})"
        if expect == "record":
            supplier.observe(f"{answer.request.target} answers {answer.describe()}.")
        elif undecided(answer) and not errors.broke(answer):
            raise unclear(answer)
        elif isinstance(expect, list):
            supplier.expect(errors.status(answer, expect, what))
        elif expect == "refused":
            supplier.expect(errors.refused(answer, what))
        else:
            supplier.expect(errors.no_server_error(answer, what))


def test_wrong_method(case, supplier: Supplier):
    """HEAD is GET without a body, OPTIONS breaks nothing; methods that write are tried only where that is allowed."""
    methods = [str(method).upper() for method in supplier.arguments.get("methods", ("HEAD", "OPTIONS"))]
    if not supplier.plan.options.allow_writes or supplier.environment == "production":
        methods = [method for method in methods if method in SAFE]
    if not methods:
        raise NotApplicable(
            "Only methods that may change data are asked about, and writes are not allowed in this run."
        )
    answered, doubts = first_answers(supplier)
    offered = {(operation.method, operation.path) for operation in supplier.profile.operations.values()}
    for operation, get in answered:
        if operation.method != "GET" or not get.ok:
            continue
        for method in methods:
            if (method, operation.path) in offered:
                continue
            answer = supplier.ask(get.request.target, method=method)
            what = f"{method} {get.request.target}"
            if undecided(answer) and not errors.broke(answer):
                doubts.append(unclear(answer))
            elif method == "HEAD":
                supplier.expect(errors.head(answer, get))
            elif method in SAFE:
                supplier.expect(errors.no_server_error(answer, what))
            else:
                supplier.expect(errors.status(answer, supplier.arguments.get("expect", [405]), what))
    if not any(get.ok for _, get in answered):
        doubts += [unclear(get) for _, get in answered]
    if doubts:
        raise doubts[0]


def test_body_json(case, supplier: Supplier):
    """Errors are JSON, as the other answers are."""
    for answer in error_answers(supplier):
        problem = ""
        try:
            supplier.parse(answer)
        except ValueError as error:
            problem = str(error)
        supplier.expect(errors.body_json(answer, problem))


def test_no_internals(case, supplier: Supplier):
    """Errors show no stack traces, source paths, queries or software internals."""
    for answer in error_answers(supplier):
        supplier.expect(errors.no_internals(answer))


# --- asking for errors -----------------------------------------------------------------------------------


def some_success(supplier: Supplier):
    """Stop unless some operation was seen to answer: else every path is unknown."""
    stopped = None
    for operation in supplier.operations():
        if not operation.path_parameters:
            answer = plain_answers(supplier, operation)[0]
            if answer.ok:
                return
            stopped = stopped or unclear(answer)
    raise stopped or Inconclusive("The profile has no operation that can be asked without an identifier.")


def accepted(supplier: Supplier, operation):
    """Stop unless a known id was seen to be accepted."""
    answer = plain_answers(supplier, operation)[0]
    if not answer.ok:
        raise unclear(answer)


def nowhere(supplier: Supplier):
    return supplier.ask(errors.unknown_path(supplier.rank("unknown path")))


def unknown_id(supplier: Supplier, operation):
    accepted(supplier, operation)
    return unknown_answer(supplier, operation)


def malformed(supplier: Supplier, operation, value):
    return supplier.call(operation, for_id(supplier, operation, str(value)))


def error_answers(supplier: Supplier):
    """Every answer with an error status that this run brings about on purpose. Inconclusive when there is none."""
    found = [nowhere(supplier)]
    for operation in supplier.operations():
        if operation.path_parameters:
            with contextlib.suppress(Inconclusive, NotApplicable):
                found.append(unknown_id(supplier, operation))
                found += [malformed(supplier, operation, value) for value in MALFORMED]
    for case in supplier.plan.cases:
        if case.family == "inputs.invalid":
            with contextlib.suppress(Inconclusive, NotApplicable):
                plain = plain_answers(supplier, supplier.operation(case.arguments["operation"]))[0]
                name, value = case.arguments["parameter"], case.arguments["value"]
                found.append(supplier.send(inputs.replaced(plain.request, name, value, case.arguments.get("with", {}))))
    errors_seen = [answer for answer in found if answer.status >= 400 and not undecided(answer)]
    if not errors_seen:
        raise Inconclusive("Nothing that was asked brought an error to look at.", found[0].id)
    return errors_seen
