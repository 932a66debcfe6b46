"""What a whole run comes to against each behaviour: its verdict, whose problem it is, and the sentence that says why.

Never conformant, never a crash of ours, never longer than its budget. The lab's other tests look at one exchange.
"""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from interop_harness.execution.run import replay
from interop_harness.plan import Options, make_plan
from interop_harness.requirement import Verdict
from interop_harness.transport.credentials import Credentials

from .certificates import authority, make, server_context
from .runs import BUDGET, SHORT, Ended, plan_for, reference, run, sometimes, well, whole_run
from .server import KEEP, Asked, Behave, answer, bare, serving
from .small import small
from .test_lab import ROWS, busy, says, then_hang

LAB = {row.name: row.behave for row in ROWS}
SERVICE, CONFIGURATION, NETWORK = "your service", "your configuration", "the network"
FAIL, OPEN = "not-conformant", "inconclusive"


@dataclass(frozen=True)
class Row:
    """What every request meets, and what the run must come to."""

    name: str
    verdict: str
    attribution: str
    told: str
    behave: Behave | None = None
    must: str = ""
    """A requirement that must be among those failed."""


def lab(name: str, verdict: str, attribution: str, told: str, must: str = "") -> Row:
    return Row(name, verdict, attribution, told, LAB[name], must)


def array_of(megabytes: int, *, told: bool = True) -> Behave:
    """A JSON array of so many millions of bytes, its length announced or not."""
    length = [b"Content-Length: %d" % (megabytes * 1_000_000 + 3)] if told else []

    def behave(asked: Asked) -> None:
        asked.say(bare(b"HTTP/1.1 200 OK", b"Content-Type: application/json", *length, body=b"["))
        for _ in range(megabytes):
            asked.say(b"1," * 500_000)
        asked.say(b"1]")

    return behave


