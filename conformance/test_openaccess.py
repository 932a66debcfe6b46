"""Open access: without registration, from any web page, under one address."""

import dataclasses

from interop_harness.checks import errors, openaccess
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import first_answers, for_id, known_ids, unclear, undecided


def test_anonymous(case, supplier: Supplier):
    """Every operation answers without key, login or cookie, as it does with what the target file states."""
    credentials = supplier.plan.implementation.auth.kind != "none"
    answered, doubts = first_answers(supplier)
    for operation, usual in answered:
        alone = supplier.send(dataclasses.replace(usual.request, auth="none")) if credentials else usual
        if openaccess.turned_away(alone) or (alone.ok and not credentials):
            supplier.expect(openaccess.anonymous(alone))
        elif undecided(alone) or not usual.ok:
            doubts.append(unclear(alone if usual.ok else usual))
        else:
            supplier.expect(openaccess.anonymous(alone, usual, counts(supplier, operation, alone, usual)))
    stop_at(doubts)


def test_closed(case, supplier: Supplier):
    """Without credentials nothing is given (``expect``: the statuses for it), although with them there is an answer.

    Nor to HEAD, which is answered as GET is: its success would tell a stranger what exists.
    """
    answered, doubts = first_answers(supplier)
    for _, usual in answered:
        if not usual.ok:
            doubts.append(unclear(usual))
            continue
        alone = supplier.send(dataclasses.replace(usual.request, auth="none"))
        if undecided(alone) and not openaccess.broken_off(alone):
            doubts.append(unclear(alone))
        supplier.expect(openaccess.closed(alone, supplier.arguments.get("expect", ())))
        if alone.request.method == "GET" and 400 <= alone.status < 500 and not alone.busy:
            # RFC 9110, 9.3.2: HEAD is GET but for the body. Its refusal may be of the method: any will do.
            head = supplier.send(dataclasses.replace(alone.request, method="HEAD"))
            if undecided(head) and not openaccess.broken_off(head):
                doubts.append(unclear(head))
            supplier.expect(openaccess.closed(head))
    stop_at(doubts)


def test_cors(case, supplier: Supplier):
    """Pages of any site may read the answers: lists, single records or errors, as the case says."""
    kind, origin = supplier.arguments.get("answer", "success"), supplier.arguments.get("origin")
    allow = supplier.arguments.get("allow", "*")
    allow = [str(value) for value in (allow if isinstance(allow, list) else [allow])]
    usual = {}
    if kind == "error":
        requests, doubts = failing_requests(supplier)
    else:
        answered, doubts = first_answers(supplier)
        detail = kind == "detail"
        usual = {answer.request: answer for one, answer in answered if bool(one.path_parameters) == detail}
        requests = list(usual)
    looked_at, unsure = 0, []
    for request in requests:
        asked = (*request.headers, *((("Origin", str(origin)),) if origin else ()))
        answer = supplier.send(dataclasses.replace(request, headers=asked))
        if undecided(answer) or answer.ok == (kind == "error"):
            doubts.append(unclear(answer))
            if not origin or undecided(answer) or request not in usual or not usual[request].ok:
                continue
            if kept_out(supplier, usual[request], answer):
                looked_at += 1
                supplier.expect(openaccess.kept_out(answer, str(origin)))
            else:
                unsure.append(unclear(answer))
        else:
            looked_at += 1
            supplier.expect(openaccess.cors(answer, *allow))
    stop_at(unsure)
    if not looked_at:
        stop_at(doubts)
        raise Inconclusive(f"There was no {kind} answer to look at.")


def kept_out(supplier: Supplier, usual, other):
    """Whether a request fails for what it has beyond the usual one: it did three times, and the usual one never.

    Data may change, servers stumble and clients be shut out while a run goes on, so both are asked in turn.
    """
    for attempt in (1, 2):
        control = supplier.send(dataclasses.replace(usual.request, fresh=usual.request.fresh + attempt))
        again = supplier.send(dataclasses.replace(other.request, fresh=other.request.fresh + attempt))
        if not control.ok or again.ok or undecided(again):
            return False
    return True


def test_same_base(case, supplier: Supplier):
    """All operations answer below one base address."""
    answered, doubts = first_answers(supplier)
    for _, answer in answered:
        supplier.expect(openaccess.same_base(supplier.base_url, answer))
    if not any(answer.ok for _, answer in answered):
        doubts += [unclear(answer) for _, answer in answered]
        stop_at(doubts)


def failing_requests(supplier: Supplier):
    """Requests that ought to fail: a path that does not exist, and ids that no record has."""
    nowhere = supplier.ask(errors.unknown_path(supplier.rank("unknown path")))
    requests, doubts = [nowhere.request], []
    for operation in supplier.operations():
        if operation.path_parameters:
            try:
                unknown = errors.unknown_like(known_ids(supplier, operation), supplier.rank("unknown id"))
                requests.append(supplier.request(operation, for_id(supplier, operation, unknown)))
            except Inconclusive as stop:
                doubts.append(stop)
    return requests, doubts


def counts(supplier: Supplier, operation, alone, usual):
    """How many records two answers of a list hold; None for anything that is no list."""
    if operation.path_parameters:
        return None
    collection = supplier.collection(operation.id)
    try:
        return len(collection.read(alone, 1).items), len(collection.read(usual, 1).items)
    except Inconclusive:
        return None


def stop_at(doubts):
    if doubts:
        raise doubts[0]
