"""The live transport: bounded in time and size, polite, recording, and never surprised by a server.

Each distinct request is sent once; threads that ask for it meanwhile share the answer. Whatever the server
does becomes a Response or a Failure. An exception that leaves ``send`` is a fault of the harness.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from interop_harness.evidence import Exchange, Failure, FailureKind, Redactor, Request, Response, Secret
from interop_harness.evidence.crowd import crowd
from interop_harness.implementation import Implementation, is_loopback, nearby
from interop_harness.transport.answering import Answer, Wire, whole_answer
from interop_harness.transport.bodies import Store, refuse_crowded
from interop_harness.transport.credentials import Credentials, TokenSource
from interop_harness.transport.failures import GIVEN_UP, STOPPED, Trouble
from interop_harness.transport.pacing import SILENT, Allowance, Pace, PutOff, Unsent, moment, retry_after_seconds
from interop_harness.transport.proxies import Proxy
from interop_harness.transport.redirects import REDIRECTS, follow
from interop_harness.transport.resolving import without_zone
from interop_harness.transport.sockets import Resolver, SocketTransport, Watch
from interop_harness.transport.tls import client_context
from interop_harness.transport.wire import exact, with_defaults

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FRAMING = 1024 * 1024
"""Bytes allowed on the wire beyond the body: headers, chunk sizes, early hints."""
RESET_PAUSE = 0.1
MAX_TOKEN_ANSWER = 64 * 1024
ISSUER = "token endpoint"


def _safe(request: Request) -> bool:
    """Whether it may be sent twice."""
    return request.method in SAFE_METHODS or request.repeatable


class LiveTransport:
    """Sends requests to one implementation. A context manager; safe to use from many threads.

    ``on_exchange`` is called once an exchange, one call at a time, before anybody sees the answer. ``inner`` replaces
    the network, ``stopwatch`` tells how long answers take, in seconds. ``known`` holds exchanges of an earlier,
    interrupted run that need not be sent again; they count towards ``max_requests``, and so do ``spent`` others.
    ``on_spent`` is called for each request that no exchange tells of: of the preflight, for a token, a redirect's next
    hop. ``max_seconds`` counts from now, and is what is left of ``max_time``.
    """

    def __init__(
        self,
        implementation: Implementation,
        credentials: Credentials | None = None,
        redactor: Redactor | None = None,
        *,
        workers: int = 4,
        rate: float | None = None,
        inner: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        known: Mapping[str, Exchange] | None = None,
        max_requests: int = 0,
        max_seconds: float | None = None,
        max_time: float | None = None,
        spent: int = 0,
        on_spent: Callable[[], object] | None = None,
    ) -> None:
        self.implementation = implementation
        self.credentials = credentials or Credentials()
        self.redactor = redactor if redactor is not None else self.credentials.redactor()
        self.inner = inner
        self._limits = implementation.limits
        self._workers = workers
        self._clock = clock
        self._stopwatch = stopwatch
        self._stopping = threading.Event()
        self._sleep: Callable[[float], object] = sleep or self._stopping.wait
        self._on_exchange = on_exchange
        self._lock = threading.Lock()
        self._journal_lock = threading.Lock()
        self._slots = threading.Semaphore(workers)
        self._flights: dict[str, Future[Exchange]] = {}
        self._exchanges: dict[str, Exchange] = dict(known or {})
        self._resumed = bool(known)
        self._store = Store()
        for exchange in self._exchanges.values():
            if exchange.response is not None:
                self._store.add(exchange.response)
        self._allowance = Allowance(
            max_requests,
            max_seconds,
            spent=spent + sum(exchange.attempts for exchange in self._exchanges.values()),
            stated=max_time,
        )
        self._pace = Pace(self._limits, rate or self._limits.rate, self._sleep, self._allowance)
        self._on_spent = on_spent or (lambda: None)
        self._aliases: dict[str, str] = {}
        self._wires: dict[str, Wire] = {}
        self.resolver = Resolver()
        self._answered_once = False
        self._base_url = httpx.URL(implementation.base_url)
        self._base_path = implementation.path
        self._host = without_zone(urlsplit(implementation.base_url).netloc)
        self._contexts: dict[str, ssl.SSLContext] = {}
        if inner is None:
            self._read_tls_files()
            self._wire("default")

    # --- the interface ---------------------------------------------------------------------------------------

    @property
    def exchanges(self) -> Mapping[str, Exchange]:
        """Everything recorded so far, by key."""
        return self._exchanges

    def much(self) -> bool:
        """Whether the answers recorded so far are so much together that they are held compressed."""
        return self._store.much

    @property
    def in_process(self) -> bool:
        """Whether requests are answered without a network."""
        return self.inner is not None

    @property
    def tls(self) -> ssl.SSLContext:
        """How connections to a service behind https are made."""
        return self._contexts["default"]

    def recorded(self, request: Request) -> bool:
        """Whether the exchange for this request is there already."""
        key = request.key
        return self._aliases.get(key, key) in self._exchanges

    def send(self, request: Request) -> Exchange:
        """The exchange for this request, sent now or already there."""
        key = request.key
        done = self._exchanges.get(self._aliases.get(key, key))
        if done is not None:
            return done
        if self._resumed and (asked := self._redacted(request)) is not request and asked.key in self._exchanges:
            return self._exchanges[asked.key]
        with self._lock:
            done = self._exchanges.get(self._aliases.get(key, key))
            if done is not None:
                return done
            flight = self._flights.get(key)
            if flight is None:
                mine: Future[Exchange] = Future()
                self._flights[key] = mine
        if flight is not None:
            return flight.result()
        try:
            exchange = self._perform(request)
        except BaseException as error:
            with self._lock:
                self._flights.pop(key, None)
            if isinstance(error, Exception):
                mine.set_exception(error)
            else:
                # Ctrl-C reached this thread alone; those who wait for the answer are told so.
                mine.set_result(Exchange(request, failure=STOPPED, attempts=0))
            raise
        with self._lock:
            kept = key if exchange.request is request else exchange.request.key
            if kept != key:
                self._aliases[key] = kept
            self._exchanges[kept] = exchange
            del self._flights[key]
        mine.set_result(exchange)
        return exchange

    def probe(self, request: Request) -> Exchange:
        """Send without recording: for the preflight, whose observations are probes."""
        return self._perform(request, keep=False)

    def obtain_token(self) -> None:
        """Ask for an access token now, if the target's credentials need one. Raises Trouble."""
        if self.credentials.tokens is not None:
            self.credentials.tokens.token(self._post, self._learn)

    def stop(self) -> None:
        """Give up: what is under way is cut off, what comes after is not sent."""
        self._stopping.set()
        for wire in list(self._wires.values()):
            if isinstance(wire, SocketTransport):
                wire.abort()

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    def close(self) -> None:
        for wire in self._wires.values():
            if wire is not self.inner:
                wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.stop()
        self.close()

    # --- one exchange ----------------------------------------------------------------------------------------

    def _perform(self, request: Request, *, keep: bool = True) -> Exchange:
        with self._slots:
            exchange = self._attempts(request, beside=not keep)
            # Within its slot, so that no more than one exchange a worker is on its way or not yet kept.
            if keep:
                self._tell(exchange)
            return exchange

    def _attempts(self, request: Request, *, beside: bool = False) -> Exchange:
        safe = _safe(request)
        attempts = resets = 0
        refused_token = ""
        alone = False
        sent_at = ""
        started = self._stopwatch()
        while True:
            if self._stopping.is_set():
                return self._failed(request, STOPPED, attempts, sent_at, started)
            turned_away = self._pace.admit()
            if self._stopping.is_set():
                turned_away = STOPPED
            if turned_away is not None:
                return self._failed(request, turned_away, attempts, sent_at, started)
            watch = self._watch(beside=beside)
            token, before = "", attempts
            started = self._stopwatch()
            now = self._clock()
            sent_at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            try:
                if request.auth != "none" and self.credentials.tokens is not None:
                    token = self._token(self.credentials.tokens, refused_token)
                    watch.deadline = time.monotonic() + watch.seconds
                    started = self._stopwatch()
                attempts += 1
                raw = self._ask(request, token, watch, alone=alone)
            except Trouble as trouble:
                if trouble.kind is FailureKind.LIMIT:
                    return self._failed(request, trouble.failure(), before, sent_at, started)
                if isinstance(trouble, Unsent) and not self._stopping.is_set():
                    return self._failed(request, trouble.failure(), attempts, sent_at, started)
                if trouble.kind is FailureKind.CREDENTIALS or self._stopping.is_set():
                    stopped = STOPPED if self._stopping.is_set() else trouble.failure()
                    return self._failed(request, stopped, attempts, sent_at, started)
                if safe and trouble.kind is FailureKind.RESET and watch.stale and resets <= self._workers:
                    # The server closed an idle connection as we reached for it: nobody's fault, and no attempt.
                    resets, attempts, alone = resets + 1, attempts - 1, alone or watch.given_up
                    self._uncounted(beside)
                    continue
                if safe and trouble.retry and attempts < 2 and self._answered_once:
                    # A server that answers once a connection has broken all that are open.
                    alone = alone or watch.reused
                    self._sleep(RESET_PAUSE)
                    continue
                if trouble.kind in SILENT:
                    self._pace.silent(trouble.failure())
                return self._failed(request, trouble.failure(), max(attempts, 1), sent_at, started)
            self._pace.answered()
            started += watch.held
            if raw.status == 401 and token and not refused_token:
                refused_token = token
                continue
            after, now = raw.header("retry-after"), self._their_now(raw)
            if raw.status == 429:
                self._pace.heed(after, now)
            again = raw.status in (429, 503) and safe and attempts < self._limits.max_attempts
            if again and self._pace.wait(attempts, after, now, everybody=raw.status == 429, left=self._allowance.left):
                continue
            return self._recorded(request, raw, attempts, sent_at, started)

    def _their_now(self, raw: Answer) -> datetime:
        """The time by which a date in this answer is to be read."""
        return moment(raw.header("date"), raw.header("age"), self._clock())

    def _uncounted(self, beside: bool) -> None:
        """A request was sent that is no attempt of its exchange: it counts beside it, if it did not before."""
        if not beside:
            self._on_spent()

    def _watch(self, *, beside: bool = False) -> Watch:
        limits = self._limits
        return Watch(
            deadline=time.monotonic() + limits.timeout,
            connect_seconds=limits.connect_timeout,
            allowance=limits.max_body_bytes + FRAMING,
            seconds=limits.timeout,
            beside=beside,
        )

    def _ask(self, request: Request, token: str, watch: Watch, *, alone: bool = False) -> Answer:
        """One attempt, redirects included; ``alone`` on a connection of its own. Raises Trouble."""
        if alone and isinstance(self._wire(request.auth), SocketTransport):
            with self._own_wire(request.auth) as own:
                return self._follow(own, request, token, watch)
        raw = self._follow(self._wire(request.auth), request, token, watch)
        if raw.status == 408 and watch.reused and (_safe(request) or watch.idled):
            # It may have been on its way before the request was: on another connection it may be sent again (RFC 9110,
            # 15.5.9). What is not safe is not sent again, and 408 is no answer to it where the connection had idled.
            watch.given_up = True
            raise Trouble(FailureKind.RESET, GIVEN_UP)
        return raw

    def _follow(self, wire: Wire, request: Request, token: str, watch: Watch) -> Answer:
        target = exact(f"{self._base_path}{request.target}" or "/")
        if not target.startswith("/"):
            target = f"/{target}"
        body = self.credentials.body(request.body, request.headers) if request.auth != "none" else request.body
        headers = with_defaults(request.headers, self._host, body, request.method)
        if request.auth != "none":
            named = {name.lower() for name, _ in request.headers}
            own = (("Authorization", f"Bearer {token}"),) if token else self.credentials.headers
            headers += [(name.encode(), value.encode("latin-1")) for name, value in own if name.lower() not in named]
        hops: list[tuple[int, str]] = []
        while True:
            full = self.credentials.target(target) if request.auth != "none" else target
            raw = self._once(wire, request.method, full, headers=headers, body=body, watch=watch)
            if raw.status in REDIRECTS and request.method in ("GET", "HEAD") and (to := raw.header("location")):
                target = follow(
                    self.implementation.base_url, full, raw.status, to, hops=hops, most=self._limits.max_redirects
                )
                hops.append((raw.status, to))
                watch.beside = True
                self._turn(watch)
                continue
            refuse_crowded(raw.body)
            return replace(raw, redirects=tuple(hops)) if hops else raw

    def _turn(self, watch: Watch) -> None:
        """Wait, within an exchange, until something more may be sent: that is no time that the service took."""
        asked_at = time.monotonic()
        refused = self._pace.turn()
        if self._stopping.is_set():
            refused = STOPPED
        if refused is not None:
            raise Unsent(refused.kind, refused.message)
        held = time.monotonic() - asked_at if self._pace.holds else 0.0
        watch.held += held
        watch.deadline += held

    def _once(
        self,
        wire: Wire,
        method: str,
        target: str,
        *,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        watch: Watch,
        url: httpx.URL | None = None,
    ) -> Answer:
        watch.next_answer()
        if (late := self._allowance.late(time.monotonic())) is not None:
            # Counted when its turn came; a token was waited for since, and --max-time is over.
            raise Trouble(late.kind, late.message)
        if watch.beside:
            self._on_spent()
        base, limit = url or self._base_url, self._limits.max_body_bytes
        answer = whole_answer(wire, base, method, target, headers=headers, body=body, watch=watch, limit=limit)
        self._answered_once = True
        # Within a tunnel nobody but the service answers, and it is not excused.
        proxy = self.credentials.proxy if url is None else self._proxy_to_tokens
        if answer.status == 407 and proxy is not None and base.scheme == "http":
            raise Trouble(FailureKind.PROXY, "The proxy asks for credentials (407).")
        return answer

    # --- keeping ---------------------------------------------------------------------------------------------

    def _recorded(self, request: Request, raw: Answer, attempts: int, sent_at: str, started: float) -> Exchange:
        elapsed = round((self._stopwatch() - started) * 1000)
        redactor = self.redactor
        response = Response(
            raw.status,
            redactor.headers(raw.headers),
            redactor.data(raw.body),
            http_version=raw.http_version,
            reason=redactor.wire(raw.reason),
            redirects=tuple((status, redactor.wire(to)) for status, to in raw.redirects),
        )
        # A masked number is a bracket more: what is kept is within the bounds that whoever reads the evidence sets.
        crowded = crowd(response.body) if response.body is not raw.body else ""
        if refusal := crowded or self._store.refusal(response):
            told = Failure(FailureKind.TOO_LARGE, refusal)
            self._pace.silent(told)
            return Exchange(self._redacted(request), None, told, attempts, sent_at, elapsed)
        return Exchange(self._redacted(request), response, None, attempts, sent_at, elapsed)

    def _failed(self, request: Request, failure: Failure, attempts: int, sent_at: str, started: float) -> Exchange:
        elapsed = round((self._stopwatch() - started) * 1000)
        told = Failure(failure.kind, self.redactor.text(failure.message))
        return Exchange(self._redacted(request), None, told, attempts, sent_at, elapsed)

    def _redacted(self, request: Request) -> Request:
        target = self.redactor.text(request.target)
        headers = self.redactor.headers(request.headers)
        body = self.redactor.data(request.body)
        if (target, headers, body) == (request.target, request.headers, request.body):
            return request
        return replace(request, target=target, headers=headers, body=body)

    def _tell(self, exchange: Exchange) -> None:
        unsent = exchange.failure is not None and exchange.failure.kind in (FailureKind.STOPPED, FailureKind.LIMIT)
        if self._on_exchange is not None and not unsent:
            with self._journal_lock:
                self._on_exchange(exchange)

    # --- wires and tokens ------------------------------------------------------------------------------------

    def _wire(self, auth: str) -> Wire:
        """The connections for this kind of request: a client certificate must not vouch for an anonymous one."""
        if self.inner is not None:
            return self.inner
        return self._kept("anonymous" if auth == "none" and self.credentials.certificate is not None else "default")

    def _wire_to_tokens(self) -> Wire:
        """The connections to the token endpoint: the service's, where it is asked the same way as the service."""
        if self.inner is not None:
            return self.inner
        return self._kept("default" if self._proxy_to_tokens == self.credentials.proxy else "tokens")

    @property
    def _proxy_to_tokens(self) -> Proxy | None:
        tokens = self.credentials.tokens
        return tokens.proxy if tokens is not None else None

    def _kept(self, name: str) -> Wire:
        wire = self._wires.get(name)
        if wire is None:
            proxy = self._proxy_to_tokens if name == "tokens" else self.credentials.proxy
            with self._lock:
                wire = self._wires.get(name) or self._new_wire(proxy, anonymous=name == "anonymous")
                self._wires[name] = wire
        return wire

    @contextmanager
    def _own_wire(self, auth: str) -> Iterator[SocketTransport]:
        """Connections for one request, that no other has used or will use."""
        wire = self._new_wire(self.credentials.proxy, anonymous=auth == "none")
        name = f"own {id(wire)}"
        self._wires[name] = wire
        try:
            yield wire
        finally:
            del self._wires[name]
            wire.close()

    def _read_tls_files(self) -> None:
        """Make the contexts of all connections now: a file that is taken away or replaced later changes nothing."""
        credentials = self.credentials
        certificate, tokens = credentials.certificate, credentials.tokens
        proxies = [proxy for proxy in (credentials.proxy, self._proxy_to_tokens) if proxy is not None]
        secure = self.implementation.scheme == "https" or (tokens is not None and tokens.url.startswith("https:"))
        if secure:
            self._contexts["default"] = client_context(self.implementation.ca_file, certificate)
        if (secure and certificate is not None) or any(proxy.url.startswith("https:") for proxy in proxies):
            self._contexts["anonymous"] = client_context(self.implementation.ca_file)

    def _new_wire(self, proxy: Proxy | None, *, anonymous: bool) -> SocketTransport:
        default, nobody = self._contexts.get("default"), self._contexts.get("anonymous")
        wire = SocketTransport(
            nobody if anonymous and self.credentials.certificate is not None else default,
            connections=self._workers + 2,
            proxy=proxy,
            proxy_context=nobody if proxy is not None and proxy.url.startswith("https:") else None,
            resolver=self.resolver,
        )
        if self._stopping.is_set():
            wire.abort()
        return wire

    def _token(self, tokens: TokenSource, refused: str) -> str:
        """A token for a request whose turn it is. Raises Trouble: that request was counted, and is not sent then."""
        try:
            return tokens.token(self._post, self._learn, not_this=refused)
        except Trouble:
            self._allowance.give_back()
            raise

    def _learn(self, secret: Secret) -> None:
        self.redactor.add(secret)

    def _post(self, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> tuple[int, bytes]:
        """A form to the token endpoint, again where it is too busy, as other requests are. Raises Trouble."""
        parts, proxy = urlsplit(url), self._proxy_to_tokens
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise Trouble(FailureKind.CREDENTIALS, "the token endpoint is plain HTTP.")
        if parts.scheme == "http" and proxy is not None and not nearby(proxy.url):
            raise Trouble(FailureKind.CREDENTIALS, "a proxy elsewhere would read what the token endpoint is sent.")
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        attempts = 0
        while True:
            watch = self._watch(beside=True)
            self._turn(watch)
            watch.allowance = MAX_TOKEN_ANSWER + FRAMING
            attempts += 1
            raw = self._once(
                self._wire_to_tokens(),
                "POST",
                exact(target),
                headers=with_defaults(headers, without_zone(parts.netloc), body, "POST"),
                body=body,
                watch=watch,
                url=httpx.URL(url),
            )
            if raw.status not in (429, 503):
                return raw.status, raw.body
            after, now, limited = raw.header("retry-after"), self._their_now(raw), raw.status == 429
            if limited:
                self._pace.heed(after, now, who=ISSUER)
            if attempts >= self._limits.max_attempts or not self._pace.wait(
                attempts, after, now, everybody=limited, left=self._allowance.left, who=ISSUER
            ):
                raise PutOff(raw.status, (after and retry_after_seconds(after, now)) or 0.0)
