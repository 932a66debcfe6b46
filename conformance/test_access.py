"""Access: how a request is told what it lacks, and versions chosen by the media type that is asked for.

Used by Blue Badge eligibility; FHIR and DWP interfaces are closed in the same way.
"""

import dataclasses

from interop_harness.checks import access
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import first_answers, unclear, undecided


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
