"""Members of records: there, well written, possible, and at one with each other. Over every record that was read."""

import hashlib
import json
import marshal
from contextlib import suppress
from functools import cache, partial

from interop_harness.checks import fields
from interop_harness.checks.values import Value, at, filled
from interop_harness.suite import Inconclusive, NotApplicable, Supplier, narrowed
from interop_harness.suite.answers import answers
from interop_harness.suite.reading import read_once, records_of

PLAIN = 2
"""The last form of marshal's in which equal values are written alike: later ones say what was seen before."""


def test_required(case, supplier: Supplier):
    """Every record has the member."""
    records = records_of(supplier, supplier.operation())
    for member in case.arguments["members"]:
        supplier.expect(fields.required(records, member))


def test_populated(case, supplier: Supplier):
    """A member that is given is not blank."""
    records = records_of(supplier, supplier.operation())
    for member in case.arguments["members"]:
        supplier.expect(fields.populated(records, member))


def test_no_empty_values(case, supplier: Supplier):
    """Members without a value are left out."""
    operation = supplier.operation()
    records = every_record(supplier)
    if not case.arguments.get("optional_only"):
        supplier.expect(fields.no_empty_values(records))
        return
    media = (operation.documented(operation.success[0]) or {}).get("content", {}) if operation.success else {}
    schema = next((media[name].get("schema", {}) for name in sorted(media) if "json" in name), {})
    compulsory = cache(partial(fields.is_compulsory, supplier.profile.openapi, schema))
    supplier.expect(fields.no_empty_values(records, compulsory))


def test_identity(case, supplier: Supplier):
    """Every record names what it belongs to, by id or by nesting it."""
    records = every_record(supplier)
    supplier.expect(fields.identity(records, case.arguments["key"], case.arguments["nested"]))


def test_organization_identity(case, supplier: Supplier):
    """One id always comes with the same name."""
    records = records_of(supplier, supplier.operation())
    if not fields.repeated(records, case.arguments["id"]):
        raise NotApplicable(f"No value at {case.arguments['id']} occurs in two of the {len(records)} records read.")
    supplier.expect(fields.same_identity(records, case.arguments["id"], case.arguments["members"]))


def test_parent_child_ids(case, supplier: Supplier):
    """An id in a nested record is the id of the record it names."""
    records = every_record(supplier)
    pairs = [(pair["child"], pair["parent"]) for pair in case.arguments["pairs"]]
    if not any(True for child, parent in pairs for _ in fields.nested_pairs(records, child, parent)):
        raise NotApplicable(f"None of the {len(records)} records read nests one that names its parent.")
    for child, parent in pairs:
        supplier.expect(fields.parent_child_ids(records, child, parent))


def test_unique_nested_ids(case, supplier: Supplier):
    """Nested records of one kind have different ids."""
    records = every_record(supplier)
    some([each for member in case.arguments["members"] for each in filled(records, member)], "nested records with ids")
    for member in case.arguments["members"]:
        supplier.expect(fields.unique_nested_ids(records, member))


def test_order(case, supplier: Supplier):
    """The first of two members is not after the second."""
    arguments = case.arguments
    both = [
        holder
        for holder in containers(supplier)
        if filled([holder], arguments["first"]) and filled([holder], arguments["second"])
    ]
    some(both, f"both {arguments['first']} and {arguments['second']}")
    supplier.expect(fields.ordered(both, arguments["first"], arguments["second"], arguments["kind"]))


def test_range(case, supplier: Supplier):
    """Numbers lie within bounds."""
    records = every_record(supplier)
    found = [each for member in case.arguments["members"] for each in filled(records, member)]
    some(found, f"a value at {' or '.join(case.arguments['members'])}")
    supplier.expect(fields.in_range(found, case.arguments.get("minimum"), case.arguments.get("maximum")))


def test_coordinates(case, supplier: Supplier):
    """Points lie where points can lie."""
    arguments = case.arguments
    names = (arguments["latitude"], arguments["longitude"])
    found = [holder for holder in containers(supplier) if any(filled([holder], name) for name in names)]
    some(found, "coordinates")
    supplier.expect(fields.coordinates(found, *names, arguments["bounds"]))


def test_depends(case, supplier: Supplier):
    """Where one member is given, others are given too or have certain values."""
    member = case.arguments["member"]
    found = fields.holders(containers(supplier), member, case.arguments.get("above"))
    some(found, f"{member} above {case.arguments['above']}" if "above" in case.arguments else member)
    supplier.expect(fields.depends(found, case.arguments.get("requires", ()), case.arguments.get("values", {}), member))


