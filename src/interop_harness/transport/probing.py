"""The probes that open connections of their own: name, connection, TLS, old TLS versions, the plain-HTTP port."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import ssl
import time
import warnings
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from interop_harness.errors import TargetError
from interop_harness.evidence import FailureKind, Probe
from interop_harness.implementation import Implementation
from interop_harness.transport.failures import (
    NO_ANSWER,
    REFUSED,
    Trouble,
    classify,
    handshake_trouble,
    os_trouble,
    printable,
)
from interop_harness.transport.live import LiveTransport
from interop_harness.transport.offering import ALERT, offer
from interop_harness.transport.proxies import Proxy, unopened, unsecured, way_in
from interop_harness.transport.resolving import Address, connect, without_zone
from interop_harness.transport.tls import add_certificate, client_context

PROBE_SECONDS = 5.0
EXPIRES_SOON = timedelta(days=14)
MAX_HEAD = 64 * 1024
_BLANK_LINE = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(r"HTTP/1\.[01] ([1-9][0-9]{2})(?: |$)")


def network(implementation: Implementation, transport: LiveTransport, now: datetime) -> list[Probe]:
    """dns, connect, tls, tls-legacy and http-plain, in this order."""
    proxy = transport.credentials.proxy
    if proxy is not None:
        parts = urlsplit(proxy.url)
        host, port, what = parts.hostname or "", parts.port or 0, "proxy"
        without = f" This is the proxy named by {proxy.source}: take it out there if the service needs none."
    else:
        host, port, what, without = implementation.host, implementation.port, "service", ""
    seconds = min(implementation.limits.connect_timeout, implementation.limits.timeout)
    unseen = "Not looked at: no connection was possible."
    try:
        addresses = transport.resolver.addresses(host, port, seconds)
    except Trouble as trouble:
        hint = f"Check the spelling of {host}, this machine's name servers, and whether a VPN is needed.{without}"
        if without_zone(host) != host:
            hint = f"State the interface behind %25 as this machine names it: http://[fe80::1%25eth0].{without}"
        return [
            Probe("dns", False, trouble.message, hint, {"host": host}),
            *(Probe(name, None, unseen) for name in ("connect", "tls", "tls-legacy", "http-plain")),
        ]
    numbers = sorted({str(address[0]) for _, address in addresses})
    probes = [Probe("dns", True, f"{host} is {', '.join(numbers)}.", facts={"host": host, "addresses": numbers})]
    reached, trouble_met = _reach(addresses, seconds)
    if reached is None:
        assert trouble_met is not None
        return [
            *probes,
            Probe(
                "connect",
                False,
                f"No connection to the {what} at {host}, port {port}. {trouble_met.message}",
                f"Check that it runs and listens on this address, and that no firewall stands in between.{without}",
                {"host": host, "port": port, "kind": trouble_met.kind.value},
            ),
            *(Probe(name, None, unseen) for name in ("tls", "tls-legacy", "http-plain")),
        ]
    probes.append(
        Probe("connect", True, f"The {what} accepts connections on port {port}.", facts={"host": host, "port": port})
    )
    if implementation.scheme == "http":
        why = (
            "Development endpoint on this machine over plain HTTP: TLS does not apply."
            if implementation.loopback
            else "The address is plain HTTP: there is no TLS to look at."
        )
        return [*probes, *(Probe(name, None, why) for name in ("tls", "tls-legacy", "http-plain"))]
    door = _Door(implementation, transport, reached, seconds)
    tls = _tls(door, now)
    legacy = _legacy(door, tls)
    return [*probes, *_whose(door, [tls, legacy]), _plain(door)]


def _reach(addresses: list[Address], seconds: float) -> tuple[Address | None, Trouble | None]:
    trouble: Trouble | None = None
    for address in addresses:
        try:
            connect(address, max(seconds / len(addresses), 0.001)).close()
        except OSError as error:
            trouble = os_trouble(error, connecting=True)
        else:
            return address, None
    return None, trouble or Trouble(FailureKind.CONNECT, "The host has no address.")


class _Door:
    """Opens plain connections to the target, through the proxy when there is one."""

    def __init__(
        self, implementation: Implementation, transport: LiveTransport, address: Address, seconds: float
    ) -> None:
        self.implementation = implementation
        self.transport = transport
        self.seconds = seconds
        self._address = address

    def open(self) -> socket.socket:
        """A connection on which TLS can start. Raises OSError or Trouble."""
        proxy = self.transport.credentials.proxy
        if proxy is None:
            return connect(self._address, self.seconds)
        try:
            return self._tunnel(proxy)
        except (OSError, Trouble) as error:
            raise unopened(proxy.url, classify(error) or Trouble(FailureKind.PROXY, "")) from error

    def _tunnel(self, proxy: Proxy) -> socket.socket:
        """A connection to the service by way of the proxy. Raises OSError or Trouble."""
        sock = connect(self._address, self.seconds)
        try:
            if proxy.url.startswith("https:"):
                raise Trouble(FailureKind.PROXY, "TLS through a proxy that is itself reached over TLS is not probed.")
            host = self.implementation.host
            name = f"[{host}]" if ":" in host else host
            lines = [f"CONNECT {name}:{self.implementation.port} HTTP/1.1", f"Host: {name}:{self.implementation.port}"]
            if proxy.credentials is not None:
                lines.append(f"Proxy-Authorization: Basic {b64encode(b':'.join(proxy.credentials)).decode()}")
            sock.sendall("\r\n".join([*lines, "", ""]).encode())
            head = read_head(sock, time.monotonic() + self.seconds)
            if not head:
                raise Trouble(FailureKind.RESET, NO_ANSWER)
            first = head.split(b"\n")[0].removesuffix(b"\r").decode("latin-1")
            spoken = _STATUS_LINE.match(first)
            if spoken is None:
                raise Trouble(FailureKind.PROTOCOL, f"It says {printable(first, 80)}.")
            if spoken[1][0] != "2":
                raise Trouble(FailureKind.PROXY, f"The proxy refused the connection: {printable(first)}.")
            if not _BLANK_LINE.search(head):
                large = len(head) >= MAX_HEAD
                raise Trouble(FailureKind.TOO_LARGE if large else FailureKind.RESET, "Its answer has no end.")
        except BaseException:
            sock.close()
            raise
        return sock

    def handshake(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """A TLS connection. Raises OSError (ssl.SSLError among them) or Trouble."""
        sock = self.open()
        try:
            sock.settimeout(self.seconds)
            return context.wrap_socket(sock, server_hostname=without_zone(self.implementation.host))
        except OSError as error:
            sock.close()
            proxy = self.transport.credentials.proxy
            if proxy is None:
                raise
            certificate = isinstance(error, ssl.SSLCertVerificationError)
            raise unsecured(proxy.url, handshake_trouble(error), certificate=certificate) from error
        except BaseException:
            sock.close()
            raise

    def maybe_the_proxy(self) -> str:
        """The proxy that may speak TLS in the service's place: none if an authority that everybody trusts vouches.

        Where only ``ca_file`` does, that may hold the authority of a service, and as well that of a proxy.
        """
        proxy, ca_file = self.transport.credentials.proxy, self.implementation.ca_file
        if proxy is None or ca_file is None:
            return ""
        try:
            self.handshake(client_context(None, self.transport.credentials.certificate)).close()
        except (OSError, Trouble, TargetError):
            return proxy.url
        return ""

    def opens(self) -> bool:
        """Whether an ordinary handshake goes well now, whoever vouches for the server. Nothing is sent over it."""
        context = _unverifying()
        try:
            if (certificate := self.transport.credentials.certificate) is not None:
                add_certificate(context, certificate)
            self.handshake(context).close()
        except (OSError, Trouble, TargetError):
            return False
        return True


def _unverifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def read_head(sock: socket.socket, deadline: float) -> bytes:
    """Status line and headers of an answer, bounded in time and size. Raises OSError."""
    data = b""
    while not _BLANK_LINE.search(data) and len(data) < MAX_HEAD:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        piece = sock.recv(4096)
        if not piece:
            break
        data += piece
    return data


def _tls(door: _Door, now: datetime) -> Probe:
    implementation = door.implementation
    try:
        # The run's own context: read anew, a file that was replaced since would have the two disagree.
        secured = door.handshake(door.transport.tls)
    except (OSError, Trouble) as error:
        trouble = error if isinstance(error, Trouble) else handshake_trouble(error)
        hint = way_in(trouble.message, implementation.host, door.transport.credentials.proxy)
        name = "proxy" if trouble.kind is FailureKind.PROXY else "tls"
        return Probe(name, False, trouble.message, hint, {"kind": trouble.kind.value, **_unverified(door, now)})
    with secured:
        certificate = secured.getpeercert(binary_form=True) or b""
        facts = {
            "protocol": secured.version() or "",
            "cipher": (secured.cipher() or ("",))[0],
            **_described(certificate, now),
        }
    summary = f"{facts['protocol']}; the certificate is valid until {facts.get('not_after', 'an unknown date')}."
    days = facts.get("days_left")
    if isinstance(days, int) and days < EXPIRES_SOON.days:
        return Probe("tls", True, summary, f"The certificate expires in {days} days: renew it.", facts)
    return Probe("tls", True, summary, facts=facts)


def _whose(door: _Door, probes: list[Probe]) -> list[Probe]:
    """What was seen of TLS, and of whose it may be where a proxy may look into it."""
    if not any(probe.ok for probe in probes) or not (proxy := door.maybe_the_proxy()):
        return probes
    note = f" It may be the proxy {proxy}'s own: ask whoever runs it."
    return [
        replace(probe, hint=f"{probe.hint}{note}" if probe.hint else "", facts={**probe.facts, "proxy": proxy})
        for probe in probes
    ]


def _unverified(door: _Door, now: datetime) -> dict[str, Any]:
    """The certificate that was not accepted, read to describe it. Nothing is sent over this connection."""
    with contextlib.suppress(OSError, Trouble), door.handshake(_unverifying()) as secured:
        return {"protocol": secured.version() or "", **_described(secured.getpeercert(binary_form=True) or b"", now)}
    return {}


def _described(certificate: bytes, now: datetime) -> dict[str, Any]:
    """Names, dates, issuer and digests of a certificate, as far as it can be read."""
    facts: dict[str, Any] = {"sha256": hashlib.sha256(certificate).hexdigest()}
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            leaf = x509.load_der_x509_certificate(certificate)
            key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            facts |= {
                "spki_sha256": hashlib.sha256(key).hexdigest(),
                "subject": printable(leaf.subject.rfc4514_string()),
                "issuer": printable(leaf.issuer.rfc4514_string()),
                "not_before": leaf.not_valid_before_utc.isoformat(),
                "not_after": leaf.not_valid_after_utc.isoformat(),
                "days_left": (leaf.not_valid_after_utc - now.astimezone(UTC)).days,
                "names": [],
            }
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            facts["names"] = sorted(printable(name.value) for name in names)[:100]
    except Exception:
        # A certificate is the server's bytes: what cannot be read of it is left out.
        facts.setdefault("names", [])
    return facts


def _legacy(door: _Door, tls: Probe) -> Probe:
    """Whether TLS 1.0 or 1.1 is taken. Refused is only what the service itself was seen to refuse.

    Its refusal is an alert, or the end of the connection, in answer to our hello. What a proxy says, silence, and what
    befalls every handshake by this road, tell nothing.
    """
    cannot = "This machine's OpenSSL cannot offer TLS 1.0 or 1.1, so their refusal was not seen."
    if not (ssl.HAS_TLSv1 and ssl.HAS_TLSv1_1):
        return Probe("tls-legacy", None, cannot)
    unseen = "Whether TLS 1.0 and 1.1 are refused could not be seen:"
    context = _unverifying()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if (certificate := door.transport.credentials.certificate) is not None:
            add_certificate(context, certificate)
    except (ssl.SSLError, ValueError):
        return Probe("tls-legacy", None, cannot)
    except TargetError as error:
        # It could be read as the run began, and a context for other versions cannot be made from the one made then.
        return Probe("tls-legacy", None, f"{unseen} {error.message}")
    try:
        sock = door.open()
    except (OSError, Trouble) as error:
        why = error.message if isinstance(error, Trouble) else "No second connection could be opened."
        return Probe("tls-legacy", None, f"{unseen} {why}")
    if door.transport.credentials.proxy is not None and tls.ok is not True:
        sock.close()
        return Probe("tls-legacy", None, f"{unseen} it is not known who speaks TLS, the service or the proxy.")
    with sock:
        offered = offer(sock, context, without_zone(door.implementation.host), door.seconds)
    if offered.version:
        return Probe(
            "tls-legacy",
            False,
            f"The server accepts {offered.version}, which RFC 8996 forbids.",
            "Allow TLS 1.2 and 1.3 only.",
            {"protocol": offered.version},
        )
    if "NO_PROTOCOLS_AVAILABLE" in offered.trouble or "NO_CIPHERS" in offered.trouble:
        return Probe("tls-legacy", None, cannot)
    if offered.silent:
        return Probe("tls-legacy", None, f"{unseen} no answer came within {door.seconds:g} seconds.")
    if tls.facts.get("protocol") not in ("TLSv1.2", "TLSv1.3"):
        return Probe("tls-legacy", None, f"{unseen} no other handshake went well either.")
    if offered.first[:1] == ALERT:
        return Probe("tls-legacy", True, "TLS 1.0 and 1.1 are refused.")
    if not offered.first and door.opens():
        return Probe("tls-legacy", True, "TLS 1.0 and 1.1 are refused: the connection is closed.")
    return Probe("tls-legacy", None, f"{unseen} the answer was neither a refusal nor a whole handshake.")


def _plain(door: _Door) -> Probe:
    implementation = door.implementation
    if implementation.loopback:
        return Probe("http-plain", None, "The endpoint is on this machine: its plain-HTTP port says nothing.")
    if implementation.port != 443:
        return Probe("http-plain", None, "The service is not on port 443, so no plain-HTTP port belongs to it.")
    if door.transport.credentials.proxy is not None:
        return Probe("http-plain", None, "Not looked at through a proxy.")
    return plain_port(implementation, door.transport, 80)


def plain_port(implementation: Implementation, transport: LiveTransport, port: int) -> Probe:
    """What the plain-HTTP port does with a request that carries no credentials."""
    host = implementation.host
    facts: dict[str, Any] = {"port": port}
    dropped = "a firewall drops such attempts, of the service or on this side. Whether it is closed was not seen."
    try:
        addresses = transport.resolver.addresses(host, port, PROBE_SECONDS)
        reached, trouble = _reach(addresses, PROBE_SECONDS)
        if reached is None:
            if trouble is not None and trouble.message == REFUSED:
                return Probe("http-plain", True, f"Port {port} is closed: there is no plain HTTP.", facts=facts)
            return Probe("http-plain", None, f"No connection to port {port} could be opened: {dropped}", facts=facts)
        with connect(reached, PROBE_SECONDS) as sock:
            shown = f"[{without_zone(host)}]" if ":" in host else host
            sock.sendall(
                f"GET {implementation.path or '/'} HTTP/1.1\r\nHost: {shown}\r\nAccept: */*\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            head = read_head(sock, time.monotonic() + PROBE_SECONDS)
    except ConnectionError:
        return Probe("http-plain", True, f"Port {port} gives no answer: there is no plain HTTP.", facts=facts)
    except (OSError, Trouble):
        told = f"Port {port} takes connections and gave no answer within {PROBE_SECONDS:g} seconds: whether it serves "
        return Probe("http-plain", None, f"{told}plain HTTP was not seen.", facts=facts)
    lines = [line.removesuffix("\r") for line in head.decode("latin-1").split("\n")]
    # Another protocol's greeting begins with numbers too, and a number may have thousands of digits.
    spoken = _STATUS_LINE.match(lines[0])
    status = int(spoken[1]) if spoken else 0
    location = next((line[9:].strip() for line in lines[1:] if line.lower().startswith("location:")), "")
    facts |= {"status": status, "location": printable(location)[:200]}
    if 300 <= status < 400 and location.lower().startswith("https://"):
        return Probe("http-plain", True, "Plain HTTP is redirected to HTTPS.", facts=facts)
    if not 200 <= status < 400:
        return Probe("http-plain", True, f"Plain HTTP is answered {status or 'with no HTTP'}, not served.", facts=facts)
    return Probe(
        "http-plain",
        False,
        f"Port {port} answers {status} over plain HTTP instead of redirecting to HTTPS.",
        "Redirect every plain-HTTP request to https://, or close the port.",
        facts,
    )
