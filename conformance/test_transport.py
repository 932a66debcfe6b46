"""The way to the service: HTTPS, its versions and its certificate, as the preflight saw them."""

from interop_harness.checks import transport
from interop_harness.evidence import Attribution
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import first_answers, unclear


def test_https(case, supplier: Supplier):
    """The service answers over HTTPS."""
    only_beyond_development(supplier)
    supplier.looked += 1  # the address itself
    found = list(transport.https(supplier.base_url))
    probe = supplier.context.probes.get("tls")
    if not found and probe is not None and transport.about_certificate(probe):
        # Nobody who checks certificates is served at all.
        found = list(transport.certificate(probe))
    supplier.expect(found)
    if not found:
        answered, doubts = first_answers(supplier)
        if not any(answer.response is not None for _, answer in answered):
            raise next(iter([*(unclear(answer) for _, answer in answered), *doubts]))


def test_tls_version(case, supplier: Supplier):
    """The connection uses a version that is new enough, or an old version is refused."""
    if "at_least" in supplier.arguments:
        probe = seen(supplier, "tls")
        if not transport.version_of(probe.facts.get("protocol")):
            raise Inconclusive(probe.summary)
        expect(supplier, probe, transport.at_least(probe, str(supplier.arguments["at_least"])))
    if "refuses" in supplier.arguments:
        version = str(supplier.arguments["refuses"])
        probe = seen(supplier, "tls-legacy")
        if transport.hides(probe, version):
            raise Inconclusive(f"{probe.summary} Whether TLS {version} is refused was not seen.")
        expect(supplier, probe, transport.refuses(probe, version))


def test_certificate(case, supplier: Supplier):
    """The certificate is valid for the host and comes from a trusted authority."""
    probe = seen(supplier, "tls")
    if probe.ok is False and not transport.about_certificate(probe):
        raise Inconclusive(probe.summary)
    supplier.expect(transport.certificate(probe))


def test_certificate_expiry(case, supplier: Supplier):
    """The certificate does not run out soon."""
    probe = seen(supplier, "tls")
    if transport.expires(probe) is None:
        raise Inconclusive(f"The end of the certificate's validity was not seen. {probe.summary}")
    found = transport.certificate_expiry(probe, supplier.now, int(supplier.arguments.get("days", 14)))
    expect(supplier, probe, found)


def test_http_redirects(case, supplier: Supplier):
    """Plain HTTP is closed or leads to HTTPS."""
    only_over_https(supplier)
    if supplier.plan.implementation.port != 443:
        raise NotApplicable("The service is not on port 443, so no plain-HTTP port belongs to it.")
    supplier.expect(transport.http_redirects(seen(supplier, "http-plain")))


def test_security_txt(case, supplier: Supplier):
    """Whether there is a security.txt: recorded."""
    if supplier.plan.implementation.path.strip("/"):
        raise NotApplicable("security.txt lies at the root of the host, outside the base address under test.")
    answer = supplier.ask("/.well-known/security.txt")
    if answer.response is None:
        raise unclear(answer)
    contact = answer.ok and b"contact:" in answer.response.body[:10_000].lower()
    supplier.observe(f"/.well-known/security.txt {'names a contact' if contact else f'answers {answer.describe()}'}.")


def seen(supplier: Supplier, name):
    """A preflight observation that was made."""
    only_over_https(supplier)
    barred = supplier.context.probes.get("proxy")
    if barred is not None and barred.ok is False:
        supplier.looked += 1
        raise Inconclusive(barred.summary, attribution=Attribution.NETWORK)
    probe = supplier.probe(name)
    if probe.ok is None:
        raise Inconclusive(probe.summary)
    return probe


def expect(supplier: Supplier, probe, findings):
    """Take what was found, but of a proxy that may have spoken TLS in the service's place."""
    found, proxy = list(findings), transport.maybe_the_proxy(probe)
    if found and proxy:
        told = f"Seen through the proxy {proxy}, which may speak TLS in the service's place: {found[0].observed}"
        raise Inconclusive(told, attribution=Attribution.NETWORK)
    supplier.expect(found)


def only_over_https(supplier: Supplier):
    only_beyond_development(supplier)
    if supplier.plan.implementation.scheme != "https":
        raise NotApplicable("The address is plain HTTP: there is no TLS to look at. That it is, another case says.")


def only_beyond_development(supplier: Supplier):
    if supplier.environment == "development" or supplier.plan.implementation.development_endpoint:
        raise NotApplicable("development endpoint")
