"""What lists and records say of each other: identifiers that lead somewhere, and the same facts wherever they stand."""

import dataclasses
from contextlib import suppress

from interop_harness.checks import accounts, references
from interop_harness.checks.values import Value, at
from interop_harness.suite import Inconclusive, NotApplicable, Supplier, narrowed
from interop_harness.suite.answers import for_id, unclear, undecided
from interop_harness.suite.collection import SAMPLE, identifier, list_behind
from interop_harness.suite.reading import only_claimed, records_of, unknown_answer
from interop_harness.suite.sheaf import Sheaf

READ_AGAIN = 3
"""So many records that disagree are read once more, in case they changed during the run."""
LISTED = 10
"""So many identifiers that the target's own list holds are tried here: that listed ones resolve is asked elsewhere."""


def test_list_ids_resolve(case, supplier: Supplier):
    """Every listed record can be read at its own address."""
    item = supplier.operation(supplier.arguments["item"])
    found = details(supplier, supplier.operation(), item)
    for record, exchange in found:
        if not undecided(exchange):
            origin = f"{record.pointer} of exchange {record.exchange.id}"
            supplier.expect(references.resolves(item.path, record.id, origin, exchange))
    stop_at_undecided(found.exchanges.values())


def test_list_detail_agree(case, supplier: Supplier):
    """The list and the record's own address say the same."""
    found = details(supplier, supplier.operation(), supplier.operation(supplier.arguments["item"]))
    differing = 0
    for record, exchange, detail in bodies(supplier, found):
        listed = Value(record.exchange.id, record.pointer, record.value)
        findings = disagreements(supplier, record, listed, detail)
        if findings and differing < READ_AGAIN:
            differing += 1
            if changed_meanwhile(supplier, record, exchange):
                supplier.observe(f"The record {record.id} changed while it was read.")
                continue
        supplier.expect(findings)


def test_narrowed_ids_resolve(case, supplier: Supplier):
    """A record that comes only when less than everything is asked for can be read at its own address, too.

    Whatever the plain list holds is looked at elsewhere, so that a service of one store is asked nothing more.
    """
    item, collection = supplier.operation(supplier.arguments["item"]), supplier.collection()
    found = narrowed_records(supplier)
    known = {record.id for record in collection.records()}
    # Ids that the list wraps in other capitals elsewhere are tried as well: that costs a request, and accuses nobody.
    outside = {record.id: record for record in found if record.id not in known and collection.has_item(record)}
    names = sorted(outside, key=supplier.rank)[:LISTED]
    answers = supplier.send_all([supplier.request(item, for_id(supplier, item, name)) for name in names])
    for name, exchange in zip(names, answers, strict=True):
        record = outside[name]
        if undecided(exchange) or exchange.ok:
            continue
        if gone_meanwhile(supplier, record):
            supplier.observe(f"The record {name} went away while it was read.")
            continue
        origin = f"{record.pointer} of exchange {record.exchange.id}"
        supplier.expect(references.resolves(item.path, name, origin, exchange))
    stop_at_undecided(answers)


def test_narrowed_agree(case, supplier: Supplier):
    """What a list says of a record when less than everything is asked for is what the record's own address says.

    What the plain list says as well is looked at elsewhere.
    """
    read = bodies(supplier, details(supplier, supplier.operation(), supplier.operation(supplier.arguments["item"])))
    known = {record.id: (record, exchange) for record, exchange, _ in read}
    judged, differing, told = 0, 0, set()
    for record in narrowed_records(supplier):
        if record.id not in known or record.id in told:
            continue
        plain, exchange = known[record.id]
        judged += 1
        if references.same_json(record.value, plain.value):
            continue
        detail = alone(exchange, supplier.parse(exchange))
        listed = Value(record.exchange.id, record.pointer, record.value)
        if not disagreements(supplier, record, listed, detail) or same_as(supplier, plain, record):
            continue
        told.add(record.id)
        if differing < READ_AGAIN:  # each is read once more, in case it changed since
            differing += 1
            if changed_meanwhile(supplier, record, exchange):
                supplier.observe(f"The record {record.id} changed while it was read.")
                continue
            supplier.expect(disagreements(supplier, record, listed, detail))
    if not judged:
        raise NotApplicable(
            f"No record that {supplier.operation().path} gave to a further parameter was read by itself."
        )


