"""One content in several formats: the same in each, XML that every reader can read, errors in the format asked for.

Used by Open311 GeoReport; the Local Waste Service Standards show XML beside JSON, and FHIR has both formats too.
"""

import dataclasses

from interop_harness.checks import representations
from interop_harness.checks.values import Value, at
from interop_harness.profile.openapi import find
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import answers, plain_answers, unclear, undecided
from interop_harness.suite.reading import only_claimed
from interop_harness.suite.writes import has
from interop_harness.suite.xml import RefusedXml, traits


def test_same(case, supplier: Supplier):
    """Two operations that serve one thing in two formats say the same: record by record, for each that was read."""
    first, second = (supplier.operation(name) for name in case.arguments["operations"])
    only_claimed(supplier, first)
    only_claimed(supplier, second)
    if case.arguments.get("list"):
        same_lists(supplier, first, second)
        return
    seen = False
    for exchange in answers(supplier, first):
        other = supplier.send(in_format(supplier, exchange.request, first, second))
        differing = different(supplier, exchange, other)
        if differing is None:
            continue
        seen = True
        if differing:  # once more: what others change between two readings differs, too
            again = [supplier.send(dataclasses.replace(each.request, fresh=1)) for each in (exchange, other)]
            differing = different(supplier, *again)
        supplier.expect(differing or ())
    if not seen:
        raise Inconclusive(f"No answer of {first.path} and {second.path} could be read in both formats.")


def test_safe_xml(case, supplier: Supplier):
    """XML declares no document type and no entities; where it does, it is not read, and nothing is fetched."""
    seen = False
    for exchange in xml_answers(supplier):
        seen = True
        if supplier.judging and (refused := xml_traits(supplier, exchange).refused):
            supplier.expect([representations.refused(exchange, refused)])
        # what is no XML at all is judged by the schema
    if not seen:
        raise Inconclusive("There was no XML to look at.")


def test_declaration(case, supplier: Supplier):
    """XML begins with a declaration that names its encoding, UTF-8."""
    for exchange, document in documents(supplier):
        supplier.expect(representations.declaration(exchange, document.declared, document.encoding))


def test_plain_names(case, supplier: Supplier):
    """Elements have no namespace, or the one that the standard names."""
    for exchange, found in documents(supplier):
        allowed = case.arguments.get("namespace", "")
        supplier.expect(representations.plain_names(exchange, found.names, found.namespaces, allowed))


def test_entry(case, supplier: Supplier):
    """In every answer at least one entry of a list has certain values."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    wanted = {pointer: meant(supplier, value) for pointer, value in case.arguments.get("where", {}).items()}
    holds = {pointer: meant(supplier, value) for pointer, value in case.arguments.get("holds", {}).items()}
    seen = False
    for exchange in answers(supplier, operation):
        if not exchange.ok:
            continue
        place = Value(exchange.id, "", supplier.json(exchange))
        entries = [entry for found in at([place], case.arguments.get("each", "")) for entry in items(found.value)]
        seen = True
        if not any(matches(entry, wanted) and includes(entry, holds) for entry in entries):
            words = " and ".join(f"{value} at {pointer}" for pointer, value in {**wanted, **holds}.items())
            told = ["; ".join(f"{pointer} {find(entry, pointer)}" for pointer in wanted) for entry in entries]
            supplier.expect(
                [representations.entry(exchange, case.arguments.get("each", ""), words or "anything", told)]
            )
    if not seen:
        raise Inconclusive(f"{operation.path} gave no answer that could be read.")


def test_refusal(case, supplier: Supplier):
    """A request that cannot be met is refused in the format asked for, with the body that the standard describes."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    valid = plain_answers(supplier, operation)[0]
    if not valid.ok:
        raise unclear(valid)
    answer = supplier.send(altered(supplier, operation))
    if undecided(answer):
        raise unclear(answer)
    supplier.expect(representations.refusal(answer, case.arguments["expect"], answer.request.target))
    if 400 <= answer.status < 500 and case.arguments.get("body", True):
        judge_body(supplier, operation, answer)


def test_unknown_format(case, supplier: Supplier):
    """A format that the service does not offer: what it answers is recorded."""
    for operation in supplier.operations():
        exchange = plain_answers(supplier, operation)[0]
        path = exchange.request.target.partition("?")[0].rpartition(".")[0]
        answer = supplier.ask(f"{path}.{case.arguments['suffix']}")
        supplier.observe(f"{answer.request.target} answers {answer.describe()}.")


# --- two formats -----------------------------------------------------------------------------------------


def different(supplier: Supplier, exchange, other):
    """How two answers differ; None where one of them cannot be read."""
    if not (exchange.ok and other.ok):
        return None
    try:
        pair = [Value(each.id, "", supplier.parse(each)) for each in (exchange, other)]
    except ValueError:
        return None
    return list(representations.same(*settled(supplier, *pair), exchange.request.target, other.request.target))


def settled(supplier: Supplier, *values):
    """Values in which an address that may be made anew for each reader is an address, whichever it is."""
    names = set(supplier.arguments.get("fleeting", ()))

    def without(value):
        if isinstance(value, dict):
            return {
                key: representations.lasting(each) if key in names else without(each) for key, each in value.items()
            }
        return [without(each) for each in value] if isinstance(value, list) else value

    return [value._replace(value=without(value.value)) for value in values]


