"""The authority, the certificate and the key are read as a run starts: what becomes of the files later is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import Request
from interop_harness.implementation import Auth, Implementation, load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from tests.hostile.certificates import authority, make, server_context
from tests.hostile.server import KEEP, SHORT, Asked, Server, answer, serving

CHANGES: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "junk": lambda path: path.write_text("junk"),
    "replaced": lambda path: path.write_bytes(make("another", authority=True).certificate_pem()),
}


def stated(server: Server, folder: Path, *, mutual: bool) -> Implementation:
    ca_file, _ = authority().write(folder, "authority")
    auth = Auth()
    if mutual:
        certificate, key = make("client", authority(), client=True).write(folder, "client")
        auth = Auth(kind="client-certificate", certificate_file=certificate, key_file=key)
    limits = replace(SHORT, timeout=2, connect_timeout=1)
    return replace(load_target(server.url), ca_file=ca_file, auth=auth, limits=limits)


@pytest.mark.parametrize("mutual", [False, True], ids=["ca_file", "and a client certificate"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_in_mid_run(change: str, mutual: bool, tmp_path: Path) -> None:
    broken: list[str] = []

    def behave(asked: Asked) -> object:
        if asked.target == "/breaks" and not broken:
            # What breaks midway is asked for again on a connection of its own.
            broken.append(asked.target)
            asked.reset()
            return None
        asked.say(answer())
        return KEEP

    tls = server_context(make("good", authority()), tmp_path, client_authority=authority() if mutual else None)
    with serving(behave, tls=tls) as server:
        target = stated(server, tmp_path, mutual=mutual)
        with LiveTransport(target, load_credentials(target)) as transport:
            assert transport.send(Request("GET", "/before")).ok
            for path in (target.ca_file, target.auth.certificate_file, target.auth.key_file):
                if path is not None:
                    CHANGES[change](path)
            for path_asked in ("/after", "/breaks"):
                exchange = transport.send(Request("GET", path_asked))
                assert exchange.ok, exchange.failure
            anonymous = transport.send(Request("GET", "/anonymous", auth="none"))
    if mutual:
        assert anonymous.failure is not None
        assert anonymous.failure.message == "The server requires a client certificate."
    else:
        assert anonymous.ok, anonymous.failure


@pytest.mark.parametrize("mutual", [False, True], ids=["ca_file", "and a client certificate"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_before_the_preflight_looks(change: str, mutual: bool, tmp_path: Path) -> None:
    """It looks with what the run asks with: else it would bar a run that goes well, or let one begin that cannot."""
    tls = server_context(make("good", authority()), tmp_path, client_authority=authority() if mutual else None)

    def behave(asked: Asked) -> object:
        asked.say(answer())
        return KEEP

    with serving(behave, tls=tls) as server:
        target = stated(server, tmp_path, mutual=mutual)
        with LiveTransport(target, load_credentials(target)) as transport:
            for path in (target.ca_file, target.auth.certificate_file, target.auth.key_file):
                if path is not None:
                    CHANGES[change](path)
            probes = {probe.name: probe for probe in preflight(target, transport)}
            exchange = transport.send(Request("GET", "/"))
    assert exchange.ok, exchange.failure
    assert unreachable(list(probes.values())) is None
    assert probes["tls"].ok is True, probes["tls"].summary
    if mutual:
        assert probes["tls-legacy"].ok is None, "what needs the certificate anew was not seen"
        assert "client certificate" in probes["tls-legacy"].summary


def test_a_later_run_reads_them_again(tmp_path: Path) -> None:
    with serving(lambda asked: asked.say(answer()), tls=server_context(make("good", authority()), tmp_path)) as server:
        target = stated(server, tmp_path, mutual=False)
        assert target.ca_file is not None
        target.ca_file.write_text("junk")
        with pytest.raises(TargetError) as caught:
            LiveTransport(target, load_credentials(target))
    assert caught.value.code == "target-ca-file"