ROWS_OF_RUNS = [
    # The connection.
    lab("closes without an answer", OPEN, NETWORK, "closed the connection without an answer"),
    lab("resets without an answer", OPEN, NETWORK, "reset the connection"),
    lab("resets within the body", OPEN, NETWORK, "reset the connection"),
    lab("closes within the headers", OPEN, NETWORK, "closed the connection within the headers"),
    lab("closes within the body", OPEN, SERVICE, "closed the connection before the body was complete"),
    lab("closes before the last chunk", OPEN, SERVICE, "closed the connection before the body was complete"),
    # Time.
    lab("hangs before the headers", OPEN, SERVICE, "No answer came within 0.5 seconds"),
    lab("hangs within the headers", OPEN, SERVICE, "not complete within 0.5 seconds"),
    lab("hangs before the body", OPEN, SERVICE, "not complete within 0.5 seconds"),
    lab("drips the headers", OPEN, SERVICE, "not complete within 0.5 seconds"),
    lab("drips the body", OPEN, SERVICE, "not complete within 0.5 seconds"),
    lab("drips early hints", OPEN, SERVICE, "not complete within 0.5 seconds"),
    # Size.
    lab("endless body until close", OPEN, SERVICE, "larger than the 2,097,152 bytes"),
    lab("endless chunks", OPEN, SERVICE, "larger than the 2,097,152 bytes"),
    lab("endless headers", OPEN, SERVICE, "headers of the answer are larger than 100 KiB"),
    lab("endless early hints", OPEN, SERVICE, "not complete within 0.5 seconds"),
    lab("endless trailers", OPEN, SERVICE, "larger than 100 KiB"),
    lab("announces a gigabyte", OPEN, SERVICE, "larger than the 2,097,152 bytes"),
    Row("an array of 100 MB", OPEN, SERVICE, "larger than the 2,097,152 bytes", array_of(100)),
    Row("an array of 100 MB, unannounced", OPEN, SERVICE, "larger than the 2,097,152 bytes", array_of(100, told=False)),
    lab("an array of many megabytes", FAIL, SERVICE, "more than 500,000 values", "ORUK-OPEN-05"),
    # Framing and encoding.
    lab("negative Content-Length", OPEN, SERVICE, "bad Content-Length"),
    lab("two Content-Lengths that differ", OPEN, SERVICE, "conflicting Content-Length"),
    lab("chunk size in words", OPEN, SERVICE, "illegal chunk header"),
    lab("unknown Transfer-Encoding", OPEN, SERVICE, "Transfer-Encoding"),
    lab("gzip named, plain text there", OPEN, SERVICE, "not what its Content-Encoding says"),
    lab("gzip cut short", OPEN, SERVICE, "ends before its content encoding does"),
    lab("gzip bomb", OPEN, SERVICE, "larger than the 2,097,152 bytes"),
    lab("gzip bomb within a gzip", OPEN, SERVICE, "larger than the 2,097,152 bytes"),
    lab("brotli, though not offered", OPEN, SERVICE, "Content-Encoding br"),
    lab("ten encodings", OPEN, SERVICE, "encoded 10 times over"),
    # What is in the body.
    lab("wrong charset", FAIL, SERVICE, "utf-16", "ORUK-listServices-schema"),
    lab("no media type", FAIL, SERVICE, "no media type", "ORUK-listServices-media-type"),
    lab("byte order mark", FAIL, SERVICE, "byte order mark", "ORUK-listServices-schema"),
    lab("NUL bytes", FAIL, SERVICE, "not JSON", "ORUK-listServices-schema"),
    lab("bytes that are not UTF-8", FAIL, SERVICE, "not UTF-8", "ORUK-listServices-schema"),
    lab("lone surrogates, escaped", FAIL, SERVICE, "ud800", "ORUK-listServices-schema"),
    lab("lone surrogates, encoded", FAIL, SERVICE, "not UTF-8", "ORUK-listServices-schema"),
    lab("duplicate keys", FAIL, SERVICE, "missing", "ORUK-listServices-schema"),
    lab("JSON ten thousand deep", FAIL, SERVICE, "nested too deeply", "ORUK-listServices-schema"),
    Row(
        "JSON three hundred deep",
        FAIL,
        SERVICE,
        "an array of 1",
        says(answer(b'{"contents": ' + b"[" * 300 + b"]" * 300 + b"}"), keep=True),
        "ORUK-listServices-schema",
    ),
    lab("numbers beyond a double", FAIL, SERVICE, "array", "ORUK-listServices-schema"),
    lab("NaN and Infinity", FAIL, SERVICE, "NaN is no JSON value", "ORUK-listServices-schema"),
    lab("HTML with status 200", FAIL, SERVICE, "text/html", "ORUK-listServices-media-type"),
    lab("script, markup, escapes, right-to-left", FAIL, SERVICE, "not JSON", "ORUK-listServices-schema"),
    Row("an empty object", FAIL, SERVICE, "contents", says(answer(), keep=True), "ORUK-listServices-schema"),
    Row("null", FAIL, SERVICE, "null", says(answer(b"null"), keep=True), "ORUK-listServices-schema"),
    # Redirects.
    lab("redirects to itself", FAIL, SERVICE, "redirects to itself"),
    lab("redirects six times", FAIL, SERVICE, "more than 5 times"),
    lab("redirects to another host", FAIL, SERVICE, "another host (http://another.example/x), which is not followed"),
    lab("redirects to a private address", FAIL, SERVICE, "169.254.169.254"),
    lab("redirects to file:", FAIL, SERVICE, "something that is not HTTP (file:///etc/passwd)"),
    lab("redirects with a user name", FAIL, SERVICE, "an address with a user name in it"),
    lab("redirects nowhere", FAIL, SERVICE, "302", "ORUK-listServices-status"),
    # Statuses.
    lab("101 Switching Protocols", OPEN, SERVICE, "switched to another protocol"),
    lab("204 with a body", FAIL, SERVICE, "204", "ORUK-listServices-status"),
    lab("304 unasked", FAIL, SERVICE, "304", "ORUK-listServices-status"),
    lab("421", FAIL, SERVICE, "421", "ORUK-listServices-status"),
    lab("425", FAIL, SERVICE, "425", "ORUK-listServices-status"),
    lab("status 600", FAIL, SERVICE, "600", "ORUK-listServices-status"),
    lab("status in words", OPEN, SERVICE, "illegal status line"),
    Row("401", FAIL, SERVICE, "401", says(answer(status=b"401 Unauthorized"), keep=True), "ORUK-OPEN-01"),
    Row("403", FAIL, SERVICE, "403", says(answer(status=b"403 Forbidden"), keep=True), "ORUK-OPEN-01"),
    Row("404", FAIL, SERVICE, "404", says(answer(status=b"404 Not Found"), keep=True), "ORUK-listServices-status"),
    Row("500", FAIL, SERVICE, "500", says(answer(status=b"500 Error"), keep=True), "ORUK-listServices-status"),
    lab("429 without Retry-After, always", OPEN, SERVICE, "too many requests"),
    lab("429 always", OPEN, SERVICE, "too many requests"),
    lab("429 for an hour", OPEN, SERVICE, "too many requests"),
    lab("429 until a date far off", OPEN, SERVICE, "too many requests"),
    Row("503", OPEN, SERVICE, "unavailable", says(answer(status=b"503 Busy"), keep=True)),
    Row(
        "503 with Retry-After",
        OPEN,
        SERVICE,
        "unavailable",
        says(answer(b"", b"Retry-After: 0", status=b"503 Busy"), keep=True),
    ),
    # Not HTTP, or not quite.
    lab("HTTP/0.9", OPEN, SERVICE, "does not answer in HTTP"),
    lab("HTTP/9.9", OPEN, SERVICE, "HTTP version"),
    lab("another protocol", OPEN, SERVICE, "does not answer in HTTP"),
    lab("escape sequences in the status line", OPEN, SERVICE, "illegal status line"),
    lab("binary noise", OPEN, SERVICE, "not valid HTTP"),
    lab("an injected header", OPEN, SERVICE, "illegal header line"),
    lab("a header value with NUL", OPEN, SERVICE, "illegal header line"),
]


