"""Transport: what the preflight saw, judged."""

from __future__ import annotations

import pytest

from interop_harness.evidence import Probe
from tests.checks.miniature import directory, implementation, judged, outcome, reply, said

HTTPS = implementation("https://api.example.org")
FAR = "2027-06-01T00:00:00+00:00"
GOOD = Probe(
    "tls", True, "TLSv1.3; valid.", facts={"protocol": "TLSv1.3", "not_after": FAR, "names": ["api.example.org"]}
)
REFUSED = Probe("tls-legacy", True, "TLS 1.0 and 1.1 are refused.")
CLOSED = Probe("http-plain", True, "Port 80 is closed: there is no plain HTTP.", facts={"port": 80})
FAMILIES = [
    ("https", {}),
    ("tls_version", {"at_least": "1.2"}),
    ("tls_version", {"refuses": "1.0"}),
    ("tls_version", {"refuses": "1.1"}),
    ("certificate", {}),
    ("certificate_expiry", {"days": 14}),
    ("http_redirects", {}),
]


@pytest.mark.parametrize(("family", "arguments"), FAMILIES)
def test_a_well_kept_service_passes(family, arguments):
    result = judged(f"transport.{family}", None, arguments, target=HTTPS, probes=[GOOD, REFUSED, CLOSED])
    assert outcome(result) == "pass"


def old(protocol):
    return Probe("tls-legacy", False, f"The server accepts {protocol}.", facts={"protocol": protocol})


def tls(**facts):
    return Probe("tls", True, "…", facts={**GOOD.facts, **facts})


EXPIRED = Probe("tls", False, "The server's certificate has expired.", facts={"not_after": "2026-10-01T00:00:00+00:00"})


@pytest.mark.parametrize(
    ("family", "arguments", "probe", "words"),
    [
        ("tls_version", {"at_least": "1.2"}, tls(protocol="TLSv1.1"), "TLS 1.1"),
        ("tls_version", {"at_least": "1.2"}, tls(protocol="TLSv1"), "TLS 1.0"),
        ("tls_version", {"refuses": "1.0"}, old("TLSv1"), "TLS 1.0 to be refused"),
        ("tls_version", {"refuses": "1.1"}, old("TLSv1.1"), "TLS 1.1 to be refused"),
        ("certificate", {}, EXPIRED, "has expired"),
        ("certificate_expiry", {"days": 14}, EXPIRED, "past"),
        ("certificate_expiry", {"days": 14}, tls(not_after="2026-11-10T00:00:00+00:00"), "2026-11-10, in 7 days"),
        ("http_redirects", {}, Probe("http-plain", False, "Port 80 answers 200 over plain HTTP."), "answers 200"),
    ],
)
def test_one_defect_is_found(family, arguments, probe, words):
    result = judged(f"transport.{family}", None, arguments, target=HTTPS, probes=[probe])
    assert outcome(result) == "fail"
    assert words in said(result)


def test_a_plain_address_is_found():
    result = judged("transport.https", target=implementation("http://api.example.org"))
    assert outcome(result) == "fail"
    assert "http://api.example.org" in said(result)


@pytest.mark.parametrize(("family", "arguments"), FAMILIES)
@pytest.mark.parametrize("target", [implementation(), implementation("https://127.0.0.1", "development")])
def test_a_development_endpoint_is_not_asked(family, arguments, target):
    result = judged(f"transport.{family}", None, arguments, target=target, probes=[EXPIRED])
    assert (outcome(result), result.reason) == ("not-applicable", "development endpoint")


@pytest.mark.parametrize(("family", "arguments"), FAMILIES[1:])
def test_over_plain_http_only_the_address_is_judged(family, arguments):
    plain = implementation("http://api.example.org")
    assert outcome(judged(f"transport.{family}", None, arguments, target=plain)) == "not-applicable"


@pytest.mark.parametrize(("family", "arguments"), FAMILIES[1:])
def test_what_was_not_seen_is_inconclusive(family, arguments):
    unseen = [Probe(name, None, "Not looked at.") for name in ("tls", "tls-legacy", "http-plain")]
    assert outcome(judged(f"transport.{family}", None, arguments, target=HTTPS, probes=unseen)) == "inconclusive"
    assert outcome(judged(f"transport.{family}", None, arguments, target=HTTPS)) == "inconclusive"


def test_a_later_old_version_hides_an_earlier_one():
    hidden = judged("transport.tls_version", None, {"refuses": "1.0"}, target=HTTPS, probes=[old("TLSv1.1")])
    assert outcome(hidden) == "inconclusive"
    assert (
        outcome(judged("transport.tls_version", None, {"refuses": "1.1"}, target=HTTPS, probes=[old("TLSv1")]))
        == "pass"
    )


def test_a_handshake_that_fails_for_another_reason_is_not_the_certificate():
    probe = Probe("tls", False, "The server requires a client certificate.", facts={"kind": "tls"})
    assert outcome(judged("transport.certificate", target=HTTPS, probes=[probe])) == "inconclusive"


def test_another_port_has_no_plain_http():
    target = implementation("https://api.example.org:8443")
    assert outcome(judged("transport.http_redirects", target=target, probes=[CLOSED])) == "not-applicable"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [("Contact: mailto:a@example.org\n", 200, "names a contact"), ("{}", 404, "answers 404")],
)
def test_security_txt_is_recorded(body, status, words):
    handler = directory(
        answer=lambda q, r: reply(body, status, "text/plain") if q.path == "/.well-known/security.txt" else r
    )
    result = judged("transport.security_txt", handler, observe=True)
    assert outcome(result) == "observed"
    assert words in result.observations[0]
