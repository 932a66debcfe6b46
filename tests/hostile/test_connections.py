"""What a server does over several requests, before a request, or to the connection itself."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpcore
import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, sockets

from .server import KEEP, SHORT, Asked, answer, bare, serving, with_limits

OK = answer()


def test_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = load_target(f"http://127.0.0.1:{unused.getsockname()[1]}")
        with LiveTransport(target) as transport:
            exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None
    assert exchange.failure.kind is FailureKind.CONNECT
    assert "refused" in exchange.failure.message


def test_a_full_backlog_does_not_hold_us_up() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        time.sleep(0.05)
        target = with_limits(load_target(f"http://127.0.0.1:{port}"), SHORT)
        began = time.monotonic()
        with LiveTransport(target) as transport:
            exchange = transport.send(Request("GET", "/"))
        for one in waiting:
            one.close()
    assert exchange.failure is not None
    assert exchange.failure.kind in (FailureKind.CONNECT, FailureKind.TIMEOUT)
    assert time.monotonic() - began < 20, "the system itself would have gone on for minutes"


def test_a_name_that_does_not_exist() -> None:
    target = with_limits(load_target("http://nowhere.invalid", authorised_by="test"), replace(SHORT, connect_timeout=5))
    with LiveTransport(target) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None
    assert exchange.failure.kind is FailureKind.DNS
    assert "nowhere.invalid" in exchange.failure.message


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*args: object, **named: object) -> object:
        release.wait(60)
        raise OSError("late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    target = with_limits(load_target("http://slow.invalid", authorised_by="test"), SHORT)
    began = time.monotonic()
    with LiveTransport(target) as transport:
        exchange = transport.send(Request("GET", "/"))
        took = time.monotonic() - began
        release.set()
    assert exchange.failure is not None
    assert exchange.failure.kind is FailureKind.DNS
    assert took < 20


def test_the_first_of_two_addresses_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda asked: asked.say(OK)) as server:
        family = socket.AF_INET
        found = [
            (family, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1)),
            (family, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: found)
        target = with_limits(load_target("http://two.invalid", authorised_by="test"), SHORT)
        with LiveTransport(target) as transport:
            assert transport.send(Request("GET", "/a")).ok
            assert transport.resolver.addresses("two.invalid", 80, 1)[0][1] == ("127.0.0.1", server.port)


def test_ipv6_only() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with serving(lambda asked: asked.say(OK), host="::1") as server, LiveTransport(server.target()) as transport:
            exchange = transport.send(Request("GET", "/"))
            assert server.asked[0].header("host") == f"[::1]:{server.port}"
    except OSError:
        pytest.skip("no IPv6 here")
    assert exchange.ok


@pytest.mark.parametrize(
    "surplus",
    [
        b"x" * 10,
        answer(b'"a forged answer"'),
        answer(b"{}"),
        b"\r\n",
        b"HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["noise", "answer", "same answer", "blank line", "empty answer"],
)
@pytest.mark.parametrize(
    ("status", "method"),
    [(b"200 OK", "GET"), (b"204 No Content", "GET"), (b"304 Not Modified", "GET"), (b"200 OK", "HEAD")],
)
def test_surplus_bytes_never_become_the_next_answer(surplus: bytes, status: bytes, method: str) -> None:
    def behave(asked: Asked) -> object:
        if asked.target == "/first":
            empty = method == "HEAD" or not status.startswith(b"2") or status.startswith(b"204")
            head = bare(b"HTTP/1.1 " + status, *([] if empty else [b"Content-Length: 2"]), body=b"" if empty else b"{}")
            asked.say(head + surplus)
        else:
            asked.say(answer(b'"the right one"'))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        transport.send(Request(method, "/first"))
        second = transport.send(Request("GET", "/second"))
    assert second.response is not None, second.failure
    assert second.response.body == b'"the right one"'


@pytest.mark.parametrize("surplus", [b"\r\n", answer(b'"a forged answer"'), b"x" * 10])
def test_a_connection_that_was_not_looked_at_in_time_is_not_used(
    surplus: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool looks at those that are idle: one that another thread gives back in that moment it hands out unseen."""
    monkeypatch.setattr(httpcore.HTTP11Connection, "has_expired", lambda self: False)

    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}") + surplus if asked.target == "/first" else answer(b'"the right one"'))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        assert transport.send(Request("GET", "/first")).ok
        second = transport.send(Request("POST", "/second", body=b"{}"))
        assert second.response is not None, second.failure
        assert second.response.body == b'"the right one"' and second.attempts == 1
        assert [asked.target for asked in server.asked] == ["/first", "/second"]