REPLAYED = {row.name for row in ROWS_OF_RUNS[::8]} | {"lone surrogates, escaped", "dns", "has expired"}
"""One in eight is judged again from its evidence: that takes as long as the run."""


def check(ended: Ended, row: Row) -> None:
    """What holds of every run, and what this one must say."""
    report = ended.report
    assert ended.seconds < BUDGET, ended.seconds
    assert ended.verdict == row.verdict, report["reasons"]
    assert report["exit"] == Verdict(row.verdict).exit_code
    assert not ended.rows("error"), [(one["id"], one["reason"]) for one in ended.rows("error")]
    assert row.told in ended.told(), report["reasons"]
    broken = [one for one in ended.rows("fail") if one["level"] == "MUST"]
    if row.must:
        assert row.must in {one["id"] for one in broken}
    blamed = {finding["attribution"] for one in broken for finding in one["findings"]}
    blamed = blamed or {one["attribution"] for one in ended.rows("inconclusive") if one["blocked_by"]}
    assert row.attribution in blamed, blamed
    if row.name in REPLAYED:
        assert replay(ended.outcome.evidence_gz, lambda name: ended.profile).report_bytes == ended.outcome.report_bytes


@pytest.mark.parametrize("row", ROWS_OF_RUNS, ids=lambda row: row.name)
def test_every_request_meets_it(row: Row) -> None:
    assert row.behave is not None
    with serving(row.behave) as server:
        check(whole_run(server, profile=small()), row)


def test_the_part_of_the_profile_is_well_without_a_behaviour() -> None:
    """What it finds is the behaviour's doing and not its own."""
    with serving(well) as server:
        ended = whole_run(server, profile=small(), limits=replace(SHORT, timeout=5))
    assert ended.verdict == "conformant", ended.report["reasons"]


def test_there_are_more_than_fifty() -> None:
    assert len({row.name for row in ROWS_OF_RUNS}) == len(ROWS_OF_RUNS) > 50


