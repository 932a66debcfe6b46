"""Answers that are not kept say why: that they are much, or that they are nearly empty, which are two troubles."""

from __future__ import annotations

import httpx
import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import load_target
from interop_harness.transport import LiveTransport
from interop_harness.transport.bodies import Store


class Zeros(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=bytes(4 * 1024**2))


def told() -> str:
    with LiveTransport(load_target("http://127.0.0.1"), inner=Zeros()) as transport:
        found = [transport.send(Request("GET", f"/{number}")) for number in range(12)]
    refused = [exchange.failure for exchange in found if exchange.failure is not None]
    assert found[0].failure is None and refused
    assert refused[0].kind is FailureKind.TOO_LARGE
    return refused[0].message


def test_answers_that_are_nearly_empty() -> None:
    assert "more than 40 MiB and shrink to less than a 60th when packed" in told()


def test_answers_that_are_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "MOST", 10 * 1024**2)
    assert "larger than the harness keeps" in told()
