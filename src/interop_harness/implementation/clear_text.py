"""What keeps credentials from travelling as clear text: plain HTTP is for this machine, and for no proxy elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from interop_harness.errors import TargetError
from interop_harness.implementation.address import is_loopback
from interop_harness.implementation.model import Implementation


def refuse_clear_text(target: Implementation) -> None:
    """Raise TargetError where credentials would leave this machine over plain HTTP, directly or through a proxy.

    A proxy forwards plain HTTP and reads it all, also where it is itself reached over TLS: an address on this machine
    says nothing of where such a request goes. Of HTTPS it sees no more than the name.
    """
    if target.auth.kind == "none":
        return
    if target.scheme == "http" and not target.loopback:
        raise TargetError(
            "target-credentials-in-clear",
            "Credentials would travel over plain HTTP, readable by anybody on the way.",
            "Use the https:// address of the service.",
        )
    if not target.proxy or nearby(target.proxy):
        return
    for name, url in (("base_url", target.base_url), ("auth.token_url", target.auth.token_url)):
        if url.startswith("http:"):
            raise TargetError(
                "target-credentials-in-clear",
                f"Credentials for {name} would travel over plain HTTP through the proxy {target.proxy}, "
                "which is not on this machine.",
                f"Take proxy out of the target file, or use an https:// address as {name}.",
            )


def nearby(proxy: str) -> bool:
    """Whether what goes through the proxy of this address can have gone no further than this machine."""
    return is_loopback(urlsplit(proxy).hostname or "")