@pytest.mark.parametrize(
    "name",
    [
        *("closes within the body", "hangs before the body", "drips the body", "endless chunks", "gzip cut short"),
        *("gzip bomb", "NUL bytes", "lone surrogates, escaped", "duplicate keys", "JSON ten thousand deep"),
        *("HTML with status 200", "redirects to another host", "redirects to itself", "204 with a body", "status 600"),
        *("429 for an hour", "HTTP/9.9", "binary noise", "an injected header", "endless headers"),
    ],
)
def test_one_address_in_seven_meets_it(name: str) -> None:
    """Most of the service is well: what is not still keeps it from being conformant."""
    with serving(sometimes(LAB[name])) as server:
        ended = whole_run(server, profile=small(), limits=replace(SHORT, give_up_after=50, timeout=0.3))
    assert ended.verdict in (FAIL, OPEN), ended.report["reasons"]
    assert not ended.rows("error")
    assert ended.seconds < BUDGET


# --- odd, but right ------------------------------------------------------------------------------------------------


_SAY = reference()


def wrapped(wrap: Callable[[bytes], bytes], *, keep: bool = True) -> Behave:
    say = reference()

    def behave(asked: Asked) -> object:
        asked.say(wrap(say(asked)))
        return KEEP if keep else None

    return behave


def zipped(whole: bytes) -> bytes:
    head, _, body = whole.partition(b"\r\n\r\n")
    if not body:
        return whole
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    packed = gzip.compress(body)
    return b"\r\n".join([*lines, b"Content-Encoding: gzip", b"Content-Length: %d" % len(packed), b"", packed])


def in_chunks(whole: bytes) -> bytes:
    head, _, body = whole.partition(b"\r\n\r\n")
    if not body:
        return whole
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", framed + b"0\r\n\r\n"])


def cookies(asked: Asked) -> object:
    """Answers change once a cookie comes back; it never does."""
    whole = _SAY(asked)
    if asked.header("cookie"):
        whole = answer(b"{}")
    asked.say(whole.replace(b"\r\n", b"\r\nSet-Cookie: seen=yes-it-was-seen\r\n", 1))
    return KEEP


def every_tenth() -> Behave:
    """Fails every tenth request, but none twice: two failures in a row leave a question open, and rightly."""
    failed: set[bytes] = set()

    def behave(asked: Asked) -> object:
        if asked.number % 10 == 0 and asked.head not in failed:
            failed.add(asked.head)
            asked.reset()
            return None
        return well(asked)

    return behave


def busy_now_and_then() -> Behave:
    """Turns every twentieth request away, but none twice."""
    refused: set[bytes] = set()

    def behave(asked: Asked) -> object:
        if asked.number % 20 == 0 and asked.head not in refused:
            refused.add(asked.head)
            asked.say(answer(b"", b"Retry-After: 0", status=b"429 Wait"))
            return KEEP
        return well(asked)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        wrapped(zipped),
        wrapped(in_chunks),
        wrapped(lambda whole: b"HTTP/1.1 100 Continue\r\n\r\n" + whole),
        wrapped(lambda whole: b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + whole),
        wrapped(lambda whole: whole.replace(b"HTTP/1.1", b"HTTP/1.0", 1), keep=False),
        wrapped(lambda whole: whole + b"\r\n"),
        cookies,
    ],
    ids=["gzip", "chunks", "100 first", "103 first", "HTTP/1.0", "a blank line behind", "cookies that change answers"],
)
def test_what_is_odd_but_right_is_conformant(behave: Behave) -> None:
    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5))
    assert ended.verdict == "conformant", ended.report["reasons"]


@pytest.mark.parametrize("behave", [every_tenth(), busy_now_and_then()], ids=["every_tenth", "busy_now_and_then"])
def test_what_goes_well_the_second_time_is_said(behave: Behave) -> None:
    from interop_harness.rendering.markdown import summary_markdown

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5, max_attempts=5, wait_budget=30))
    assert ended.verdict == "conformant", ended.report["reasons"]
    assert max(row["attempts"] for row in ended.report["requirements"]) == 2
    exchanges = {exchange.id: exchange for exchange in ended.outcome.exchanges.values()}
    told = summary_markdown(ended.report, exchanges, fail_on="must", auth={}, fixes={})
    assert "assed on attempt 2 of 2" in told


