"""Sending: exact bytes, one request once, retries, pace, and respx at the edge of the transport."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpcore
import httpx
import pytest
import respx

from interop_harness.errors import EvidenceError
from interop_harness.evidence import Exchange, FailureKind, Request, Response
from interop_harness.implementation import load_target
from interop_harness.transport import LiveTransport, MissingExchange, RecordedTransport
from tests.hostile.server import KEEP, Asked, answer, serving

OK = answer()


class Answers(httpx.BaseTransport):
    """Gives one answer after the other, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Exception):
            raise given
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)


TARGET = load_target("http://127.0.0.1/base")


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("/x", "/base/x"),
        ("", "/base"),
        ("?a=b", "/base?a=b"),
        ("/x?a=%zz&b=%2e%2e/../..&c=a+b%20c&d=[1]|{2}^`", "/base/x?a=%zz&b=%2e%2e/../..&c=a+b%20c&d=[1]|{2}^`"),
        ("/a//b/./../c;d=e", "/base/a//b/./../c;d=e"),
        ("/%2F%00%ff", "/base/%2F%00%ff"),
        ("/x?", "/base/x?"),
        ("/x?a=b#c", "/base/x?a=b%23c"),
        ("/x y?é=\u202e", "/base/x%20y?%C3%A9=%E2%80%AE"),
        ("/x\r\nInjected: y", "/base/x%0D%0AInjected:%20y"),
        ('/x?"<>\\', '/base/x?"<>\\'),
    ],
)
def test_the_target_goes_over_the_wire_as_it_is(target: str, sent: str) -> None:
    def behave(asked: Asked) -> object:
        asked.say(OK)
        return KEEP

    with serving(behave) as server, LiveTransport(load_target(server.url + "/base")) as transport:
        assert transport.send(Request("GET", target)).ok
    assert server.asked[0].target == sent
    assert server.asked[0].header("injected") is None


def test_without_a_base_path_the_root_is_asked_for() -> None:
    with serving(lambda asked: asked.say(OK)) as server, LiveTransport(load_target(server.url)) as transport:
        transport.send(Request("GET", ""))
    assert server.asked[0].target == "/"


def test_nothing_in_the_request_betrays_the_harness() -> None:
    with serving(lambda asked: asked.say(OK)) as server, LiveTransport(load_target(server.url)) as transport:
        transport.send(Request("GET", "/", (("Accept", "application/json"),)))
    head = server.asked[0].head.decode()
    assert head.split("\r\n")[1:] == [
        f"Host: 127.0.0.1:{server.port}",
        "Accept-Encoding: gzip, deflate",
        "Connection: keep-alive",
        f"User-Agent: python-httpx/{httpx.__version__}",
        "Accept: application/json",
    ]


def test_a_body_is_sent_whole() -> None:
    with serving(lambda asked: asked.say(OK)) as server, LiveTransport(load_target(server.url)) as transport:
        transport.send(Request("POST", "/", (("Content-Type", "application/json"),), b'{"a":1}'))
    assert server.asked[0].body == b'{"a":1}'
    assert server.asked[0].header("content-length") == "7"