def same_lists(supplier: Supplier, first, second):
    """Lists are compared by id, and read once more before a record counts as missing: others may be at work."""
    left, right = (supplier.collection(one.id).page() for one in (first, second))
    lacking = apart(left, right)
    if any(lacking):
        again = [supplier.collection(one.id).page(fresh=1) for one in (first, second)]
        lacking = tuple(
            [name for name in before if name in after] for before, after in zip(lacking, apart(*again), strict=True)
        )
    supplier.expect(representations.missing(lacking[0], first.path, second.path, right.exchange))
    supplier.expect(representations.missing(lacking[1], second.path, first.path, left.exchange))
    here = {record.id: record for record in left.records()}
    both = [(here[record.id], record) for record in right.records() if record.id in here]
    if not both and not any(lacking):
        raise Inconclusive(f"{first.path} and {second.path} list no record.", left.exchange.id)
    if list(differing(supplier, both, first, second)):  # once more: others may be at work
        again = [supplier.collection(one.id).page(fresh=1) for one in (first, second)]
        there = {record.id: record for record in again[0].records()}
        both = [(there[record.id], record) for record in again[1].records() if record.id in there]
        supplier.expect(differing(supplier, both, first, second))


def differing(supplier: Supplier, both, first, second):
    for one, other in both:
        pair = [Value(each.exchange.id, each.pointer, each.value) for each in (one, other)]
        yield from representations.same(*settled(supplier, *pair), first.path, second.path)


def apart(left, right):
    """The ids that only the left page has, and those that only the right one has."""
    ours, theirs = ([record.id for record in page.records()] for page in (left, right))
    return [name for name in ours if name not in theirs], [name for name in theirs if name not in ours]


def in_format(supplier: Supplier, request, first, second):
    """The same request to the operation of the other format: its path parameters are read out of the target."""
    path, _, query = request.target.partition("?")
    prefix, suffix = first.path.partition("{")[0], first.path.rpartition("}")[2]
    other_prefix, other_suffix = second.path.partition("{")[0], second.path.rpartition("}")[2]
    if not first.path_parameters:
        target = second.path
    else:
        target = f"{other_prefix}{path[len(prefix) : len(path) - len(suffix)]}{other_suffix}"
    return dataclasses.replace(request, target=f"{target}?{query}" if query else target)


# --- XML as it stands ------------------------------------------------------------------------------------


def xml_answers(supplier: Supplier):
    """Every answer that is XML, errors and answers to what was sent included."""
    for operation in supplier.operations(safe=False):
        for exchange in [*answers(supplier, operation, strict=False), *refusals(supplier, operation)]:
            if exchange.response is not None and exchange.response.media_type.endswith("xml"):
                yield exchange


def refusals(supplier: Supplier, operation):
    """The answer for a record that does not exist, where the operation serves one record."""
    if not operation.path_parameters or not all(kind.endswith("xml") for kind in operation.media_types(200)):
        return []
    unknown = dict.fromkeys(operation.path_parameters, supplier.profile.parameters["unknown_id"])
    return [supplier.call(operation, unknown)]


def xml_traits(supplier: Supplier, exchange):
    return supplier.derived(exchange, "xml traits", lambda: traits(exchange.response.body))


def documents(supplier: Supplier):
    """The XML answers that can be read, each with what it is judged by: nothing more is asked after them."""
    asked = list(xml_answers(supplier))
    if not supplier.judging:
        return []
    found = [(exchange, seen) for exchange in asked if (seen := xml_traits(supplier, exchange)).readable]
    if not found:
        raise Inconclusive("There was no XML that could be read.")
    return found


# --- entries and refusals --------------------------------------------------------------------------------


def items(value):
    return value if isinstance(value, list) else [value]


def meant(supplier: Supplier, value):
    """``base_url`` and ``fact:NAME`` stand for what the target file says."""
    if value == "base_url":
        return supplier.base_url
    return str(supplier.fact(value[5:])) if isinstance(value, str) and value.startswith("fact:") else value


def matches(entry, wanted):
    """Whether an entry has the values; an address may end in a slash or not."""
    texts = {pointer: str(find(entry, pointer)).rstrip("/").lower() for pointer in wanted}
    return all(texts[pointer] == str(value).rstrip("/").lower() for pointer, value in wanted.items())


def includes(entry, holds):
    """Whether the list at each pointer has the value among its items."""
    return all(any(has({"it": one}, {"/it": value}) for one in items(find(entry, at_))) for at_, value in holds.items())


def altered(supplier: Supplier, operation):
    """A request with the case's own path values and query; ``unknown`` is an id that no record has."""
    unknown = str(supplier.profile.parameters["unknown_id"])
    path = {
        name: unknown if value == "unknown" else value for name, value in supplier.arguments.get("path", {}).items()
    }
    query = [
        (name, unknown if value == "unknown" else meant(supplier, value))
        for name, value in supplier.arguments.get("query", {}).items()
    ]
    return supplier.request(operation, path, query=query)


def judge_body(supplier: Supplier, operation, answer):
    """The body of a refusal against what is documented for its status."""
    media = next(iter(operation.media_types(answer.status)), "")
    try:
        body = supplier.parse(answer)
    except RefusedXml as refused:
        raise Inconclusive(str(refused), answer.id) from refused
    except ValueError as error:
        supplier.expect(representations.unreadable(answer, media, str(error)))
        return
    errors = supplier.validators.response_errors(body, operation.id, answer.status, media)
    supplier.expect(representations.body(answer, errors or ()))