def test_every_tenth_request_lost_without_mercy_is_no_breach_and_does_not_go_unsaid() -> None:
    """Whether a retry is lost too is chance: then a question stays open. Either way nobody is accused, and it shows."""
    from interop_harness.rendering.markdown import summary_markdown

    def behave(asked: Asked) -> object:
        if asked.number % 10 == 0:
            asked.reset()
            return None
        return well(asked)

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5))
    assert ended.verdict in {"conformant", OPEN}
    assert not [row["id"] for row in ended.rows("fail") if row["level"] == "MUST"] and not ended.rows("error")
    exchanges = {exchange.id: exchange for exchange in ended.outcome.exchanges.values()}
    told = summary_markdown(ended.report, exchanges, fail_on="must", auth={}, fixes={})
    assert "attempt 2 of 2" in told
    assert ended.verdict == "conformant" or "reset the connection" in told


# --- a service that changes its mind ------------------------------------------------------------------------------


def test_a_service_that_falls_over_on_the_way() -> None:
    """Well at first, then gone: what was not seen is not made up."""

    def behave(asked: Asked) -> object:
        return well(asked) if asked.number <= 80 else None

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=10))
    assert ended.verdict == OPEN
    assert not ended.rows("error")
    assert not [row["id"] for row in ended.rows("fail") if row["level"] == "MUST"]
    assert "closed the connection without an answer" in ended.told()


def test_data_that_change_between_pages() -> None:
    """Every reading of a list tells of another total."""
    import json

    say = reference()

    def behave(asked: Asked) -> object:
        whole = say(asked)
        head, _, body = whole.partition(b"\r\n\r\n")
        if asked.target.startswith("/services?") and b'"total_items"' in body:
            page = json.loads(body)
            page["total_items"] += asked.number
            body = json.dumps(page).encode()
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
            whole = b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])
        asked.say(whole)
        return KEEP

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5))
    assert ended.verdict in (OPEN, FAIL)
    assert not ended.rows("error")


def test_answers_from_a_stale_cache() -> None:
    """The first answer for a path, whatever the query asks: filters and pages are ignored."""
    say, cache = reference(), {}

    def behave(asked: Asked) -> object:
        path = asked.head.split(b" ")[0].decode() + asked.target.partition("?")[0]
        asked.say(cache.setdefault(path, say(asked)))
        return KEEP

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5))
    assert ended.verdict == FAIL
    assert any(row["id"].startswith("ORUK-PAGE") for row in ended.rows("fail"))


def test_a_clock_an_hour_off_is_said_and_changes_nothing() -> None:
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime

    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True).encode()
    with serving(wrapped(lambda whole: whole.replace(b"\r\n", b"\r\nDate: " + date + b"\r\n", 1))) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5))
    assert ended.verdict == "conformant"
    assert "60 minutes behind" in ended.told()


# --- there is nothing to talk to ----------------------------------------------------------------------------------


def at(url: str, **changes: object) -> Ended:
    plan = plan_for(url)
    implementation = replace(plan.implementation, **changes)  # type: ignore[arg-type]
    plan = make_plan(plan.profile, implementation, Options(), inputs=plan.profile.inputs)
    began = time.monotonic()
    outcome = run(plan, Credentials(), Credentials().redactor(), workers=8)
    return Ended(outcome, time.monotonic() - began, plan.profile)


def test_nothing_listens() -> None:
    check(at("http://127.0.0.1:9"), Row("refused", OPEN, NETWORK, "The connection was refused"))


def test_the_name_does_not_exist() -> None:
    row = Row("dns", OPEN, CONFIGURATION, "nowhere.invalid does not resolve")
    check(at("https://nowhere.invalid", limits=replace(SHORT, connect_timeout=10, timeout=10)), row)


