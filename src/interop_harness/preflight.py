"""Observations before any judgement: name, connection, TLS, first answer, clock, credentials, proxy.

Most failures in the field are failures of configuration. Each probe says what was seen and what to do; none
raises for anything the endpoint does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from interop_harness.evidence import Exchange, FailureKind, Probe, Redactor, Request
from interop_harness.implementation import Implementation
from interop_harness.transport.credentials import NoToken
from interop_harness.transport.failures import Trouble
from interop_harness.transport.pacing import moment, retry_after_seconds
from interop_harness.transport.proxies import way_in

if TYPE_CHECKING:
    from interop_harness.transport.live import LiveTransport

CLOCK_TOLERANCE = timedelta(minutes=5)
UNREACHABLE = ("proxy", "dns", "connect", "tls", "credentials", "http")
"""The probes without which nothing can be tested, in the order of a connection."""

LONGEST = 600
"""Letters of a summary."""

IN_PROCESS = "The implementation runs inside this process: there is no network to look at."


def preflight(
    implementation: Implementation,
    transport: LiveTransport,
    *,
    now: datetime | None = None,
    targets: Sequence[str] = ("",),
) -> list[Probe]:
    """Every probe, in the order of a connection. ``now`` is the time at the start, by a clock that is right.

    ``targets`` are asked for in turn until one is answered: some services drop requests for their root.
    """
    redactor = transport.redactor
    return [
        replace(
            probe,
            summary=_brief(redactor.text(probe.summary)),
            hint=redactor.text(probe.hint),
            facts=redactor.values(probe.facts),
        )
        for probe in _looked(implementation, transport, now, targets)
    ]


def _brief(text: str) -> str:
    """A media type of fifty thousand letters is no sentence."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _looked(
    implementation: Implementation, transport: LiveTransport, now: datetime | None, targets: Sequence[str]
) -> list[Probe]:
    started = time.monotonic()
    at = now or datetime.now(UTC)

    def clock() -> datetime:
        return at + timedelta(seconds=time.monotonic() - started)

    probes = [_proxy(transport)]
    if transport.in_process:
        probes += [Probe(name, None, IN_PROCESS) for name in ("dns", "connect", "tls", "tls-legacy", "http-plain")]
    else:
        from interop_harness.transport import probing

        probes += probing.network(implementation, transport, clock())
    if unreachable(probes) is not None:
        blocked = "Not looked at: the endpoint was not reached."
        return [*probes, *(Probe(name, None, blocked) for name in ("credentials", "http", "clock"))]
    token = _token(transport)
    if token is not None and token.ok is False:
        blocked = "Not looked at: there are no credentials to ask with."
        return [*probes, token, *(Probe(name, None, blocked) for name in ("http", "clock"))]
    exchange, asked_at = _asked(transport, targets, clock)
    probes.append(token if token is not None and exchange.status not in (401, 403) else _let_in(transport, exchange))
    probes.append(_http(transport, exchange))
    probes.append(_clock(*_past_caches(transport, exchange, asked_at, clock), clock))
    return probes


def _asked(
    transport: LiveTransport, targets: Sequence[str], clock: Callable[[], datetime]
) -> tuple[Exchange, datetime]:
    """The first of the targets that is answered, and when it was asked. Where none is, the first one's trouble stands.

    What befell a later one may be our own doing, --max-time say, and would hide it.
    """
    first = None
    for target in targets:
        asked_at = clock()
        exchange = transport.probe(Request("GET", target))
        if exchange.response is not None:
            return exchange, asked_at
        first = first or (exchange, asked_at)
    assert first is not None, "there is a target at least"
    return first


def put_off(probes: Sequence[Probe]) -> Probe | None:
    """The probe that says the service wants to be left alone now, however often it was asked; None when it does not.

    A run begins all the same and says of each case what came of it; to start one now is no use.
    """
    return next((one for one in probes if one.name == "http" and one.facts.get("status") in (429, 503)), None)


def token_too_short(redactor: Redactor) -> bool:
    """Whether the token endpoint issued a token that could stand in any answer, and nobody would find it."""
    return "access_token" in redactor.short


def unreachable(probes: Sequence[Probe]) -> Probe | None:
    """The probe that says why nothing can be tested; None when the endpoint answers.

    Refused credentials are not among the reasons: whether anonymous access is owed, the profile decides.
    """
    failed = {
        probe.name: probe
        for probe in probes
        if probe.ok is False and not (probe.name == "credentials" and "status" in probe.facts)
    }
    return next((failed[name] for name in UNREACHABLE if name in failed), None)


