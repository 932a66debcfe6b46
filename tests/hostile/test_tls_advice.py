"""A handshake that our own target file spoils: what to do is said, and nobody else is blamed."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import Attribution, Exchange, Failure, FailureKind, Probe, Request
from interop_harness.execution.record import barred
from interop_harness.implementation import Auth, Implementation, Reference, load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials

from .certificates import authority, make, server_context
from .server import SHORT, Asked, answer, serving

BEARER = Auth(kind="bearer", references={"token": Reference(value="of-no-service-0001")})


def looked(target: Implementation) -> tuple[dict[str, Probe], Exchange]:
    with LiveTransport(target, load_credentials(target)) as transport:
        exchange = transport.send(Request("GET", "/"))
        return {probe.name: probe for probe in preflight(target, transport)}, exchange


def trusting(url: str, folder: Path) -> Implementation:
    ca_file, _ = authority().write(folder, "authority")
    return replace(load_target(url), ca_file=ca_file, limits=SHORT, auth=BEARER)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_that_the_target_file_lacks(version: ssl.TLSVersion, tmp_path: Path) -> None:
    """TLS 1.3 refuses it behind the handshake, where the tls probe has seen all go well."""
    context = server_context(make("good", authority()), tmp_path, client_authority=authority())
    context.minimum_version = context.maximum_version = version
    with serving(lambda asked: asked.say(answer()), tls=context) as server:
        probes, exchange = looked(trusting(server.url, tmp_path))
    stopper = unreachable(list(probes.values()))
    assert stopper is not None
    assert stopper.hint == "Add certificate_file and key_file to auth in the target file."
    assert exchange.concern is Attribution.CONFIGURATION
    assert barred(stopper)(Request("GET", "/")).concern is Attribution.CONFIGURATION
    assert probes["credentials"].ok is None


def test_an_https_address_on_a_plain_port(tmp_path: Path) -> None:
    def plain(conn: socket.socket) -> bool:
        conn.recv(65536)
        conn.sendall(answer(b"", status=b"400 Bad Request"))
        return True

    with serving(lambda asked: None, on_connect=plain) as server:
        probes, exchange = looked(trusting(server.url.replace("http:", "https:"), tmp_path))
    assert "Check the port" in probes["tls"].hint
    assert exchange.concern is Attribution.SERVICE, "it may as well have lost its TLS"
    assert probes["credentials"].ok is None


def test_an_authority_that_the_target_file_does_not_name(tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with serving(lambda asked: asked.say(answer()), tls=context) as server:
        probes, exchange = looked(replace(trusting(server.url, tmp_path), ca_file=None))
    assert "a private authority goes into ca_file" in probes["tls"].hint
    assert exchange.concern is Attribution.SERVICE, "as its other clients would find it"
    assert probes["credentials"].ok is None


@pytest.mark.parametrize("behave", [Asked.hang, Asked.reset], ids=["hangs", "resets"])
def test_credentials_are_not_called_accepted_without_an_answer(behave: object, tmp_path: Path) -> None:
    with serving(behave) as server:  # type: ignore[arg-type]
        probes, _ = looked(replace(server.target(), auth=BEARER))
    assert probes["credentials"].ok is None and "no answer came" in probes["credentials"].summary


@pytest.mark.parametrize(
    "sentence",
    [
        "The server's certificate has expired.",
        "The server offers no TLS version from 1.2 on.",
        "The TLS handshake was not complete within the time allowed.",
    ],
)
def test_what_is_wrong_with_the_server_stays_its_own(sentence: str) -> None:
    failed = Exchange(Request("GET", "/"), failure=Failure(FailureKind.TLS, sentence))
    assert failed.concern is Attribution.SERVICE