def test_netrc_and_proxies_of_the_environment_are_not_read(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    home = Path(str(tmp_path))
    (home / ".netrc").write_text("machine 127.0.0.1 login a password canary\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NETRC", str(home / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with serving(lambda asked: asked.say(OK)) as server, LiveTransport(load_target(server.url)) as transport:
        assert transport.send(Request("GET", "/")).ok
    assert server.asked[0].header("authorization") is None


def test_each_distinct_request_is_sent_once() -> None:
    told: list[Exchange] = []

    def behave(asked: Asked) -> object:
        time.sleep(0.01)
        asked.say(answer(asked.target.encode()))
        return KEEP

    with serving(behave) as server:
        target = load_target(server.url)
        with LiveTransport(target, workers=8, on_exchange=told.append) as transport, ThreadPoolExecutor(16) as pool:
            exchanges = list(pool.map(lambda n: transport.send(Request("GET", f"/{n % 10}")), range(200)))
        assert len(server.asked) == 10
    assert len(told) == len(transport.exchanges) == 10
    for number, exchange in enumerate(exchanges):
        assert exchange.response is not None
        assert exchange.response.body == f"/{number % 10}".encode()
        assert exchange is transport.exchanges[exchange.request.key]


def test_no_more_than_the_workers_are_under_way() -> None:
    lock = threading.Lock()
    now = most = 0

    def behave(asked: Asked) -> object:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        asked.say(OK)
        return KEEP

    with serving(behave) as server:
        target = load_target(server.url)
        with LiveTransport(target, workers=3) as transport, ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda n: transport.send(Request("GET", f"/{n}")), range(30)))
        assert server.connections <= 3, "connections are kept"
    assert most <= 3


def test_the_rate_is_kept() -> None:
    inner = Answers(httpx.Response(200))
    slept: list[float] = []
    with LiveTransport(TARGET, inner=inner, rate=10, sleep=slept.append) as transport:
        for number in range(5):
            transport.send(Request("GET", f"/{number}"))
    assert len(slept) == 4
    assert 0.3 < slept[-1] <= 0.4 + 0.01


def test_waits_that_a_server_asks_for() -> None:
    waits: list[float] = []
    when = datetime(2026, 1, 1, tzinfo=UTC)
    inner = Answers(
        httpx.Response(503, headers={"Retry-After": "3"}),
        httpx.Response(503, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:07 GMT"}),
        httpx.Response(200),
    )
    with LiveTransport(TARGET, inner=inner, sleep=waits.append, clock=lambda: when) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert (exchange.status, exchange.attempts) == (200, 3)
    assert waits == [3.0, 7.0]
    assert exchange.sent_at == "2026-01-01T00:00:00.000Z"


def test_a_429_holds_everybody_back() -> None:
    waits: list[float] = []
    inner = Answers(httpx.Response(429, headers={"Retry-After": "5"}), httpx.Response(200))
    with LiveTransport(TARGET, inner=inner, sleep=waits.append) as transport:
        transport.send(Request("GET", "/1"))
        transport.send(Request("GET", "/2"))
    assert len(waits) == 2 and all(4.5 < wait <= 5 for wait in waits), "both waited for the same moment"


@pytest.mark.parametrize("status", [400, 401, 404, 408, 425, 500, 502, 504])
def test_other_statuses_are_answers(status: int) -> None:
    inner = Answers(httpx.Response(status))
    with LiveTransport(TARGET, inner=inner) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert (exchange.status, exchange.attempts, len(inner.asked)) == (status, 1, 1)


def test_a_connection_refused_in_the_middle_of_a_run_is_tried_again() -> None:
    inner = Answers(httpx.Response(200), httpx.ConnectError("x"), httpx.Response(200))
    with LiveTransport(TARGET, inner=inner, sleep=lambda seconds: None) as transport:
        transport.send(Request("GET", "/1"))
        exchange = transport.send(Request("GET", "/2"))
    assert (exchange.status, exchange.attempts) == (200, 2)


def test_a_stopped_transport_sends_nothing() -> None:
    inner = Answers(httpx.Response(200))
    told: list[Exchange] = []
    with LiveTransport(TARGET, inner=inner, on_exchange=told.append) as transport:
        transport.stop()
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.STOPPED
    assert not inner.asked and not told


def test_ctrl_c_leaves_nobody_waiting() -> None:
    entered, leave = threading.Event(), threading.Event()

    class Interrupted(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            entered.set()
            leave.wait(2)
            raise KeyboardInterrupt

    with LiveTransport(TARGET, inner=Interrupted()) as transport, ThreadPoolExecutor(2) as pool:
        first = pool.submit(transport.send, Request("GET", "/"))
        entered.wait(2)
        second = pool.submit(transport.send, Request("GET", "/"))
        time.sleep(0.05)
        leave.set()
        with pytest.raises(KeyboardInterrupt):
            first.result(2)
        failure = second.result(2).failure
    assert failure is not None and failure.kind is FailureKind.STOPPED
    assert not transport.exchanges


def test_a_journal_that_cannot_be_written_is_not_swallowed() -> None:
    def full(exchange: Exchange) -> None:
        raise OSError(28, "No space left on device")

    with LiveTransport(TARGET, inner=Answers(httpx.Response(200)), on_exchange=full) as transport:
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                transport.send(Request("GET", "/"))
    assert not transport.exchanges, "what is not journalled is not evidence"


def test_known_exchanges_are_not_sent_again() -> None:
    request = Request("GET", "/")
    known = Exchange(request, Response(200, (), b"earlier"))
    inner = Answers(httpx.Response(500))
    with LiveTransport(TARGET, inner=inner, known={request.key: known}) as transport:
        assert transport.send(request) is known
    assert not inner.asked
    assert transport.exchanges == {request.key: known}


def test_a_probe_is_not_recorded() -> None:
    with LiveTransport(TARGET, inner=Answers(httpx.Response(200))) as transport:
        assert transport.probe(Request("GET", "/")).ok
    assert not transport.exchanges


# --- respx: what httpx and httpcore are asked to do ---------------------------------------------------------------


@respx.mock
def test_respx_an_answer_of_the_stack() -> None:
    route = respx.get("http://127.0.0.1/base/x", params={"a": "b"}).respond(
        content=b'{"ok":true}', headers={"Content-Type": "application/json", "X-Kept": "yes"}
    )
    with LiveTransport(TARGET) as transport:
        exchange = transport.send(Request("GET", "/x?a=b"))
    assert exchange.response is not None
    assert exchange.response.body == b'{"ok":true}'
    assert exchange.response.header("x-kept") == "yes"
    assert exchange.response.media_type == "application/json"
    assert route.call_count == 1
    assert route.calls[0].request.headers["host"] == "127.0.0.1"


@respx.mock
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpcore.ConnectTimeout, FailureKind.CONNECT),
        (httpcore.ReadTimeout, FailureKind.TIMEOUT),
        (httpcore.ReadError, FailureKind.RESET),
        (httpcore.RemoteProtocolError, FailureKind.PROTOCOL),
        (httpcore.ProxyError, FailureKind.PROXY),
        (httpcore.LocalProtocolError, FailureKind.PROTOCOL),
    ],
)
def test_respx_an_exception_of_the_stack(error: type[Exception], kind: FailureKind) -> None:
    respx.get("http://127.0.0.1/base/x").mock(side_effect=error("said"))
    with LiveTransport(TARGET) as transport:
        exchange = transport.send(Request("GET", "/x"))
    assert exchange.failure is not None and exchange.failure.kind is kind


# --- replay -------------------------------------------------------------------------------------------------------


def test_replay_gives_what_was_recorded_and_says_what_is_missing() -> None:
    with LiveTransport(TARGET, inner=Answers(httpx.Response(200))) as live:
        first, second = live.send(Request("GET", "/1")), live.send(Request("GET", "/2"))
    recorded = RecordedTransport(live.exchanges)
    assert recorded.send(Request("GET", "/1")) is first
    assert recorded.used == {first.request.key}
    assert recorded.unused == [second.request.key]
    with pytest.raises(MissingExchange) as caught:
        recorded.send(Request("GET", "/3"))
    assert isinstance(caught.value, EvidenceError)
    assert "/3" in str(caught.value)


def test_replay_does_not_load_the_network() -> None:
    import subprocess
    import sys

    code = (
        "import sys, interop_harness.preflight\n"
        "from interop_harness.transport import RecordedTransport, MissingExchange\n"
        "assert not {'httpx', 'httpcore', 'yaml', 'cryptography'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