def test_format(case, supplier: Supplier):
    """Values are written as the format says."""
    found = filled(every_record(supplier), case.arguments["member"])
    for name, allowed in case.arguments.get("when", {}).items():
        found = [each for each in found if isinstance(each.parent, dict) and each.parent.get(name) in allowed]
    some(found, f"a value at {case.arguments['member']}")
    supplier.expect(fields.formatted(found, case.arguments["format"]))


def test_kind(case, supplier: Supplier):
    """Values are numbers, texts or truths, as the standard has them."""
    found = filled(every_record(supplier), case.arguments["member"])
    some(found, f"a value at {case.arguments['member']}")
    supplier.expect(fields.of_kind(found, case.arguments["kind"]))


def test_one_of(case, supplier: Supplier):
    """Values come from a list: each of them, or of those in one ``each`` at least one."""
    member, values = case.arguments["member"], case.arguments["values"]
    found = filled(every_record(supplier), member)
    some(found, f"a value at {member}")
    if "each" not in case.arguments:
        supplier.expect(fields.one_of(found, values))
        return
    rest = member.removeprefix(case.arguments["each"])
    supplier.expect(fields.among([(place, filled([place], rest)) for place in containers(supplier)], values))


def test_recent(case, supplier: Supplier):
    """Dates are not older than so many days."""
    found = filled(every_record(supplier), case.arguments["member"])
    some(found, f"a value at {case.arguments['member']}")
    supplier.expect(fields.recent(found, supplier.now, int(case.arguments["days"])))


def test_not_future(case, supplier: Supplier):
    """Dates do not lie in the future."""
    found = filled(every_record(supplier), case.arguments["member"])
    some(found, f"a value at {case.arguments['member']}")
    supplier.expect(fields.not_future(found, supplier.now))


def test_coverage(case, supplier: Supplier):
    """How many records fill a member: recorded."""
    records = records_of(supplier, supplier.operation())
    for member in case.arguments["members"]:
        supplier.observe(fields.coverage(records, member))


def containers(supplier: Supplier):
    """The objects that a case is about: those at ``each`` in every record, or the records themselves."""
    return list(at(every_record(supplier), supplier.arguments.get("each", "")))


def every_record(supplier: Supplier):
    """The records that the sampling rule reads, and what the list says otherwise in whatever else the run asks of it.

    That is when less than everything is asked for, in other page sizes, and plainly: what holds for any record holds
    there, too. What is said to the letter already is looked at once.
    """
    operation = supplier.operation()
    records = records_of(supplier, operation)
    if operation.path_parameters or not operation.safe:
        return records
    other = read_once(supplier, ("told otherwise", operation.id), lambda: told_otherwise(supplier, records))
    if not other:
        return records
    return [*records, *(each for each in elsewhere(supplier) if (each.exchange, each.pointer) in other)]


def told_otherwise(supplier: Supplier, records):
    """Where these stand: the records themselves may be too many to keep."""
    more = elsewhere(supplier)
    if not supplier.judging:  # what is asked for is all that counts until then
        return set()
    read, seen, found = {as_read(record.value) for record in records}, set(), set()
    for each in more:
        quick = as_read(each.value)
        if quick in read:
            continue
        read.add(quick)
        seen = seen or {as_written(record.value) for record in records}
        told = as_written(each.value)
        if told not in seen:
            seen.add(told)
            found.add((each.exchange, each.pointer))
    return found


def elsewhere(supplier: Supplier):
    """The records of whatever is asked of the list: narrowed, plainly, and in other page sizes."""
    narrowed.walks(supplier)
    usual = answers(supplier, supplier.operation(), strict=False)
    return (
        Value(record.exchange.id, record.pointer, record.value)
        for page in pages(supplier, usual)
        for record in page.records()
    )


def pages(supplier: Supplier, usual):
    yield from narrowed.pages(supplier)
    for exchange in usual:
        with suppress(Inconclusive):  # for other cases to say
            yield supplier.collection().read(exchange, 1)


def as_read(value):
    """The same only for the same record, its members in the same order: a third of what ``as_written`` takes."""
    try:
        return hashlib.sha256(marshal.dumps(value, PLAIN)).digest()
    except ValueError:
        return b"too deep"


def as_written(value):
    """The same for the same record. All that are nested too deeply are one: what that is, is for the schema to say."""
    try:
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    except RecursionError:
        return b"too deep"


def some(found, what: str) -> None:
    if not found:
        raise NotApplicable(f"No record that was read has {what}.")
