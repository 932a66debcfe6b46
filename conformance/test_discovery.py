"""The front door: what the API says of itself, and whether its own links lead somewhere."""

from interop_harness.checks import discovery
from interop_harness.checks.references import member
from interop_harness.checks.values import Value
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import undecided


def test_members(case, supplier: Supplier):
    """The answer has every one of the named members."""
    exchange, body = front_door(supplier)
    supplier.expect(discovery.members(exchange, body, supplier.arguments["members"]))


def test_version(case, supplier: Supplier):
    """The version is the one the profile names, in any of the ways it is written."""
    exchange, found = stated(supplier)
    supplier.expect(discovery.version(exchange, found, supplier.arguments["pointer"], supplier.arguments["accepts"]))


def test_absolute_uri(case, supplier: Supplier):
    """The member is an absolute web address."""
    exchange, found = stated(supplier)
    supplier.expect(discovery.absolute_uri(exchange, found, supplier.arguments["pointer"]))


def test_link_resolves(case, supplier: Supplier):
    """The address leads to something; asked only below the base address under test."""
    link, answer = follow(supplier)
    supplier.expect(discovery.resolves(link, answer))


def test_openapi_document(case, supplier: Supplier):
    """The advertised interface description is one, and describes the paths that matter."""
    _, answer = follow(supplier)
    if not answer.ok:
        raise Inconclusive(answer.told(), answer.id)
    try:
        document = supplier.parse(answer)
    except ValueError as error:
        document = f"{answer.describe()}, {error}"
    supplier.expect(discovery.openapi_document(answer, document, supplier.arguments.get("paths", ())))


def test_record(case, supplier: Supplier):
    """What stands there: recorded."""
    _, found = stated(supplier)
    supplier.observe(f"{supplier.arguments['pointer']} is {discovery.shown(found)}.")


def front_door(supplier: Supplier):
    exchange = supplier.call(supplier.operation())
    return exchange, supplier.json(exchange)


def stated(supplier: Supplier):
    """The exchange and the value at the case's pointer. Inconclusive when there is none: the members case says so."""
    exchange, body = front_door(supplier)
    found = member(Value(exchange.id, "", body), supplier.arguments["pointer"])
    if found is None:
        raise Inconclusive(f"There is nothing at {supplier.arguments['pointer']}.", exchange.id)
    return exchange, found.value


def follow(supplier: Supplier):
    """The link and what it leads to. Not asked of other hosts: tests contact none but the one under test."""
    exchange, link = stated(supplier)
    if list(discovery.absolute_uri(exchange, link, "")):
        raise Inconclusive(f"{discovery.shown(link)} is not an absolute web address.", exchange.id)
    target = discovery.below(supplier.base_url, link)
    if target is None:
        raise NotApplicable(
            f"{discovery.shown(link)} is not below the base address under test, so it is not contacted."
        )
    answer = supplier.ask(target)
    if undecided(answer):
        raise Inconclusive(answer.told(), answer.id)
    return link, answer
