"""Which proxy stands between us and the target: the target file's, else the environment's, else none."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from interop_harness.errors import TargetError
from interop_harness.evidence import FailureKind
from interop_harness.implementation import Implementation, check_proxy, is_loopback
from interop_harness.transport.failures import Trouble, advice

CREDENTIALS_VARIABLE = "INTEROP_PROXY_CREDENTIALS"

_UNOPENED = {
    FailureKind.TIMEOUT: "It gave no complete answer to CONNECT within the time allowed.",
    FailureKind.RESET: "It closed the connection instead of answering CONNECT.",
    FailureKind.TLS: "It broke off instead of answering CONNECT.",
    FailureKind.PROTOCOL: "Its answer to CONNECT is not HTTP.",
    FailureKind.TOO_LARGE: "Its answer to CONNECT is larger than the harness reads.",
}
STATED = "the target file"
UNISSUED = "No access token was obtained: "
_BY_THE_PROXY = "Seen through the proxy"
_CERTIFICATE = "may have put its own certificate in place of the service's"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address without credentials, where we learnt of it, and its credentials."""

    url: str
    source: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def credentials(self) -> tuple[bytes, bytes] | None:
        if not self.username and not self.password:
            return None
        return self.username.encode(), self.password.encode()


def proxy_for(implementation: Implementation, environ: Mapping[str, str], url: str = "") -> Proxy | None:
    """The proxy on the way to this service, or to another ``url`` that its target names: the token endpoint's.

    Each address has an answer of its own. One on this machine is asked through a proxy only if the target file says so.
    """
    if implementation.proxy:
        username, _, password = environ.get(CREDENTIALS_VARIABLE, "").partition(":")
        return Proxy(implementation.proxy, STATED, username, password)
    parts = urlsplit(url or implementation.base_url)
    host = parts.hostname or ""
    if is_loopback(host) or _excluded(host, parts.port or (443 if parts.scheme == "https" else 80), environ):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            # A web server hands a request's Proxy header to CGI programs as HTTP_PROXY.
            if variable == "HTTP_PROXY" and "REQUEST_METHOD" in environ:
                continue
            if environ.get(variable):
                return _from_variable(variable, environ[variable], environ)
    return None


def unopened(proxy: str, trouble: Trouble) -> Trouble:
    """What befell a CONNECT before there was a tunnel: nobody but the proxy can have brought it about."""
    if trouble.kind in (FailureKind.STOPPED, FailureKind.PROXY):
        return trouble
    why = _UNOPENED.get(trouble.kind, trouble.message)
    told = f"The proxy {proxy} opened no way to the service. {why}"
    return Trouble(FailureKind.PROXY, told, retry=trouble.retry)


def unsecured(proxy: str, trouble: Trouble, *, certificate: bool) -> Trouble:
    """What befell a TLS handshake within a tunnel: nothing in it proves whether the service or the proxy did it.

    A client certificate that is missing or refused is told as it is: that is mended in the target file, by whoever
    stated none.
    """
    if trouble.kind is not FailureKind.TLS or "client certificate" in trouble.message:
        return trouble
    which = _CERTIFICATE if certificate else "may have ended the TLS handshake itself"
    return Trouble(FailureKind.PROXY, f"{_BY_THE_PROXY} {proxy}, which {which}. {trouble.message}")


def in_the_way(proxy: str, trouble: Trouble) -> str:
    """What the proxy did that kept a request from whom it was for; nothing where it may have been that one's doing.

    Every connection goes to the proxy: what befalls its name, or its opening, befalls nobody else's.
    """
    if trouble.kind in (FailureKind.DNS, FailureKind.CONNECT):
        return f"The proxy {proxy} could not be reached. {trouble.message}"
    return trouble.message if trouble.kind is FailureKind.PROXY else ""


def way_in(message: str, host: str, proxy: Proxy | None = None) -> str:
    """What to do about a TLS handshake that failed, or a proxy in its way, on the way to a token too.

    NO_PROXY takes nothing out of the way that the target file put there.
    """
    stated = proxy is not None and proxy.source == STATED
    without = "take proxy out of the target file" if stated else f"NO_PROXY={host}"
    message = message.removeprefix(UNISSUED)
    if not message.startswith(_BY_THE_PROXY):
        return _ABOUT_CONNECT if message.startswith("The proxy ") else advice(message, host)
    if _CERTIFICATE in message:
        return (
            "Where the proxy looks into TLS, state the certificate of its authority as ca_file in the target file, or "
            f"go without the proxy ({without}): the service's own certificate was not seen."
        )
    return f"Ask whoever runs the proxy, or go without it ({without}): the service itself may be well."


_ABOUT_CONNECT = "Check the proxy's address; its user:password goes into INTEROP_PROXY_CREDENTIALS."


def _excluded(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names this host: ``*``, a name or its suffix, an address, a network, with or without port."""
    for word in (environ.get("no_proxy") or environ.get("NO_PROXY") or "").lower().split(","):
        entry = word.strip()
        if entry == "*":
            return True
        entry = entry.removesuffix(f":{port}").strip("[]").removeprefix("*").lstrip(".")
        if entry and (host == entry or host.endswith(f".{entry}") or _in_network(host, entry)):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except (ValueError, TypeError):
        return False


def _from_variable(variable: str, text: str, environ: Mapping[str, str]) -> Proxy:
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        clean = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        url = check_proxy(clean)
    except (TargetError, ValueError) as error:
        raise TargetError(
            "proxy-variable",
            f"The environment variable {variable} does not hold the address of an HTTP proxy.",
            "Write it http://host:port, or set NO_PROXY for this host.",
        ) from error
    if not username:
        username, _, password = environ.get(CREDENTIALS_VARIABLE, "").partition(":")
    return Proxy(url, f"the environment variable {variable}", username, password)
