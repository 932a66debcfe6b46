"""Code lists: values that a standard enumerates, compared with the lists that the profile holds as data."""

import dataclasses

from interop_harness.checks import codelists
from interop_harness.checks.values import Value, at, filled
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.collection import specification
from interop_harness.suite.reading import only_claimed, read_through, records_of


def test_members(case, supplier: Supplier):
    """Values are codes of a published list: to the letter if ``exact``, else capitals and separators are put aside."""
    lists, names = supplier.profile.parameters.get("codelists", {}), case.arguments["lists"]
    codes = codelists.codes_of(lists, names)
    exact = case.arguments.get("exact", False) is True
    supplier.expect(codelists.members(values(supplier), codes, " or ".join(names), exact=exact))


def test_served(case, supplier: Supplier):
    """Values are among those that the supplier itself serves as its list of codes."""
    found, source = values(supplier), supplier.operation(case.arguments["target"])
    only_claimed(supplier, source)
    own = [value for member in case.arguments["named"] for value in filled(records_of(supplier, source), member)]
    if not own:
        raise Inconclusive(f"{source.path} lists no value at {' or '.join(case.arguments['named'])}.")
    supplier.expect(codelists.served(found, own, source.path))


def test_short(case, supplier: Supplier):
    """Codes are no longer than the screens they are made for."""
    supplier.expect(codelists.short(values(supplier), int(case.arguments["characters"])))


def test_complete(case, supplier: Supplier):
    """The supplier's own list of codes holds every code of a published list, in one group."""
    codes = codelists.codes_of(supplier.profile.parameters.get("codelists", {}), [case.arguments["list"]])
    groups, place = grouped(supplier)
    also = [str(name) for name in case.arguments.get("also_called", ())]
    supplier.expect(codelists.complete(groups, codes, str(case.arguments.get("within", "")), place, also))


def test_absent(case, supplier: Supplier):
    """The supplier's own list of codes does not hold codes that were withdrawn."""
    groups, place = grouped(supplier)
    for name in (case.arguments["within"], *case.arguments.get("also_called", ())):
        supplier.expect(codelists.absent(groups, case.arguments["codes"], str(name), place))


def grouped(supplier: Supplier):
    """The codes that the supplier lists, by group, and where the list was read."""
    arguments = supplier.arguments
    bodies = records_of(supplier, supplier.operation())
    entries = list(at(bodies, arguments["each"]))
    place = (next(iter(bodies)).exchange, arguments["each"].partition("/*")[0])
    return codelists.by_group(entries, arguments["code"], arguments["group"]), place


def values(supplier: Supplier):
    """The values at ``member`` of every record that was read. Not applicable when no record has one."""
    found = filled(entries(supplier), supplier.arguments["member"])
    if not found:
        raise NotApplicable(f"No record that was read has a value at {supplier.arguments['member']}.")
    return found


def entries(supplier: Supplier):
    """The records that the sampling rule reads; of a list, where ``query`` is given, those that it brings."""
    operation, query = supplier.operation(), supplier.arguments.get("query")
    if query is None:
        return records_of(supplier, operation)
    only_claimed(supplier, operation)
    spec = dataclasses.replace(
        specification(supplier.profile, operation),
        query=tuple((name, str(value)) for name, value in query.items()),
    )
    found = read_through(Collection(supplier, spec)).records()
    return [Value(record.exchange.id, record.pointer, record.value) for record in found]
