"""The sandbox without any profile: request, answer, ASGI adapter, server, in-process transport, faults."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from interop_harness.errors import ProfileError, UsageError
from interop_harness.sandbox import handler, profile_folder
from interop_harness.sandbox.asgi import asgi
from interop_harness.sandbox.fault import Fault, read_records, select, switched, wrapped
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from interop_harness.sandbox.server import serving


def echo(request: SandboxRequest) -> SandboxResponse:
    body = json.dumps(
        {
            "method": request.method,
            "path": request.path,
            "query": list(request.query),
            "raw": request.raw_query,
            "body": request.body.decode("latin-1"),
            "agent": request.header("USER-AGENT"),
        }
    ).encode()
    return SandboxResponse(200, (("Content-Type", "application/json"), ("X-Twice", "1"), ("X-Twice", "2")), body)


ASKED = "/caf%C3%A9/a%2Fb?q=a+b&q=%C3%A9&empty=&bare"


def test_socket_and_in_process_answer_alike() -> None:
    with serving(echo) as base, httpx.Client(trust_env=False) as wire:
        real = wire.post(base + ASKED, content=b"hello", headers={"User-Agent": "x"})
    with httpx.Client(transport=InProcessTransport(echo), base_url="http://anything") as direct:
        near = direct.post(ASKED, content=b"hello", headers={"User-Agent": "x"})
    assert real.json() == near.json()
    assert near.json()["query"] == [["q", "a b"], ["q", "é"], ["empty", ""], ["bare", ""]]
    assert near.json()["path"].startswith("/café/")
    for answer in (real, near):
        assert answer.headers.get_list("x-twice") == ["1", "2"]
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert "date" in real.headers
    assert "server" not in real.headers


def test_head_drops_the_body_and_keeps_its_length() -> None:
    with serving(echo) as base, httpx.Client(trust_env=False) as wire:
        real = wire.head(base + "/x")
    near = httpx.Client(transport=InProcessTransport(echo)).head("http://h/x")
    assert real.content == near.content == b""
    assert int(near.headers["content-length"]) > 10


def test_server_stops_and_frees_its_port() -> None:
    before = threading.active_count()
    with serving(echo) as base:
        port = int(base.rsplit(":", 1)[1])
        client = httpx.Client(trust_env=False)
        client.get(base + "/")  # a connection left open must not hold the stop up
        started = time.monotonic()
    assert time.monotonic() - started < 3
    client.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    assert threading.active_count() == before


def test_server_stops_when_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), serving(echo) as base:
        raise ZeroDivisionError
    with pytest.raises(httpx.ConnectError):
        httpx.get(base, trust_env=False)


def test_taken_port_is_a_usage_error() -> None:
    with serving(echo) as base:
        port = int(base.rsplit(":", 1)[1])
        with pytest.raises(UsageError, match=str(port)), serving(echo, port=port):
            pass


def test_delays_run_side_by_side() -> None:
    with serving(echo, delay_ms=200) as base, httpx.Client(trust_env=False) as wire:
        wire.get(base)
        started = time.monotonic()
        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda _: wire.get(base).status_code, range(16)))
        taken = time.monotonic() - started
    assert statuses == [200] * 16
    assert 0.2 <= taken < 1.5


def test_a_broken_handler_is_500_on_the_wire_and_an_exception_in_process() -> None:
    def broken(request: SandboxRequest) -> SandboxResponse:
        raise LookupError

    with serving(broken) as base:
        assert httpx.get(base, trust_env=False).status_code == 500
    with pytest.raises(LookupError):
        httpx.Client(transport=InProcessTransport(broken)).get("http://h/")


def test_long_request_bodies_are_refused() -> None:
    with serving(echo) as base:
        assert httpx.post(base, content=b"x" * (2 << 20), trust_env=False).status_code == 413


def test_lifespan_is_answered() -> None:
    sent: list[Any] = []
    events = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Any:
        return {"type": next(events)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(asgi(echo)({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_header_helpers_ignore_case() -> None:
    answer = SandboxResponse(200, (("A", "1"), ("a", "2"), ("B", "3")), b"")
    assert answer.with_header("A", "9").headers == (("B", "3"), ("A", "9"))
    assert answer.header("b") == "3"
    assert answer.without_header("b").header("b", "none") == "none"


def test_faults_compose_in_the_order_named() -> None:
    def tag(word: bytes) -> Any:
        return lambda inner: lambda request: SandboxResponse(200, (), inner(request).body + word)

    catalogue = {
        "one": Fault("one", switch=lambda seen: seen.append(1), wrap=tag(b"1")),
        "two": Fault("two", switch=lambda seen: seen.append(2), wrap=tag(b"2")),
        "three": Fault("three", switch=lambda seen: seen.append(3)),
    }
    chosen = select(catalogue, ["two", "three", "one"])
    assert switched(chosen, []) == [2, 3, 1]
    ask = wrapped(chosen, lambda request: SandboxResponse(200, (), b"0"))
    assert ask(SandboxRequest("GET", "/", (), ())).body == b"021"


def test_unknown_fault_lists_close_matches() -> None:
    with pytest.raises(UsageError) as caught:
        select({"cors-missing": Fault("cors-missing"), "bom": Fault("bom")}, ["cors-mising"])
    assert "cors-missing" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        select({"bom": Fault("bom")}, ["zzzzzzzz"])
    assert "interop faults" in caught.value.hint


def test_unknown_supplier_lists_close_matches() -> None:
    with pytest.raises(UsageError, match="open-referral-ku") as caught:
        handler("open-referral-ku")
    assert "open-referral-uk" in caught.value.hint
    assert profile_folder("open-referral-uk").name == "3.0"


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "faults: {a: 1}",
        "faults: [{name: a}]",
        "faults: [",
        "faults:\n" + "- {name: a, description: b, must_fail: C}\n" * 2,
    ],
)
def test_damaged_fault_file_is_a_profile_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "faults.yaml").write_text(text)
    with pytest.raises(ProfileError):
        read_records(tmp_path / "faults.yaml")


def test_no_fault_file_is_no_faults(tmp_path: Path) -> None:
    assert read_records(tmp_path / "faults.yaml") == ()