def test_detail_id(case, supplier: Supplier):
    """An address answers with the record whose id was asked for, and with none of those for an id that none has."""
    pointer, item = supplier.arguments.get("id", "/id"), supplier.operation()
    name = supplier.arguments.get("list")
    listing = supplier.operation(name) if name else list_behind(supplier.profile, item)
    if listing is None:
        raise Inconclusive(f"No list gives identifiers for {item.path}.")
    found = bodies(supplier, details(supplier, listing, item))
    known = {identifier(detail.value, record.spec) or references.id_at(detail, pointer) for record, _, detail in found}
    known -= {""}
    if not known:
        _, first, _ = next(iter(found))
        raise Inconclusive(f"No record of {item.path} has an id at {pointer}.", first.id)
    for record, _, detail in found:
        name = identifier(detail.value, record.spec) if record.spec.link else ""
        supplier.expect(references.detail_id(record.id, detail, pointer, name))
    with suppress(Inconclusive, NotApplicable):  # where no id can be made up there is nothing more to ask
        answer = unknown_answer(supplier, item)
        supplier.expect(references.somebody_elses(answer, alone(answer, supplier.json(answer)), pointer, known))


def test_member_equals(case, supplier: Supplier):
    """Two members of a record are equal where both are given."""
    left, right = supplier.arguments["left"], supplier.arguments["right"]
    records = records_of(supplier, supplier.operation())
    if not any(references.gives_both(record, left, right) for record in records):
        raise NotApplicable(f"No record gives both {left} and {right}.")
    for record in records:
        supplier.expect(references.equal(record, left, right))


def test_unique_ids(case, supplier: Supplier):
    """No two records of one page have the same id."""
    collection = supplier.collection()
    pages = [collection.page(), *collection.pages()]
    if not any(record.id for record in collection.records(pages)):
        raise Inconclusive(f"{collection.name} lists no record with an id.", pages[0].exchange.id)
    for page in pages:
        supplier.expect(references.unique_ids(page))


def test_narrowed_unique_ids(case, supplier: Supplier):
    """No two records of one page have the same id when less than everything is asked for, either."""
    narrowed_records(supplier)
    for page in narrowed.pages(supplier):
        supplier.expect(references.unique_ids(page))


def test_narrowed_equal(case, supplier: Supplier):
    """Two members of a record are equal where both are given when less than everything is asked for, too."""
    left, right = supplier.arguments["left"], supplier.arguments["right"]
    records = [Value(record.exchange.id, record.pointer, record.value) for record in narrowed_records(supplier)]
    if not any(references.gives_both(record, left, right) for record in records):
        raise NotApplicable(f"No record that a further parameter brought gives both {left} and {right}.")
    for record in records:
        supplier.expect(references.equal(record, left, right))


def test_foreign_key(case, supplier: Supplier):
    """An identifier in a record leads to the record that it names."""
    pointer, target = supplier.arguments["pointer"], supplier.operation(supplier.arguments["target"])
    only_claimed(supplier, target)
    places = references.identifiers(records_of(supplier, supplier.operation()), pointer)
    if not places:
        raise NotApplicable(f"No record of {supplier.operation().path} gives {pointer}.")
    answers = read_each(supplier, target, places)
    tell_sample(supplier, pointer, answers, places)
    for name, exchange in answers.items():
        if not undecided(exchange):
            origin = f"{places[name].pointer} of exchange {places[name].exchange}"
            supplier.expect(references.resolves(target.path, name, origin, exchange))
    stop_at_undecided(answers.values())


def test_listed(case, supplier: Supplier):
    """An identifier in a record is one of those that a list holds."""
    pointer, target = supplier.arguments["pointer"], supplier.operation(supplier.arguments["target"])
    only_claimed(supplier, target)
    places = references.identifiers(records_of(supplier, supplier.operation()), pointer)
    if not places:
        raise NotApplicable(f"No record of {supplier.operation().path} gives {pointer}.")
    known = {record.id for record in supplier.collection(target.id).records()}
    supplier.expect(references.listed(places, known, target.path))


def test_no_cycles(case, supplier: Supplier):
    """No record is its own ancestor."""
    own, parent = supplier.arguments.get("id", "/id"), supplier.arguments["parent"]
    records = records_of(supplier, supplier.operation())
    if not references.identifiers(records, parent):
        raise NotApplicable(f"No record of {supplier.operation().path} gives {parent}.")
    supplier.expect(references.no_cycles(records, own, parent))


def test_nested_agrees(case, supplier: Supplier):
    """A record nested in another says the same as at its own address."""
    nested, members = supplier.arguments["nested"], supplier.arguments["members"]
    own, target = supplier.arguments.get("id", "/id"), supplier.operation(supplier.arguments["target"])
    only_claimed(supplier, target)
    inner = list(at(records_of(supplier, supplier.operation()), nested))
    places = references.identifiers(inner, own)
    if not places:
        raise NotApplicable(f"No record of {supplier.operation().path} gives {nested}{own}.")
    answers = read_each(supplier, target, places)
    good = {name: exchange for name, exchange in answers.items() if exchange.ok}
    if not good:
        raise unclear(next(iter(answers.values())))
    tell_sample(supplier, nested, good, places)
    for value in inner:
        exchange = good.get(references.id_at(value, own))
        if exchange is not None:
            there = Value(exchange.id, "", supplier.json(exchange))
            supplier.expect(references.nested_agrees(value, there, members))


