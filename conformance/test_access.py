"""Access: how a request is told what it lacks, what else is closed beside a list, and versions chosen by media type.

Used by Blue Badge eligibility and FHIR profiles; DWP interfaces are closed in the same way.
"""

import dataclasses
from contextlib import suppress

from interop_harness.checks import access, openaccess
from interop_harness.checks.values import Value
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import first_answers, plain_answers, unclear, undecided
from interop_harness.suite.beside import asked_by
from interop_harness.suite.linked import in_small_pages

PAGES = 1
"""So many later pages are asked for without credentials: one piece of code makes and serves them all."""


def test_challenge(case, supplier: Supplier):
    """A refusal for want of credentials says how to be let in."""
    answers = [answer for answer in anonymous(supplier) if answer.status == 401]
    if not answers:
        raise Inconclusive("Nothing was answered with 401.")
    for answer in answers:
        supplier.expect(access.challenge(answer))


def test_accept(case, supplier: Supplier):
    """Each Accept header (an empty one is not sent) is answered with the right status, after the usual one was."""
    for usual in usual_answers(supplier):
        for value in case.arguments["accept"]:
            kept = [pair for pair in usual.request.headers if pair[0].lower() != "accept"]
            answer = supplier.send(dataclasses.replace(usual.request, headers=(("Accept", value), *kept)))
            if undecided(answer):
                raise unclear(answer)
            told = f"Accept: {value}" if value else "no Accept"
            if "expect" in case.arguments:
                supplier.expect(access.accept(answer, case.arguments["expect"], told))
            else:
                asked = f"{answer.request.method} {answer.request.target}"
                supplier.observe(f"{asked} with {told} answers {answer.describe()}.")


def test_records(case, supplier: Supplier):
    """Where a list is closed, so is each record of it that the run reads by its id (``reads``: the family that does).

    One record of each kind is asked for without credentials, after it was given with them.
    """
    families = [other for other in supplier.plan.cases if other.family == case.arguments["reads"]]
    read = [answer for other in families for answer in asked_by(supplier, other) if answer.ok]
    usual = {}
    for operation in supplier.operations():
        mine = [answer for answer in read if answer.request.target.rpartition("/")[0] == operation.path]
        if mine:
            usual[operation.id] = mine[0]
    supplier.used.update((answer.id, answer) for answer in usual.values())
    ask_alone(supplier, usual, "No record of a list that is closed was read by its id.")


def test_pages(case, supplier: Supplier):
    """Where a list is closed, so are its later pages: one that the run reads is asked for without credentials.

    Of the lists whose next link is followed the seed draws one.
    """
    usual, claimed = {}, [one for one in supplier.operations() if supplier.plan.claimed(one.conformance_class)]
    for operation in sorted(claimed, key=lambda one: supplier.rank(f"{case.id} {one.id}")):
        with suppress(NotApplicable, Inconclusive):  # for other cases to say
            pages = in_small_pages(supplier.collection(operation.id)).pages
            if len(pages) > 1 and pages[1].records() and is_closed(supplier, operation):
                usual[operation.id] = pages[1].exchange
        if len(usual) == PAGES:
            break
    ask_alone(supplier, usual, "No next link of a list that is closed was followed.")


def is_closed(supplier: Supplier, operation):
    """Whether the list itself is refused without credentials. That it is not is for another check to say."""
    plain = plain_answers(supplier, operation)[0]
    return plain.ok and not supplier.send(dataclasses.replace(plain.request, auth="none")).ok


def resources_in(supplier: Supplier, name, answer):
    """The kind and id of each record in an answer: those of a list, or the one that was read by its id."""
    records = supplier.collection(name).read(answer, 1).records()
    found = [Value(answer.id, record.pointer, record.value) for record in records]
    return access.told(found or [Value(answer.id, "", supplier.json(answer))], supplier.arguments["kind"])


def ask_alone(supplier: Supplier, usual, nothing):
    """Each answer, by the operation of its list, is asked for once more without credentials: no record of it comes."""
    asked, doubt = 0, None
    for name, answer in usual.items():
        try:
            shown = resources_in(supplier, name, answer)
            if not shown or not is_closed(supplier, supplier.operation(name)):
                continue
        except Inconclusive as stop:
            doubt = stop
            continue
        asked += 1
        alone = supplier.send(dataclasses.replace(answer.request, auth="none"))
        if undecided(alone) and not openaccess.broken_off(alone):
            doubt = unclear(alone)
        if alone.ok:
            with suppress(Inconclusive):  # what cannot be read is no record: a page to log in at, say
                supplier.expect(access.handed_over(alone, shown, resources_in(supplier, name, alone)))
    if doubt is not None:
        raise doubt
    if not asked:
        raise NotApplicable(nothing)


def anonymous(supplier: Supplier):
    """The answers to the usual requests, sent once more without credentials."""
    found = []
    for usual in usual_answers(supplier):
        alone = supplier.send(dataclasses.replace(usual.request, auth="none"))
        if undecided(alone):
            raise unclear(alone)
        found.append(alone)
    return found


def usual_answers(supplier: Supplier):
    """An ordinary successful answer of each operation that the case is about."""
    answered, doubts = first_answers(supplier)
    good = [answer for _, answer in answered if answer.ok]
    if doubts:
        raise doubts[0]
    for _, answer in answered:
        if not answer.ok:
            raise unclear(answer)
    if not good:
        raise Inconclusive("Nothing could be asked.")
    return good