def test_connections_that_the_server_closed_meanwhile_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Barrier(3)

    def behave(asked: Asked) -> object:
        if asked.target == "/together":
            held.wait(10)
            asked.say(answer(b"{}"))
            return None
        asked.say(answer(b"{}"))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target(), workers=3) as transport:
        with ThreadPoolExecutor(3) as pool:
            assert all(pool.map(lambda n: transport.send(Request("GET", "/together", fresh=n)).ok, range(3)))
        time.sleep(0.1)
        last = transport.send(Request("POST", "/last", body=b"{}"))
        assert last.ok and last.attempts == 1, last.failure
        assert [asked.target for asked in server.asked].count("/last") == 1


@pytest.mark.parametrize("behind", [(b"\r\n",), (b"\n",), (b"\r", b"\n", b"\r\n")], ids=["one", "bare", "in pieces"])
def test_a_line_end_behind_an_answer_that_comes_late_is_not_part_of_the_next(behind: tuple[bytes, ...]) -> None:
    """It is not there yet when the connection is chosen for the next request."""

    def behave(asked: Asked) -> object:
        if asked.number > 1:
            asked.say(*behind, every=0.02)
        asked.say(answer(b"{}"))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        for number in range(3):
            exchange = transport.send(Request("GET", f"/{number}"))
            assert exchange.ok, exchange.failure
        assert server.connections == 1 and exchange.attempts == 1


def test_line_ends_without_an_end_are_no_answer() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}")) if asked.number == 1 else asked.say(*[b"\r\n"] * 1000, every=0.001)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        assert transport.send(Request("GET", "/first")).ok
        second = transport.send(Request("POST", "/second"))
    assert second.failure is not None and second.failure.kind is FailureKind.TIMEOUT


_CHUNKS = b"Transfer-Encoding: chunked"
_FORGED = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"forged"\r\n\r\n'


@pytest.mark.parametrize(
    "first",
    [
        bare(b"HTTP/1.1 204 No Content", _CHUNKS) + _FORGED,
        bare(b"HTTP/1.1 204 No Content", _CHUNKS, body=b"0\r\n\r\n"),
        bare(b"HTTP/1.1 304 Not Modified", _CHUNKS) + _FORGED,
        bare(b"HTTP/1.1 200 OK", _CHUNKS, body=b"2\r\n{}\r\n0\r\nX: y\r\n\r\n") + _FORGED,
        bare(b"HTTP/1.1 200 OK", _CHUNKS, body=b"2\r\n{}\r\n0;x\r\n\r\n") + _FORGED,
        bare(b"HTTP/1.1 200 OK", _CHUNKS, body=b"2\r\n{}\r\n0\r\n\r\n0\r\n\r\n"),
    ],
    ids=["204", "204 and its last chunk", "304", "behind trailers", "behind an extension", "the last chunk twice"],
)
def test_what_stands_behind_chunks_never_becomes_the_next_answer(first: bytes) -> None:
    def behave(asked: Asked) -> object:
        asked.say(first if asked.target == "/first" else answer(b'"the right one"'))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        assert transport.send(Request("GET", "/first")).response is not None
        second = transport.send(Request("GET", "/second"))
    assert second.response is not None, second.failure
    assert second.response.body == b'"the right one"'


def test_a_connection_is_kept_after_ordinary_chunks() -> None:
    def behave(asked: Asked) -> object:
        asked.say(bare(b"HTTP/1.1 200 OK", _CHUNKS, body=b"2\r\n{}\r\n"))
        time.sleep(0.01)
        asked.say(b"0\r\n\r\n")
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        for number in range(5):
            assert transport.send(Request("GET", f"/{number}")).ok
        assert server.connections == 1


def test_no_connection_is_used_again_after_an_answer_that_could_not_be_read() -> None:
    """A server that closes it behind such an answer would be told as one that resets, and the cause go unsaid."""
    broken = answer(gzip.compress(b"x" * 5000)[:-12], b"Content-Encoding: gzip")

    def behave(asked: Asked) -> object:
        asked.say(broken)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(4)]
    assert {exchange.failure.kind for exchange in exchanges if exchange.failure} == {FailureKind.DECODING}
    assert server.connections == len(server.asked) == 4