@pytest.mark.parametrize(
    ("names", "made", "trusted", "told"),
    [
        ((), {"ends": -1}, True, "has expired"),
        ((), {}, False, "not trusted"),
        (("other.example",), {}, True, "another"),
        ((), {"own": True}, False, "self-signed"),
    ],
    ids=["expired", "untrusted", "wrong name", "self-signed"],
)
def test_a_certificate_that_nobody_accepts_fails_the_must_that_names_it(
    names: tuple[str, ...], made: dict, trusted: bool, told: str, tmp_path: Path
) -> None:
    from datetime import timedelta

    more: dict = {"names": names, "addresses": ()} if names else {}
    if "ends" in made:
        more |= {"starts": timedelta(days=-9), "ends": timedelta(days=made["ends"])}
    pair = make("server", None if made.get("own") else authority(), **more)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority().certificate_pem())
    with serving(well, tls=server_context(pair, tmp_path)) as server:
        ended = at(server.url, environment="test", ca_file=ca if trusted else None)
        assert not server.asked, "nothing is said to a server that nobody vouches for"
        here = at(server.url, ca_file=ca if trusted else None)
    check(ended, Row(told, FAIL, SERVICE, told, must="ORUK-OPEN-07"))
    assert here.verdict == OPEN, "on a development endpoint no requirement names HTTPS"


def test_a_client_certificate_is_wanted(tmp_path: Path) -> None:
    context = server_context(make("server", authority()), tmp_path, client_authority=authority())
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority().certificate_pem())
    with serving(well, tls=context) as server:
        ended = at(server.url, environment="test", ca_file=ca)
    check(ended, Row("client certificate", OPEN, CONFIGURATION, "requires a client certificate"))


def test_plain_http_where_tls_was_expected() -> None:
    def turn_away(conn: socket.socket) -> bool:
        conn.recv(1)
        conn.sendall(answer(status=b"400 The plain HTTP request was sent to an HTTPS port"))
        return True

    with serving(well, on_connect=turn_away) as server:
        ended = at(server.url.replace("http:", "https:"), environment="test")
    check(ended, Row("no TLS", OPEN, SERVICE, "does not speak TLS"))


def test_a_service_that_only_drops_its_root_is_tested() -> None:
    def behave(asked: Asked) -> object:
        return None if asked.target == "/" else well(asked)

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, give_up_after=1000))
    assert ended.verdict == OPEN, "the root is an operation of its own here"
    passed = {row["id"] for row in ended.rows("pass")}
    assert {"ORUK-listServices-status", "ORUK-PAGE-03"} <= passed
    assert "/services answers 200" in ended.told()


def test_a_private_address_behind_a_public_one_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name leads to a redirect; what it points at on this machine's own network hears nothing of us."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *more: object, **named: object) -> object:
        return real("127.0.0.1" if host == "public.example" else host, port, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serving(well) as inside:
        sent = says(answer(b"", b"Location: " + inside.url.encode() + b"/services", status=b"302 Found"), keep=True)
        with serving(sent) as outside:
            ended = at(f"http://public.example:{outside.port}", authorised_by="the owner", environment="test")
        assert outside.asked
        assert not inside.asked and not inside.connections
    assert ended.verdict == FAIL
    assert "another host" in ended.told()


def test_one_hang_in_a_service_that_is_well_costs_one_time_out() -> None:
    hang = then_hang()

    def behave(asked: Asked) -> object:
        return hang(asked) if asked.target.startswith("/taxonomies") else well(asked)

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=0.4, give_up_after=10))
    assert ended.verdict == OPEN
    assert not ended.rows("error")
    assert ended.seconds < BUDGET


def test_busy_at_first() -> None:
    busy_first = busy(*[answer(b"", b"Retry-After: 0", status=b"503 Busy")] * 3)

    def behave(asked: Asked) -> object:
        return busy_first(asked) if asked.number <= 3 else well(asked)

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=5, wait_budget=5, max_attempts=5))
    assert ended.verdict == "conformant", ended.report["reasons"]
