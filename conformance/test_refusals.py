"""Refusals: a value that cannot be right is refused with the documented status and the documented body."""

from interop_harness.checks import inputs, refusals
from interop_harness.checks.values import Value, filled
from interop_harness.suite import NotApplicable, Supplier
from interop_harness.suite.answers import plain_answers, unclear, undecided
from interop_harness.suite.reading import only_claimed


def test_status(case, supplier: Supplier):
    """A wrong value is refused with a documented status, after a right one was seen to be accepted."""
    for what, answer in refused(supplier):
        supplier.expect(refusals.refused(answer, case.arguments["expect"], what))


def test_body(case, supplier: Supplier):
    """A refusal has the documented members, each of the documented type."""
    for answer, parsed in documented(supplier):
        supplier.expect(refusals.body(answer, parsed, case.arguments["members"]))


def test_repeats_status(case, supplier: Supplier):
    """The status in the body of a refusal is the status of the answer."""
    pairs, member = documented(supplier), case.arguments["member"]
    if not any(filled([Value(answer.id, "", parsed)], member) for answer, parsed in pairs):
        raise NotApplicable(f"No refusal that was seen has a value at {member}.")
    for answer, parsed in pairs:
        supplier.expect(refusals.repeats_status(answer, parsed, member))


def refused(supplier: Supplier):
    """Each wrong value of the case with what was answered to it."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    plain = plain_answers(supplier, operation)[0]
    if not plain.ok:
        raise unclear(plain)
    found = []
    for name, value in supplier.arguments["wrong"].items():
        answer = supplier.send(inputs.replaced(plain.request, name, str(value)))
        if undecided(answer):
            raise unclear(answer)
        found.append((f"{name}={value}", answer))
    return found


def documented(supplier: Supplier):
    """The refusals with a documented status, each with its body. Not applicable when nothing was refused so."""
    statuses = supplier.arguments["statuses"]
    answers = [answer for _, answer in refused(supplier) if answer.status in statuses]
    if not answers:
        told = " or ".join(str(status) for status in statuses)
        raise NotApplicable(f"None of the wrong values was refused with {told}.")
    found = []
    for answer in answers:
        try:
            found.append((answer, supplier.parse(answer)))
        except ValueError as error:
            found.append((answer, str(error)))
    return found