def once_a_connection(wait: float = 0.0):
    """Answers one request a connection, reads a second and closes without a byte."""
    seen: dict[int, int] = {}

    def behave(asked: Asked) -> object:
        seen[id(asked.conn)] = seen.get(id(asked.conn), 0) + 1
        if seen[id(asked.conn)] > 1:
            time.sleep(wait)
            return None
        asked.say(OK)
        return KEEP

    return behave


def test_an_idle_connection_closed_by_the_server_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "IDLE", 0.0)
    with serving(once_a_connection()) as server, LiveTransport(server.target()) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(6)]
    assert all(exchange.ok for exchange in exchanges)
    assert {exchange.attempts for exchange in exchanges} == {1}


@pytest.mark.parametrize(("idle", "wait"), [(1.0, 0.0), (0.0, 0.3)], ids=["in use", "after it was read"])
def test_a_connection_closed_on_a_request_costs_an_attempt(monkeypatch: pytest.MonkeyPatch, idle, wait) -> None:
    """Nobody's fault is only what idleness explains: else a server that drops requests would pass without a word."""
    monkeypatch.setattr(sockets, "IDLE", idle)
    with serving(once_a_connection(wait)) as server, LiveTransport(server.target(), workers=4) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(6)]
        with ThreadPoolExecutor(4) as pool:
            exchanges += pool.map(lambda number: transport.send(Request("GET", f"/more/{number}")), range(12))
    assert all(exchange.ok for exchange in exchanges)
    assert {exchange.attempts for exchange in exchanges} == {1, 2}


def test_a_body_behind_the_answer_to_head_is_no_answer() -> None:
    def behave(asked: Asked) -> object:
        if asked.head.startswith(b"HEAD"):
            asked.say(OK)
            time.sleep(0.05)
            asked.say(answer(b'"late"'))
            return KEEP
        asked.say(answer(b'"the right one"'))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        assert transport.send(Request("HEAD", "/")).ok
        second = transport.send(Request("GET", "/second"))
    assert second.response is not None, second.failure
    assert second.response.body == b'"the right one"'


def test_a_wait_longer_than_the_run_may_last_ends_it_and_says_so() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", b"Retry-After: 20", status=b"429 Slow down"))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target(), max_seconds=3) as transport:
        first, second = (transport.send(Request("GET", f"/{number}")) for number in range(2))
    assert first.status == 429
    assert second.failure is not None
    assert second.failure.kind is FailureKind.LIMIT
    assert "20 seconds without requests (429)" in second.failure.message
    assert len(server.asked) == 1


def test_a_server_that_fails_every_tenth_request_is_asked_again_and_it_shows() -> None:
    def behave(asked: Asked) -> object:
        if asked.number % 10 == 0:
            asked.say(OK[:-1])
            asked.reset()
            return None
        asked.say(OK)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(40)]
    assert all(exchange.ok for exchange in exchanges)
    assert sorted({exchange.attempts for exchange in exchanges}) == [1, 2]


def test_an_unsafe_request_is_never_sent_twice() -> None:
    def behave(asked: Asked) -> object:
        if asked.head.startswith(b"POST"):
            asked.reset()
            return None
        asked.say(OK)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        transport.send(Request("GET", "/"))
        exchange = transport.send(Request("POST", "/", body=b"{}"))
        posts = [asked for asked in server.asked if asked.head.startswith(b"POST")]
    assert exchange.failure is not None
    assert exchange.failure.kind is FailureKind.RESET
    assert len(posts) == 1


def test_a_storm_of_503_ends_within_its_budget() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(status=b"503 Busy"))
        return KEEP

    waits: list[float] = []
    with (
        serving(behave) as server,
        LiveTransport(server.target(), workers=8, sleep=waits.append) as transport,
        ThreadPoolExecutor(8) as pool,
    ):
        exchanges = list(pool.map(lambda n: transport.send(Request("GET", f"/{n}")), range(100)))
    assert {exchange.status for exchange in exchanges} == {503}
    # A budget of one second of waiting, however many requests are turned away.
    assert 0 < sum(waits) <= SHORT.wait_budget