def _proxy(transport: LiveTransport) -> Probe:
    proxy, tokens = transport.credentials.proxy, transport.credentials.tokens
    others = tokens.proxy if tokens is not None else proxy
    if proxy is None and others is None:
        return Probe("proxy", None, "No proxy is used.")
    if proxy is None:
        assert others is not None, "that was just told"
        told = f"Only the token endpoint is asked through a proxy: {others.url}, named by {others.source}."
        return Probe("proxy", True, told, facts={"token_endpoint": others.url, "source": others.source})
    apart = (
        "" if others == proxy else f" The token endpoint is asked {f'through {others.url}' if others else 'directly'}."
    )
    return Probe(
        "proxy",
        True,
        f"Requests go through the proxy {proxy.url}, named by {proxy.source}.{apart}",
        "Over plain HTTP it can answer in the service's place, and nothing in an answer proves whose it is: a header "
        "that says so, a service can send too. Every answer but 407 counts as the service's. Ask whoever runs the "
        "proxy about each 403, 502, 503 and 504, or test over HTTPS, where a proxy cannot answer."
        if _answers_for(transport)
        else "",
        facts={"url": proxy.url, "source": proxy.source, "credentials": proxy.credentials is not None},
    )


def _answers_for(transport: LiveTransport) -> str:
    """The proxy that could answer in the service's place: one that plain HTTP goes through."""
    proxy = transport.credentials.proxy
    return proxy.url if proxy is not None and transport.implementation.scheme == "http" else ""


def _maybe_the_proxy(transport: LiveTransport) -> str:
    proxy = _answers_for(transport)
    return (
        f" This came through the proxy {proxy}: ask whoever runs it whether it answered, and not the service."
        if (proxy)
        else ""
    )


def _token(transport: LiveTransport) -> Probe | None:
    if transport.credentials.tokens is None:
        return None
    try:
        transport.obtain_token()
    except Trouble as trouble:
        kind = "oauth2-client-credentials" if trouble.kind is FailureKind.CREDENTIALS else trouble.kind.value
        return Probe("credentials", False, trouble.message, _without_token(transport, trouble), {"kind": kind})
    if token_too_short(transport.redactor):
        return Probe(
            "credentials",
            False,
            "The token endpoint issued an access token of fewer than eight characters, which could not be kept out of "
            "what a run writes: nothing is asked with it.",
            f"{_short(transport)} Let the token endpoint issue longer ones.",
            {"kind": "oauth2-client-credentials"},
        )
    return Probe(
        "credentials",
        True,
        "The token endpoint issued an access token.",
        _short(transport),
        {"kind": "oauth2-client-credentials"},
    )


_TO_TOKENS = {
    FailureKind.DNS: "This is about your configuration: check the spelling of the host in {place}, and this machine's "
    "name servers.",
    FailureKind.CONNECT: "This is about the network: check that the token endpoint runs, that host and port in {place} "
    "are right, and any firewall on the way to it.",
    FailureKind.TIMEOUT: "Whatever listens at {place} accepts connections but gives no answer: see its log, or raise "
    "limits.timeout.",
    FailureKind.RESET: "Something accepts connections and drops them: check the port in {place}, and any firewall in "
    "between.",
    FailureKind.PROTOCOL: "Whatever listens there does not speak HTTP/1.1: check the port in {place}.",
}
"""What to do where the token endpoint gave no answer: nobody has looked at the client's id and secret yet."""


def _without_token(transport: LiveTransport, trouble: Trouble) -> str:
    """What to do about a token that was not issued. The client's id and secret are doubtful where they were refused."""
    tokens = transport.credentials.tokens
    assert tokens is not None, "nobody else is asked for a token"
    parts = urlsplit(tokens.url)
    # Its path and query may name a tenant, and stand in nothing else that is written.
    place = f"auth.token_url ({parts.scheme}://{parts.netloc})"
    refusal = trouble if isinstance(trouble, NoToken) else None
    if refusal is not None and refusal.todo:
        return refusal.todo
    met = refusal.met or refusal if refusal is not None else trouble
    if met.kind in (FailureKind.TLS, FailureKind.PROXY):
        hint = way_in(met.message, parts.hostname or "", tokens.proxy).replace("base_url", "auth.token_url")
        return hint if met.kind is FailureKind.PROXY else f"This is about {place}. {hint}"
    if met.kind in _TO_TOKENS and (refusal is not None or met.kind is FailureKind.CONNECT):
        return _TO_TOKENS[met.kind].format(place=place)
    if refusal is None:
        # It was too busy, or nothing more was to be sent: what is configured may be right.
        return "The token endpoint could not issue a token now: test again later, and more slowly (limits.rate)."
    if refusal.status in _REFUSALS:
        return f"Check the client's id and secret and auth.scope, and that they are for {place}."
    if refusal.status >= 500:
        return f"The token endpoint failed: see its log, and check that {place} is where tokens are issued."
    return f"Check that {place} is where tokens are issued (RFC 6749, 4.4)."


