"""Names to addresses, and addresses to connections, each within a deadline."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from typing import Any
from urllib.parse import unquote

from interop_harness.evidence import FailureKind
from interop_harness.transport.failures import Trouble, printable

Address = tuple[socket.AddressFamily, Any]


class Resolver:
    """Names to addresses, once a run, within a deadline; the address that worked comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], Future[list[Address]]] = {}

    def addresses(self, host: str, port: int, seconds: float) -> list[Address]:
        with self._lock:
            future = self._known.get((host, port))
            if future is None:
                future = self._known[host, port] = Future()
                # The resolver of the operating system has no time-out: it is waited for, not trusted.
                threading.Thread(target=_resolve, args=(host, port, future), daemon=True).start()
        try:
            return future.result(seconds)
        except TimeoutError as error:
            trouble = Trouble(FailureKind.DNS, f"The name {host} was not resolved within the time allowed.")
            raise trouble from error
        except (OSError, UnicodeError) as error:
            with self._lock:
                self._known.pop((host, port), None)
            if zone := _zone(host):
                told = f"The address {without_zone(host)} is of the zone {printable(zone, 60)}"
                raise Trouble(FailureKind.DNS, f"{told}, which is no network interface of this machine.") from error
            raise Trouble(FailureKind.DNS, f"The name {host} does not resolve.") from error

    def prefer(self, host: str, port: int, address: Address) -> None:
        with self._lock:
            future = self._known.get((host, port))
            if future is not None and future.done() and future.result()[0] != address:
                found = [address, *(other for other in future.result() if other != address)]
                fresh: Future[list[Address]] = Future()
                fresh.set_result(found)
                self._known[host, port] = fresh


def without_zone(host: str) -> str:
    """An IPv6 address without its zone, in brackets or bare: nobody else knows our interfaces (RFC 6874, 4)."""
    address, mark, rest = host.partition("%")
    if not mark or ":" not in address:
        return host
    _, bracket, behind = rest.partition("]")
    return f"{address}{bracket}{behind}"


def _zone(host: str) -> str:
    """The zone of an IPv6 address, as a URL states it: behind ``%25`` (RFC 6874, 2). Empty where there is none."""
    address, _, zone = host.partition("%")
    return unquote(zone.removeprefix("25")) if ":" in address else ""


def _resolve(host: str, port: int, future: Future[list[Address]]) -> None:
    try:
        # Not left to the system, which takes the zone of a link-local address only.
        zone = _zone(host)
        scope = 0 if not zone else int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)
        found = socket.getaddrinfo(without_zone(host), port, type=socket.SOCK_STREAM)
        addresses: list[Address] = []
        for family, _, _, _, stated in found:
            address: Any = (*stated[:3], scope) if scope else stated
            if (family, address) not in addresses:
                addresses.append((family, address))
        if not addresses:
            raise OSError("no address")
        future.set_result(addresses)
    except BaseException as error:
        future.set_exception(error)


def connect(address: Address, seconds: float) -> socket.socket:
    family, where = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(where)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock
