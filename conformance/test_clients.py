"""Other clients: a sample of the run's own requests, repeated as a browser, curl or another library would send them."""

from interop_harness.checks import clients
from interop_harness.evidence import Finding
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.clients import drawn


def test_alike(case, supplier: Supplier):
    """Status, media type and shape of an answer are the same for every client that asks the same."""
    wanted = int(supplier.arguments.get("sample", 12))
    asked = drawn(supplier, wanted)
    if not asked:
        raise NotApplicable("The run makes no safe request that was answered and could be repeated.")
    group = clients.GROUPS[supplier.arguments["as"]]
    told, unclear = 0, None
    pairs = [(one, *group[number % len(group)]) for number, one in enumerate(asked)]
    others = supplier.send_all([clients.disguised(one.request, headers, 0) for one, _, headers in pairs])
    for (one, title, headers), other in zip(pairs, others, strict=True):
        different, exchange, sure = compared(supplier, one, headers, other)
        if not sure:
            unclear = exchange
            continue
        told += 1
        if different:
            supplier.expect(
                [
                    Finding(
                        f"{one.request.method} {one.request.target} is answered alike whoever asks",
                        f"asked as {title}: {'; '.join(different[:4])}{more(different[4:])}",
                        exchange.id,
                    )
                ]
            )
    if not told:
        raise Inconclusive("No repeated request got an answer that could be compared.", unclear.id if unclear else "")


def compared(supplier, one, headers, other):
    """How the answer to another client differs, and whether that is sure: both are asked again before anything is said.

    Data may change and servers may stumble while a run goes on, so a difference counts only when the suite itself got
    three times the same, and the other client three times something else.
    """
    usual = seen(supplier, one.exchange)
    found = clients.differences(usual, seen(supplier, other))
    if not found and not other.busy:
        return [], other, True
    for attempt in (1, 2):
        control = supplier.send(clients.repeated(one.request, attempt))
        again = supplier.send(clients.disguised(one.request, headers, attempt))
        if again.busy or control.busy or seen(supplier, control) != usual:
            return [], again, False
        found = clients.differences(usual, seen(supplier, again))
        if not found:
            break
    return found, again, True


def seen(supplier, exchange):
    """What an answer is compared by. A body that is no data is compared as text."""
    try:
        value = supplier.parse(exchange)
    except ValueError:
        value = None
    return clients.look(exchange, value)


def more(rest):
    return f"; and {len(rest)} more differences" if rest else ""
