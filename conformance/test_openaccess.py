"""Open access: without registration, from any web page, under one address."""

import dataclasses
from urllib.parse import parse_qsl

from interop_harness.checks import errors, openaccess
from interop_harness.suite import Inconclusive, Supplier, narrowed
from interop_harness.suite.answers import answers, first_answers, for_id, known_ids, unclear, undecided
from interop_harness.suite.beside import asked_by

ASKING = frozenset(
    {
        *("filters.beyond", "filters.combined", "filters.counted", "filters.excludes", "filters.geographic"),
        *("filters.kept_across_pages", "filters.witness"),
        *("windows.any_of", "windows.complete", "windows.ends", "windows.id_list", "windows.span", "windows.zone"),
    }
)
"""Families that ask a list with values that it has: whatever they ask is valid, but for a value said to be nobody's."""
TRIED = 3
"""Refusals of each kind that are asked for again, until one proves lasting."""


def test_anonymous(case, supplier: Supplier):
    """Every operation answers without key, login or cookie, as it does with what the target file states.

    So do the later pages, single records and filtered lists that the run asks for: a key may be asked for there only.
    """
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
        if alone.ok and usual.ok:
            doubts += further(supplier, operation, alone, credentials)
    stop_at(doubts)


def further(supplier: Supplier, operation, plain, credentials):
    """What else is asked of an operation whose ``plain`` answer is open; doubts are returned.

    Without credentials the run's own answers are looked at, which costs nothing; with some, one later page and one
    filtered list are asked for once more without them. Of single records those may show some that are for nobody else.
    """
    if credentials and operation.path_parameters:
        return []
    doubts = []
    more, filtered = more_answers(supplier, operation, plain), filtered_answers(supplier, operation)
    shut = [each for each in more if openaccess.turned_away(each)]
    lone = openaccess.not_for_a_value(filtered, paging_of(supplier, operation))
    for group, sure in ((more, shut), (filtered, lone)):
        given = [each for each in group if each.ok and each.request.auth != "none"]
        if credentials and given:
            doubts += alone_as_well(supplier, given[0])
            continue
        for other in sure[:TRIED]:
            alone = supplier.send(dataclasses.replace(other.request, auth="none")) if credentials else other
            if openaccess.turned_away(alone) and lasting(supplier, plain, alone, openaccess.turned_away):
                supplier.expect(openaccess.anonymous(alone))
                break
        else:
            doubts += [unclear(each) for each in group if openaccess.turned_away(each)][:1]
    return doubts


def alone_as_well(supplier: Supplier, usual):
    """Asks without credentials what was answered with them; both are asked again before anything is said.

    How many records come is not compared: credentials may show more than everybody sees, and so a later page.
    """
    for attempt in (0, 1):
        control = supplier.send(dataclasses.replace(usual.request, fresh=usual.request.fresh + attempt))
        alone = supplier.send(dataclasses.replace(control.request, auth="none"))
        if not control.ok or not (alone.ok or openaccess.turned_away(alone)):
            return [unclear(alone if control.ok else control)]
        found = list(openaccess.anonymous(alone, control))
        if not found:
            return []
    supplier.expect(found)
    return []


def more_answers(supplier: Supplier, operation, plain):
    """Later pages of a list, then its other pages; the sampled records of an operation that serves one."""
    page = supplier.collection(operation.id).spec.page_parameter
    every = answers(supplier, operation, strict=False)
    drawn = in_turn(supplier, [each for each in every if each.request.target != plain.request.target])
    return sorted(drawn, key=lambda each: dict(asked_with(each)).get(page, "1") == "1")


def filtered_answers(supplier: Supplier, operation):
    """The answers of a list to filters with values that its own records have: requests that nobody may refuse."""
    return supplier.once(("open", operation.id), lambda: _filtered_answers(supplier, operation))


def _filtered_answers(supplier: Supplier, operation):
    found, paging = {}, paging_of(supplier, operation)
    for case in supplier.plan.cases:
        if case.family not in ASKING or case.arguments.get("operation") != operation.id:
            continue
        asked = asked_by(supplier, case)
        # What is asked next depends on what came before, so all of it is what the reading rests on.
        supplier.used.update((each.id, each) for each in asked)
        nobodys = (case.arguments.get("parameter"), str(case.arguments.get("impossible")))
        for each in asked:
            pairs, path = asked_with(each), each.request.target.partition("?")[0]
            if path == operation.path and {name for name, _ in pairs} - paging and nobodys not in pairs:
                found[each.id] = each
    return in_turn(supplier, found.values())


def asked_with(exchange):
    return parse_qsl(exchange.request.target.partition("?")[2], keep_blank_values=True)


def paging_of(supplier: Supplier, operation):
    """The parameters that any request to a list may have: pages, sizes, and what always goes with it."""
    spec, everywhere = supplier.collection(operation.id).spec, supplier.profile.parameters.get("everywhere", ())
    return {spec.page_parameter, spec.size_parameter, *(name for name, _ in spec.query), *everywhere}


def in_turn(supplier: Supplier, exchanges):
    return sorted(exchanges, key=lambda each: supplier.rank(f"open {each.request.key}"))


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
    """Pages of any site may read the answers: lists, single records or errors, as the case says.

    Where no Origin is named, every such answer that the run asks for anyway is looked at; with one, a filtered list
    of each operation is asked for once more.
    """
    kind, origin = supplier.arguments.get("answer", "success"), supplier.arguments.get("origin")
    allow = supplier.arguments.get("allow", "*")
    allow = [str(value) for value in (allow if isinstance(allow, list) else [allow])]
    usual = {}
    if kind == "error":
        requests, doubts = failing_requests(supplier)
    else:
        answered, doubts = first_answers(supplier)
        mine = [(one, answer) for one, answer in answered if bool(one.path_parameters) == (kind == "detail")]
        usual = {answer.request: answer for _, answer in mine}
        for one, answer in mine:
            if answer.ok:
                usual.update((each.request, each) for each in others(supplier, one, bool(origin)))
        requests = list(usual)
    looked_at, unsure = 0, []
    for request in requests:
        asked = (*request.headers, *((("Origin", str(origin)),) if origin else ()))
        answer = supplier.send(dataclasses.replace(request, headers=asked))
        if undecided(answer) or answer.ok == (kind == "error"):
            doubts.append(unclear(answer))
            silent = answer.response is None or answer.busy
            if not origin or silent or request not in usual or not usual[request].ok:
                continue
            if lasting(supplier, usual[request], answer, openaccess.fails):
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


def others(supplier: Supplier, operation, asking):
    """The other successful answers of an operation that the run asks for: where ``asking``, one that is filtered."""
    filtered = in_turn(supplier, narrowed.answers(supplier, operation))
    if asking:
        return filtered[:1]
    return [each for each in answers(supplier, operation, strict=False) if each.ok] + filtered


def lasting(supplier: Supplier, usual, other, wrong):
    """Whether a request goes wrong for what it has beyond the usual one: three times, and the usual one never.

    Data may change, servers stumble and clients be shut out while a run goes on, so both are asked in turn.
    """
    for attempt in (1, 2):
        control = supplier.send(dataclasses.replace(usual.request, fresh=usual.request.fresh + attempt))
        again = supplier.send(dataclasses.replace(other.request, fresh=other.request.fresh + attempt))
        if not control.ok or not wrong(again):
            return False
    supplier.lasting.add(other.id)
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