_REFUSALS = (400, 401, 403)
"""Statuses with which a token endpoint refuses a client, or what it asks for (RFC 6749, 5.2); some answer 403."""


def _short(transport: LiveTransport) -> str:
    short = sorted(transport.redactor.short)
    return f"Shorter than eight characters, so only redacted where it is expected: {', '.join(short)}." if short else ""


def _let_in(transport: LiveTransport, exchange: Exchange) -> Probe:
    kind = transport.implementation.auth.kind
    facts = {"kind": kind, "status": exchange.status}
    note = _short(transport)
    if exchange.response is None:
        return Probe("credentials", None, "Not seen: no answer came that tells whether they are accepted.", facts=facts)
    if exchange.status in (401, 403) and kind == "none":
        return Probe(
            "credentials",
            False,
            f"{_where(exchange)} answers {exchange.status} and the target states no credentials.",
            "If the service needs credentials, add auth to the target file (docs/target-file.md)."
            + _maybe_the_proxy(transport),
            facts,
        )
    if exchange.status in (401, 403):
        return Probe(
            "credentials",
            False,
            f"{_where(exchange)} answers {exchange.status} to credentials of the kind {kind}.",
            "Check the secret that the target file refers to, and that it is for this environment."
            + (" Some services answer 403 for an address that they do not have." if exchange.status == 403 else "")
            + _maybe_the_proxy(transport),
            facts,
        )
    if kind == "none":
        return Probe("credentials", True, "No credentials are used, and none were asked for.", facts=facts)
    return Probe("credentials", True, f"Credentials of the kind {kind} were not refused.", note, facts)


_HINTS = {
    FailureKind.DNS: "Check the spelling of the host in base_url, and this machine's name servers.",
    FailureKind.CONNECT: "Check that the service runs, and that host and port in base_url are right.",
    FailureKind.TIMEOUT: "The service accepts connections but gives no answer: see its log, or raise limits.timeout.",
    FailureKind.RESET: "Something accepts connections and drops them: check the port, and any firewall in between.",
    FailureKind.PROTOCOL: "Whatever listens there does not speak HTTP/1.1: check the port in base_url.",
    FailureKind.REDIRECT: "Put the address that it redirects to into base_url, if that is the service under test.",
}


_ON_THE_WAY = (FailureKind.TIMEOUT, FailureKind.RESET, FailureKind.PROTOCOL)
"""What a proxy does too, that cannot reach the service."""


def _hint(transport: LiveTransport, exchange: Exchange, kind: FailureKind) -> str:
    if kind in (FailureKind.TLS, FailureKind.PROXY):
        # TLS 1.3 has a server refuse the client after the handshake, which the tls probe saw go well.
        return way_in(exchange.describe(), transport.implementation.host, transport.credentials.proxy)
    return _HINTS.get(kind, "")


def _where(exchange: Exchange) -> str:
    return exchange.request.target or "The base address"


def _http(transport: LiveTransport, exchange: Exchange) -> Probe:
    facts: dict[str, object] = {"status": exchange.status, "elapsed_ms": exchange.elapsed_ms}
    if exchange.response is None:
        failure = exchange.failure
        kind = failure.kind if failure else FailureKind.PROTOCOL
        # An answer that the harness refuses to read is still an answer; the cases will name it.
        answered = kind in (FailureKind.REDIRECT, FailureKind.TOO_LARGE, FailureKind.DECODING)
        return Probe(
            "http",
            answered,
            exchange.describe(),
            _hint(transport, exchange, kind) + (_maybe_the_proxy(transport) if kind in _ON_THE_WAY else ""),
            {**facts, "kind": kind.value},
        )
    facts["media_type"] = exchange.response.media_type
    summary = f"{_where(exchange)} answers {exchange.describe()}."
    hint = ""
    if exchange.status == 503:
        hint = f"The service, or a gateway in front of it, is overloaded or down{_asks(transport, exchange)}."
        hint += _maybe_the_proxy(transport)
    elif exchange.status in (502, 504):
        hint = "A gateway answers in place of the service: check that the service behind it runs."
        hint += _maybe_the_proxy(transport)
    elif exchange.status == 429:
        hint = f"The service limits how often it is asked{_asks(transport, exchange)}: "
        hint += "set limits.rate, or ask for a higher allowance."
    return Probe("http", True, summary, hint, facts)


