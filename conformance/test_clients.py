"""Other clients: a sample of the run's own requests, repeated as a browser, curl or another library would send them.

Some more are requests that nobody has made yet: the other client asks first, and the suite after it.
"""

from interop_harness.checks import clients
from interop_harness.evidence import Finding
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.clients import drawn, unasked

ROUNDS = 8
"""How often each side is asked again before anything is said: answers that a coin decides are not taken for a rule."""
FEWEST = 6
"""Rounds without which nothing is said, where there are not as many requests that nobody has made."""
ENOUGH = 3
"""Requests answered otherwise; what is behind them need not be asked for any more."""


def test_alike(case, supplier: Supplier):
    """Status, media type, shape and content of an answer are the same for every client that asks the same."""
    group = clients.played(case.arguments["as"], supplier.rank)
    new = unasked(supplier, case.arguments["as"])
    wanted = int(supplier.arguments.get("sample", 12))
    lists = new[: wanted // 6]
    asked = drawn(supplier, wanted - len(lists))
    if not asked and not lists:
        raise NotApplicable("The run makes no safe request that was answered and could be repeated.")
    pairs = [(one, *group[number % len(group)]) for number, one in enumerate(asked)]
    # What the suite gets in no language at all need not be what it would get in the client's.
    silent = [client for client in group if "accept-language" not in {name.lower() for name, _ in client[1]}]
    early = [(requests[0], *silent[number % len(silent)]) for number, requests in enumerate(lists)]
    others = supplier.send_all(
        [
            *(clients.disguised(one.request, headers, 0) for one, _, headers in pairs),
            *(clients.disguised(request, headers, 0) for request, _, headers in early),
        ]
    )
    told, unclear, found = 0, None, 0
    for (one, title, headers), other in zip(pairs, others, strict=False):
        different, exchange, sure = compared(supplier, one, headers, other)
        if sure:
            told += 1
        else:
            unclear = exchange
        if different:
            found += 1
            say(supplier, one.request, f"asked as {title}", different, exchange)
        if found >= ENOUGH:
            break
    for (request, title, headers), other, requests in zip(early, others[len(pairs) :], lists, strict=True):
        if found >= ENOUGH:
            break
        different, exchange, sure = compared_first(supplier, request, headers, other, requests[1:])
        if sure:
            told += 1
        else:
            unclear = exchange
        if different:
            found += 1
            say(supplier, request, f"asked as {title} before the suite itself asked", different, exchange)
    if not told:
        raise Inconclusive("No repeated request got an answer that could be compared.", unclear.id if unclear else "")


def say(supplier, request, who, different, exchange):
    expected = f"{request.method} {request.target} is answered alike whoever asks"
    observed = f"{who}: {'; '.join(different[:4])}{more(different[4:])}"
    supplier.expect([Finding(expected, observed, exchange.id)])


def compared(supplier, one, headers, other):
    """How the answer to another client differs, and whether that is sure: both are asked again before anything is said.

    Data may change and servers may stumble while a run goes on, so a difference counts only when the suite itself got
    the same each time, and the other client something else each time. The order of asking is drawn: what goes round
    by turns does not fall together with it.
    """
    if same(one, other):
        return [], other, True
    own, others, alike = [seen(supplier, one)], [seen(supplier, other)], []
    names = clients.shared(headers, one, other)
    translated = "accept-language" in names and "accept-language" in clients.varies(one)
    again = other
    for attempt, mine in enumerate(turns(supplier, one.request), 1):
        if not clients.told(own, others, alike, translated):
            return [], again, True
        if not mine:
            again = supplier.send(clients.disguised(one.request, headers, attempt))
            others.append(seen(supplier, again))
            if again.busy:
                return [], again, False
            continue
        if not names or clients.shapes(own, others, translated):
            control = supplier.send(clients.repeated(one.request, attempt))
            own.append(seen(supplier, control))
            if control.busy or own[-1].outside != own[0].outside:
                return [], control, False
        if names:
            control = supplier.send(clients.asked_alike(one.request, headers, names, attempt))
            alike.append(seen(supplier, control))
            if control.busy:
                return [], control, False
    return clients.told(own, others, alike, translated), again, True


def compared_first(supplier, request, headers, other, spare):
    """The same for a request that another client made before the suite did.

    To make it again would not be the same, so ``spare`` ones that nobody has made are made: some by the other client
    first, some by the suite. What differs between two answers to the suite is no matter of who asks.
    """
    names = clients.shared(headers, other)

    def ask(wanted, attempt):
        if names:
            return supplier.send(clients.asked_alike(wanted, headers, names, attempt))
        return supplier.send(clients.repeated(wanted, attempt) if attempt % 2 else wanted)

    usual = ask(request, 0)
    if usual.busy or other.busy:
        return [], other, False
    if same(usual, other):
        return [], other, True
    left = clients.differences(seen(supplier, usual), seen(supplier, other))
    rounds = min(ROUNDS, len(spare) // 2)
    if rounds < FEWEST:
        return [], other, False
    for number, (mine, wanted) in enumerate(zip(turns(supplier, request, rounds), spare, strict=False), 1):
        if not left:
            return [], other, True
        one = ask(wanted, 2 * number) if mine else supplier.send(clients.disguised(wanted, headers, 0))
        another = ask(wanted, 2 * number + 1 if mine else 2 * number)
        if one.busy or another.busy:
            return [], one, False
        found = clients.differences(seen(supplier, another), seen(supplier, one))
        left = {what: said for what, said in left.items() if (what in found) is not mine}
    return clients.words(left), other, True


def turns(supplier, request, rounds=ROUNDS):
    """Whose turn it is, the suite's (true) or the other client's: each equally often, the suite's first."""
    drawn_in = sorted(range(1, 2 * rounds), key=lambda turn: supplier.rank(f"client turn {turn} {request.key}"))
    return [True, *(turn < rounds for turn in drawn_in)]


def same(one, other):
    """Whether two answers are the same to the byte, and nothing need be read."""
    return (
        one.response is not None
        and other.response is not None
        and not other.busy
        and one.status == other.status
        and one.response.media_type == other.response.media_type
        and one.response.body == other.response.body
    )


def seen(supplier, exchange):
    """What an answer is compared by. A body that is no data is compared as text."""

    def read():
        try:
            value = supplier.parse(exchange)
        except ValueError:
            value = None
        return clients.look(exchange, value)

    return supplier.derived(exchange, "look", read)


def more(rest):
    return f"; and {len(rest)} more differences" if rest else ""
