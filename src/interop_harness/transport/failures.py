"""From any exception of the HTTP stack to one kind and one plain sentence.

The sentences hold no duration measured and no port chosen by chance: the same trouble reads the same twice.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
import zlib
from collections.abc import Iterator
from typing import Any, SupportsIndex

from interop_harness.evidence import Failure, FailureKind
from interop_harness.evidence.redaction import CUT

LONGEST = 300


class Trouble(Exception):  # noqa: N818 - the word of the domain
    """There will be no usable answer to this attempt. ``retry``: another attempt may do better."""

    def __init__(self, kind: FailureKind, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry = retry

    def failure(self) -> Failure:
        return Failure(self.kind, self.message)


REFUSED = "The connection was refused: nothing listens at this address."
NO_ANSWER = "The server closed the connection without an answer."
RAGGED = "The connection ended without TLS's closure alert (close_notify): the answer may have been cut off."
LARGE_HEAD = "The headers of the answer are larger than 100 KiB."
GIVEN_UP = "The server gave up a connection that had idled (408) as the request came over it."
STOPPED = Failure(FailureKind.STOPPED, "Not sent: the run was stopped.")

_BY_NAME: dict[str, tuple[FailureKind, str, bool]] = {
    # Names shared by httpx and httpcore, from the particular to the general.
    "ConnectTimeout": (FailureKind.CONNECT, "No connection could be opened within the time allowed.", False),
    "PoolTimeout": (FailureKind.TIMEOUT, "No connection came free within the time allowed.", False),
    "TimeoutException": (FailureKind.TIMEOUT, "No complete answer came within the time allowed.", False),
    "ConnectError": (FailureKind.CONNECT, "The connection could not be opened.", True),
    "ReadError": (FailureKind.RESET, "The connection broke before the answer was complete.", True),
    "WriteError": (FailureKind.RESET, "The connection broke while the request was sent.", True),
    "CloseError": (FailureKind.RESET, "The connection broke while it was being closed.", True),
    "NetworkError": (FailureKind.RESET, "The connection broke.", True),
    "ProxyError": (FailureKind.PROXY, "The proxy refused the connection", False),
    "UnsupportedProtocol": (FailureKind.PROTOCOL, "The address uses a protocol other than HTTP.", False),
    "LocalProtocolError": (FailureKind.PROTOCOL, "The request cannot be written as HTTP", False),
    "RemoteProtocolError": (FailureKind.PROTOCOL, "The answer is not valid HTTP", False),
    "ProtocolError": (FailureKind.PROTOCOL, "The exchange broke the rules of HTTP", False),
    "DecodingError": (FailureKind.DECODING, "The content encoding of the answer is broken.", False),
    "TooManyRedirects": (FailureKind.REDIRECT, "The answer redirects too many times.", False),
    "HTTPStatusError": (FailureKind.PROTOCOL, "The answer has an error status.", False),
    "InvalidURL": (FailureKind.PROTOCOL, "The address is not a valid URL", False),
    "CookieConflict": (FailureKind.PROTOCOL, "The answer sets conflicting cookies.", False),
    "StreamError": (FailureKind.PROTOCOL, "The body of the answer could not be read.", False),
    "TransportError": (FailureKind.RESET, "The exchange broke off.", True),
    "RequestError": (FailureKind.PROTOCOL, "The exchange failed.", False),
    "HTTPError": (FailureKind.PROTOCOL, "The exchange failed.", False),
}
_WITH_DETAIL = {"ProxyError", "LocalProtocolError", "RemoteProtocolError", "ProtocolError", "InvalidURL"}

_CERTIFICATE: dict[int, str] = {
    9: "The server's certificate is not valid yet.",
    10: "The server's certificate has expired.",
    18: "The server's certificate is self-signed: no authority vouches for it.",
    19: "The server's certificate chain ends in an authority that is not trusted.",
    20: "The server's certificate comes from an authority that is not trusted, or an intermediate is missing.",
    21: "The server's certificate cannot be traced to a trusted authority; an intermediate may be missing.",
    23: "The server's certificate has been revoked.",
    24: "An authority in the server's certificate chain is not allowed to issue certificates.",
    26: "The server's certificate is not meant for servers.",
    62: "The server's certificate is for another name.",
    64: "The server's certificate is for another address.",
}
_TLS_REASONS: tuple[tuple[str, str], ...] = (
    ("CERTIFICATE_REQUIRED", "The server requires a client certificate."),
    ("ALERT_UNKNOWN_CA", "The server does not trust the issuer of the client certificate."),
    ("ALERT_BAD_CERTIFICATE", "The server refused the client certificate."),
    ("ALERT_CERTIFICATE_UNKNOWN", "The server refused the client certificate."),
    ("ALERT_CERTIFICATE_EXPIRED", "The server refused the client certificate because it has expired."),
    (
        "ALERT_HANDSHAKE_FAILURE",
        "The server refused the TLS handshake: no common settings, or it requires a client certificate.",
    ),
    ("ALERT_PROTOCOL_VERSION", "The server offers no TLS version from 1.2 on."),
    ("UNSUPPORTED_PROTOCOL", "The server offers no TLS version from 1.2 on."),
    ("ALERT_ACCESS_DENIED", "The server refused the client certificate."),
    ("UNRECOGNIZED_NAME", "The server does not know the name it was asked for."),
    ("WRONG_VERSION_NUMBER", "The server does not speak TLS on this port."),
    ("HTTP_REQUEST", "The server does not speak TLS on this port."),
    ("UNEXPECTED_MESSAGE", "The server broke the rules of TLS."),
    ("DH_KEY_TOO_SMALL", "The server's TLS keys are too weak."),
    ("EE_KEY_TOO_SMALL", "The server's certificate has too short a key."),
    ("CA_MD_TOO_WEAK", "The server's certificate is signed with a weak algorithm."),
    ("UNEXPECTED_EOF", "The server closed the connection during the TLS handshake."),
)
_ADVICE = {
    "expired": "Renew the certificate on the server.",
    "not valid yet": "Check the clocks of the server and of this machine.",
    "self-signed": "Install a certificate from a public authority; in a test environment name your own in ca_file.",
    "another name": "The certificate must name {host}; or correct the host in base_url.",
    "another address": "The certificate must name {host}; or use its name in base_url.",
    "authority": "Send the whole chain, intermediates included; a private authority goes into ca_file.",
    "not meant for servers": "Install a certificate whose extended key usage names server authentication.",
    "requires a client certificate": "Add certificate_file and key_file to auth in the target file.",
    "client certificate": "Check certificate_file in the target file: the service must know who issued it.",
    "does not speak TLS": "Check the port, or use http:// for a development endpoint on this machine.",
    "no TLS version": "Switch TLS 1.2 or 1.3 on.",
    "proxy": "Check the proxy's address; its user:password goes into INTEROP_PROXY_CREDENTIALS.",
}
"""What to do, by words of the sentences above; the first that fits."""


def advice(message: str, host: str) -> str:
    """What to do about a failed TLS handshake with a host, or a proxy that refused the way to it."""
    otherwise = "Look at the server's TLS settings; openssl s_client -connect host:port shows the handshake."
    if message.startswith("The server refused the client certificate"):
        return _ADVICE["client certificate"]
    return next((todo for mark, todo in _ADVICE.items() if mark in message), otherwise).format(host=host)


def classify(error: BaseException) -> Trouble | None:
    """The trouble that an exception of the HTTP stack stands for; None when it is not one of its exceptions."""
    if isinstance(error, Trouble):
        return error
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, Trouble):
            return link
        specific = _specific(link)
        if specific is not None:
            return specific
    for link in chain:
        general = _general(link)
        if general is not None:
            return general
    return None


def tls_trouble(error: ssl.SSLError, *, handshake: bool = True) -> Trouble:
    """Why TLS failed, in a sentence."""
    # An SSLError that Python raises itself, not OpenSSL, has none of these attributes.
    if isinstance(error, ssl.SSLCertVerificationError):
        sentence = _CERTIFICATE.get(getattr(error, "verify_code", 0))
        if sentence is None:
            why = printable(getattr(error, "verify_message", "")) or "no reason given"
            sentence = f"The server's certificate is not accepted: {why}."
        return Trouble(FailureKind.TLS, sentence)
    reason = str(getattr(error, "reason", None) or "").upper()
    text = f"{reason} {error}".upper()
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) and not handshake:
        return Trouble(FailureKind.RESET, "The connection broke before the answer was complete.", retry=True)
    for mark, sentence in _TLS_REASONS:
        if mark in text:
            return Trouble(FailureKind.TLS, sentence)
    if isinstance(error, ssl.SSLEOFError):
        return Trouble(FailureKind.TLS, "The server closed the connection during the TLS handshake.")
    detail = reason.lower().replace("_", " ") or "no reason given"
    return Trouble(FailureKind.TLS, f"TLS failed: {printable(detail)}.")


def os_trouble(error: OSError, *, connecting: bool = False) -> Trouble:
    """What an error of the operating system means for an exchange."""
    if isinstance(error, socket.gaierror):
        return Trouble(FailureKind.DNS, "The host's name does not resolve.")
    if isinstance(error, ssl.SSLError):
        return tls_trouble(error, handshake=connecting)
    if isinstance(error, TimeoutError) and not connecting:
        return Trouble(FailureKind.TIMEOUT, "No complete answer came within the time allowed.")
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return Trouble(FailureKind.CONNECT, "No connection could be opened within the time allowed.")
    if isinstance(error, ConnectionRefusedError):
        return Trouble(FailureKind.CONNECT, REFUSED, retry=True)
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
        return Trouble(FailureKind.CONNECT, "There is no way through the network to this address.")
    if connecting:
        return Trouble(FailureKind.CONNECT, "The connection could not be opened.", retry=True)
    if isinstance(error, ConnectionError) or error.errno in (errno.EBADF, errno.ENOTCONN, errno.ESHUTDOWN):
        return Trouble(FailureKind.RESET, "The server reset the connection before the answer was complete.", retry=True)
    return Trouble(FailureKind.RESET, "The connection broke before the answer was complete.", retry=True)


def handshake_trouble(error: OSError) -> Trouble:
    """What an error of the operating system, or of OpenSSL, means in the midst of a TLS handshake."""
    if isinstance(error, TimeoutError):
        return Trouble(FailureKind.TLS, "The TLS handshake was not complete within the time allowed.")
    if isinstance(error, ConnectionError):
        return Trouble(FailureKind.TLS, "The server closed the connection during the TLS handshake.")
    return os_trouble(error, connecting=True)


class Excerpt(str):
    """Text from outside within a sentence. Cut shorter, it ends in CUT: a redactor can tell what was cut."""

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        found = str.__getitem__(self, key)
        if not isinstance(key, slice) or key.start or key.step is not None or len(found) == len(self):
            return found
        return found[: -len(CUT)] + CUT


def printable(value: Any, longest: int = LONGEST) -> str:
    """Text from outside, safe for a sentence: bounded, printable ASCII, and CUT where something is left off."""
    whole = str(value)
    text = "".join(c if " " <= c <= "~" else " " for c in whole[: LONGEST * 4])
    text = " ".join(text.split())
    if len(text) > longest or len(whole) > LONGEST * 4:
        text = text[: longest - len(CUT)] + CUT
    return Excerpt(text)


def _specific(error: BaseException) -> Trouble | None:
    import h11

    if isinstance(error, OSError):
        return os_trouble(error)
    if isinstance(error, zlib.error):
        return Trouble(FailureKind.DECODING, "The content encoding of the answer is broken.")
    if isinstance(error, h11.RemoteProtocolError):
        return _h11_trouble(str(error), error.error_status_hint)
    return None


def _general(error: BaseException) -> Trouble | None:
    module = type(error).__module__.partition(".")[0]
    if module in ("httpx", "httpcore"):
        for parent in type(error).__mro__:
            if parent.__name__ == "RemoteProtocolError":
                return _h11_trouble(str(error), 0)
            if parent.__name__ in _BY_NAME:
                kind, sentence, retry = _BY_NAME[parent.__name__]
                if parent.__name__ in _WITH_DETAIL:
                    sentence = f"{sentence}: {printable(error) or 'no reason given'}."
                return Trouble(kind, sentence, retry=retry)
        return Trouble(FailureKind.PROTOCOL, f"The exchange failed ({type(error).__name__}).")
    if module in ("h11", "idna"):
        return Trouble(FailureKind.PROTOCOL, f"The request cannot be written as HTTP: {printable(error)}.")
    return None


_BYTES = re.compile(r"bytearray\(b(['\"])(.{0,400}?)\1\)")
"""How h11 shows what it could not read."""


def _h11_trouble(text: str, status_hint: int) -> Trouble:
    lower = text.lower()
    if "disconnected without" in lower:
        return Trouble(FailureKind.RESET, NO_ANSWER, retry=True)
    if "without sending complete message body" in lower or "incomplete chunked read" in lower:
        return Trouble(
            FailureKind.PROTOCOL, "The server closed the connection before the body was complete.", retry=True
        )
    if "receive buffer too long" in lower or status_hint == 431:
        return Trouble(FailureKind.TOO_LARGE, LARGE_HEAD)
    if "_switch_" in lower:
        return Trouble(FailureKind.PROTOCOL, "The server switched to another protocol without being asked to.")
    shown = _BYTES.sub(lambda found: f"'{found[2]}'", text)
    return Trouble(FailureKind.PROTOCOL, f"The answer is not valid HTTP: {printable(shown)}.")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it wraps and what caused it, each once."""
    seen: set[int] = set()
    queue: list[Any] = [error]
    while queue and len(seen) < 20:
        link = queue.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        queue += [*link.args[:1], link.__cause__, link.__context__]
