"""Which proxy stands between us and the target: the target file's, else the environment's, else none."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from interop_harness.errors import TargetError
from interop_harness.implementation import Implementation, check_proxy

CREDENTIALS_VARIABLE = "INTEROP_PROXY_CREDENTIALS"


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


def proxy_for(implementation: Implementation, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for this target. A loopback target goes through one only if its file says so."""
    if implementation.proxy:
        username, _, password = environ.get(CREDENTIALS_VARIABLE, "").partition(":")
        return Proxy(implementation.proxy, "the target file", username, password)
    if implementation.loopback or _excluded(implementation, environ):
        return None
    for name in (f"{implementation.scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            # A web server hands a request's Proxy header to CGI programs as HTTP_PROXY.
            if variable == "HTTP_PROXY" and "REQUEST_METHOD" in environ:
                continue
            if environ.get(variable):
                return _from_variable(variable, environ[variable], environ)
    return None


def _excluded(implementation: Implementation, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names this host: ``*``, a name or its suffix, an address, a network, with or without port."""
    host, port = implementation.host, implementation.port
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