# --- reading ---------------------------------------------------------------------------------------------


def details(supplier: Supplier, listing, item):
    """The sampled records of a list, each with the answer of the operation that serves one."""
    only_claimed(supplier, listing)
    found = supplier.collection(listing.id).details(item.id)
    if not found:
        raise Inconclusive(f"{listing.path} lists no record with an id.")
    return found


def narrowed_records(supplier: Supplier):
    """The records with an id that the list holds when this run asks for less. NotApplicable when there are none."""
    only_claimed(supplier, supplier.operation())
    found = [record for page in narrowed.pages(supplier) for record in page.records() if record.id]
    if not found:
        raise NotApplicable(f"{supplier.operation().path} gave this run no record to any further parameter.")
    return found


def same_as(supplier: Supplier, plain, record):
    """Whether the plain list says the same of a record."""
    return not disagreements(
        supplier,
        record,
        Value(record.exchange.id, record.pointer, record.value),
        Value(plain.exchange.id, plain.pointer, plain.value),
    )


def gone_meanwhile(supplier: Supplier, record):
    """Whether the list, asked once more, holds the record no longer."""
    again = supplier.send(dataclasses.replace(record.exchange.request, fresh=record.exchange.request.fresh + 1))
    try:
        page = supplier.collection().read(again, 1)
    except Inconclusive:
        return True
    return all(other.id != record.id for other in page.records())


def bodies(supplier: Supplier, found):
    """The pairs whose detail can be read, with its body. Inconclusive when there is none."""

    def read(pair):
        record, exchange = pair
        with suppress(ValueError):
            if exchange.ok:
                return [(record, exchange, alone(exchange, supplier.parse(exchange)))]
        return []

    pairs = Sheaf(found, read)
    if not pairs:
        raise unclear(next(iter(found.exchanges.values())))
    return pairs


def alone(exchange, body):
    """The one record of an answer: some standards answer one record as an array of one."""
    if isinstance(body, list) and len(body) == 1:
        return Value(exchange.id, "/0", body[0])
    return Value(exchange.id, "", body)


def read_each(supplier: Supplier, target, names):
    """The answers for identifiers: those the target's own list lacks, those read anyway, and a few of the others."""
    listed, sampled = set(), set()
    source = list_behind(supplier.profile, target)
    if source is not None:
        collection = supplier.collection(source.id)
        try:
            records = collection.records()
        except Inconclusive:
            records = []
        listed = {record.id for record in records}
        sampled = {record.id for record in collection.sample(records)}
    drawn = sorted(names, key=supplier.rank)
    outside = [name for name in drawn if name not in listed]
    inside = [name for name in drawn if name in listed and name not in sampled]
    chosen = {*outside[:SAMPLE], *(name for name in drawn if name in sampled), *inside[:LISTED]}
    if supplier.plan.options.exhaustive:
        chosen = set(drawn)
    asked = [name for name in names if name in chosen]
    answers = supplier.send_all([supplier.request(target, for_id(supplier, target, name)) for name in asked])
    return dict(zip(asked, answers, strict=True))


def disagreements(supplier: Supplier, record, listed, detail):
    """What list and record say otherwise: at ``members`` to the letter, at ``alike`` in any way to write the same."""
    arguments = supplier.arguments
    return [
        *references.agree(listed, detail, arguments["members"], record.spec.id),
        *accounts.contradict(listed, detail, arguments.get("alike", ()), record.spec.id),
    ]


def changed_meanwhile(supplier: Supplier, record, exchange):
    """Whether list and record agree when both are read again."""
    collection = supplier.collection()
    once_more = [dataclasses.replace(old.request, fresh=old.request.fresh + 1) for old in (record.exchange, exchange)]
    listing, detail = supplier.send_all(once_more)
    try:
        page = collection.read(listing, 1)
        body = alone(detail, supplier.json(detail))
    except Inconclusive:
        return False
    again = next((other for other in page.records() if other.id == record.id), None)
    if again is None:
        return False
    return not disagreements(supplier, record, Value(listing.id, again.pointer, again.value), body)


def tell_sample(supplier: Supplier, pointer, read, every):
    if len(read) < len(every):
        supplier.sample(f"{pointer} of {supplier.operation().path}", len(read), len(every))


def stop_at_undecided(exchanges):
    """What could not be told is said, after everything else was looked at."""
    for exchange in exchanges:
        if undecided(exchange):
            raise unclear(exchange)