def test_a_server_that_never_answers_is_given_up() -> None:
    target_limits = replace(SHORT, timeout=0.2, give_up_after=5)
    with (
        serving(lambda asked: asked.hang()) as server,
        LiveTransport(server.target(target_limits), workers=2) as transport,
    ):
        began = time.monotonic()
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(200)]
        took = time.monotonic() - began
        assert len(server.asked) < 10
    assert took < 15, "a fifth of a second each would be forty"
    assert {exchange.failure.kind for exchange in exchanges if exchange.failure} == {FailureKind.TIMEOUT}
    last = exchanges[-1].failure
    assert last is not None and last.message.startswith("Not sent: the 5 exchanges before had no usable answer.")


def test_cookies_are_not_sent_back() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", b"Set-Cookie: session=abcdefghij"))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        transport.send(Request("GET", "/a"))
        transport.send(Request("GET", "/b"))
        assert server.asked[1].header("cookie") is None


def test_an_answer_that_changes_each_time_is_read_once() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"%d" % asked.number))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        with ThreadPoolExecutor(8) as pool:
            bodies = {
                exchange.response.body
                for exchange in pool.map(lambda _: transport.send(Request("GET", "/")), range(50))
                if exchange.response
            }
        fresh = transport.send(Request("GET", "/", fresh=1))
        assert len(server.asked) == 2
    assert bodies == {b"1"}
    assert fresh.response is not None and fresh.response.body == b"2"


def test_stop_cuts_off_what_is_under_way() -> None:
    with serving(lambda asked: asked.hang()) as server:
        target = with_limits(load_target(server.url), replace(SHORT, timeout=60))
        with LiveTransport(target) as transport, ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(transport.send, Request("GET", f"/{number}")) for number in range(12)]
            time.sleep(0.2)
            began = time.monotonic()
            transport.stop()
            exchanges = [future.result(30) for future in futures]
            assert time.monotonic() - began < 30
    assert {exchange.failure.kind for exchange in exchanges if exchange.failure} == {FailureKind.STOPPED}


@pytest.mark.parametrize(("hours", "ok"), [(0, True), (1, False), (-1, False), (24 * 400, False)])
def test_the_clock(hours: int, ok: bool) -> None:
    def behave(asked: Asked) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
        asked.say(answer(b"{}", b"Date: " + date.encode()))

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        probes = {probe.name: probe for probe in preflight(server.target(), transport)}
    assert probes["clock"].ok is ok
    assert unreachable(list(probes.values())) is None
    assert probes["tls"].ok is None
    if hours:
        assert ("ahead" if hours > 0 else "behind") in probes["clock"].summary


@pytest.mark.parametrize("date", [b"yesterday", b"", b"Mon, 99 Foo 9999 99:99:99 GMT", b"\xff\xfe"])
def test_a_date_that_is_none(date: bytes) -> None:
    with (
        serving(lambda asked: asked.say(answer(b"{}", b"Date: " + date))) as server,
        LiveTransport(server.target()) as transport,
    ):
        probes = {probe.name: probe for probe in preflight(server.target(), transport)}
    assert probes["clock"].ok is False


def test_preflight_of_a_server_that_hangs() -> None:
    with serving(lambda asked: asked.hang()) as server, LiveTransport(server.target()) as transport:
        stopper = unreachable(preflight(server.target(), transport))
    assert stopper is not None
    assert stopper.name == "http"
    assert "0.6 seconds" in stopper.summary and stopper.hint


def test_preflight_of_a_server_that_refuses_everybody() -> None:
    with (
        serving(lambda asked: asked.say(answer(status=b"401 Unauthorized"))) as server,
        LiveTransport(server.target()) as transport,
    ):
        probes = preflight(server.target(), transport)
    assert unreachable(probes) is None, "whether anonymous access is owed, the profile decides"
    (credentials,) = [probe for probe in probes if probe.name == "credentials"]
    assert credentials.ok is False and credentials.hint


def test_preflight_of_a_service_that_drops_requests_for_its_root() -> None:
    def behave(asked: Asked) -> object:
        if asked.target == "/":
            return None
        asked.say(OK)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        assert unreachable(preflight(server.target(), transport)) is not None
        probes = preflight(server.target(), transport, targets=("", "/services"))
    assert unreachable(probes) is None
    (http,) = [probe for probe in probes if probe.name == "http"]
    assert http.summary == "/services answers 200 application/json."