def _asks(transport: LiveTransport, exchange: Exchange) -> str:
    """How long it asks to be left alone, where that is longer than a run waits."""
    answer = exchange.response
    after = answer.header("retry-after") if answer is not None else None
    if answer is None or after is None:
        return ""
    seconds = retry_after_seconds(after, moment(answer.header("date"), answer.header("age"), datetime.now(UTC)))
    if seconds is None or seconds <= transport.implementation.limits.max_wait:
        return ""
    return f", and asks for {seconds:.0f} seconds without requests"


def _past_caches(
    transport: LiveTransport, exchange: Exchange, asked_at: datetime, clock: Callable[[], datetime]
) -> tuple[Exchange, datetime]:
    """An answer that no cache kept, and when it was asked for: one more, where this is of a cache (RFC 9111, 5.1).

    Many caches say Age: 0 of what they have just fetched, so a date of now is the service's either way.
    """
    if _age(exchange) is None or _clock(exchange, asked_at, clock).ok is not None:
        return exchange, asked_at
    again_at = clock()
    # Caches of the service's own may disregard this (RFC 9111, 5.2.1.4): then the answer says so.
    again = transport.probe(Request("GET", exchange.request.target, (("Cache-Control", "no-cache"),)))
    if again.response is not None and again.response.header("date") and _age(again) is None:
        return again, again_at
    return exchange, asked_at


def _age(exchange: Exchange) -> str | None:
    return exchange.response.header("age") if exchange.response is not None else None


def _clock(exchange: Exchange, asked_at: datetime, clock: Callable[[], datetime]) -> Probe:
    text = exchange.response.header("date") if exchange.response is not None else None
    if text is None:
        return Probe("clock", None, "The answer has no Date header to compare clocks by.")
    try:
        theirs = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return Probe(
            "clock",
            False,
            "The Date header of the answer is not a date.",
            "The service must write dates as in RFC 9110, 5.6.7.",
        )
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    ours, age = clock(), _age(exchange)
    # Their clock was read at some moment between asking and now, and cut to the second.
    ahead = max((theirs - ours).total_seconds(), (asked_at - theirs).total_seconds() - 1, 0.0)
    skew = round(ahead)
    facts = {"skew_seconds": skew}
    if ahead <= CLOCK_TOLERANCE.total_seconds():
        return Probe("clock", True, f"The clocks agree to within {max(skew, 1)} s.", facts=facts)
    # However long an answer was kept, its date was never later than the clock that wrote it.
    if age is not None and theirs < ours:
        return _clock_of_a_cache(moment(text, age, ours), ours, age)
    which = "ahead of" if theirs > ours else "behind"
    return Probe(
        "clock",
        False,
        f"The service's clock is {_duration(skew)} {which} ours.",
        "Set whichever is wrong by NTP: tests of dates and of expiry are not reliable until then.",
        facts,
    )


def _clock_of_a_cache(shown: datetime, ours: datetime, age: str) -> Probe:
    """``shown`` is the answer's date and its age together.

    That is the time by the cache's clock, not by the service's: an age is at least as long ago as the date says by
    the cache's own (RFC 9111, 4.2.3), however late the service's clock is.
    """
    kept = f"The answer is a cache's (Age: {age[:20]}), so the service's own clock could not be seen."
    off = round(abs((shown - ours).total_seconds()))
    if off <= CLOCK_TOLERANCE.total_seconds():
        return Probe("clock", None, f"{kept} With that age its date agrees with our clock.", facts={"age": age[:20]})
    return Probe(
        "clock",
        None,
        f"{kept} With that age its date is {_duration(off)} {'ahead of' if shown > ours else 'behind'} our clock.",
        "Compare this machine's clock by NTP: if it is right, the cache's age, or a clock of theirs, is not.",
        facts={"age": age[:20]},
    )


def _duration(seconds: int) -> str:
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    if seconds < 172_800:
        return f"{round(seconds / 3600)} hours"
    return f"{round(seconds / 86_400)} days"
