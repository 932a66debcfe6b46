"""The implementation under test, as one case sees it: ask, read, and say what was found.

The same test function runs twice over a supplier: live, to make the exchanges, and judging, over what was
recorded. Live it collects nothing; judging it never touches the network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlencode

from interop_harness.errors import InternalError
from interop_harness.evidence import MASK, Attribution, Exchange, Finding, Probe, Request
from interop_harness.generation.validation import Validators
from interop_harness.plan import Case, Plan
from interop_harness.profile import Operation, Profile
from interop_harness.suite import xml
from interop_harness.suite.body import Bodies
from interop_harness.suite.collection import Collection, Specification, specification
from interop_harness.suite.outcome import Inconclusive, NotApplicable

Reading = TypeVar("Reading")

MAX_FINDINGS = 20
"""Findings kept for one case; the rest are counted."""
ENTERING = frozenset({"responses.status", "capabilities.works"})
"""Families that ask what everybody asks first: where that is 403, the target file does not state what lets one in."""


@dataclass(frozen=True)
class Context:
    """What all cases of a run share. ``send`` reaches the live or the recorded transport."""

    plan: Plan
    send: Callable[[Request], Exchange]
    probes: Mapping[str, Probe]
    now: datetime
    validators: Validators
    bodies: Bodies
    judging: bool
    pool: Executor | None = None
    recorded: Callable[[Request], bool] = lambda request: False
    """Whether a request was answered already, so that nobody need wait for it."""
    requests: dict[Any, Request] = field(default_factory=dict)
    """Requests by what they were made of: cases ask for the same pages and records again and again."""
    specifications: dict[str, Specification] = field(default_factory=dict)
    readings: dict[Any, Any] = field(default_factory=dict)
    """What several cases read alike, by what was read: see :meth:`Supplier.once`."""
    results: dict[str, Any] = field(default_factory=dict)
    """Of a judging pass, what became of each case so far (``judgement.CaseResult``), by its id."""

    @cached_property
    def open_to_all(self) -> bool:
        """Whether the plan judges that everybody is answered, so that asking for credentials is the service's fault."""
        observed = {row.id for row in self.plan.requirements if row.observe}
        asking = [case for case in self.plan.cases if case.family == "openaccess.anonymous"]
        return any(case.requirement not in observed for case in asking)

    def json(self, exchange: Exchange) -> Any:
        """The body of a successful answer as data. Raises Inconclusive, naming the exchange, when there is none."""
        if not exchange.ok:
            raise Inconclusive(exchange.told(), exchange.id)
        try:
            return self.parse(exchange)
        except ValueError as error:
            raise Inconclusive(
                f"The body of {exchange.request.method} {exchange.request.target} is {error}.", exchange.id
            ) from error

    def parse(self, exchange: Exchange) -> Any:
        """The body as data whatever the status. Raises ValueError when it cannot be read.

        It is JSON, unless the operation documents XML for the status: then XML is read by the documented schema.
        """
        schema = self._xml_schema(exchange)
        if schema is None:
            return self.bodies.json(exchange)
        resolve = self.plan.profile.openapi.resolve
        return self.bodies.read(exchange, lambda body: xml.read(body, schema, resolve))

    def _xml_schema(self, exchange: Exchange) -> Mapping[str, Any] | None:
        if not self.plan.profile.openapi.speaks_xml or exchange.response is None:
            return None
        request = exchange.request
        operation = self.plan.profile.openapi.operation_of(request.method, request.target.partition("?")[0])
        content = (operation.documented(exchange.status) or {}).get("content", {}) if operation else {}
        kinds = {kind: media for kind, media in content.items() if kind.endswith("xml")}
        if not kinds or (len(kinds) < len(content) and not exchange.response.media_type.endswith("xml")):
            return None
        found: Mapping[str, Any] = next(iter(kinds.values())).get("schema", {})
        return found


@dataclass
class Supplier:
    """A session with the implementation, for one case."""

    case: Case
    context: Context
    findings: list[Finding] = field(default_factory=list)
    dropped: int = 0
    observations: list[str] = field(default_factory=list)
    sampled: list[tuple[str, int, int]] = field(default_factory=list)
    used: dict[str, Exchange] = field(default_factory=dict)
    looked: int = 0
    """How many probes and sources other than exchanges were looked at: a case that looks at nothing proves nothing."""
    doubt: Inconclusive | None = None
    """Why the first finding was not taken that does not speak of the service."""
    let_in: set[str] = field(default_factory=set)
    """Exchanges whose 401 is none of the credentials: the case had them accepted afterwards."""
    lasting: set[str] = field(default_factory=set)
    """Exchanges whose gateway said the same each time the case asked again: nobody is served there."""

    def __repr__(self) -> str:
        return f"Supplier({self.case.id})"

    # --- what is known -------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        return self.context.plan

    @property
    def profile(self) -> Profile:
        return self.context.plan.profile

    @property
    def now(self) -> datetime:
        """When the run started: the only clock a case may use, the same in every replay."""
        return self.context.now

    @property
    def judging(self) -> bool:
        """False while exchanges are made: what needs no further exchange can wait for the record."""
        return self.context.judging

    @property
    def facts(self) -> Mapping[str, Any]:
        """Known ids and values that the supplier put into the target file."""
        return self.plan.implementation.facts

    @property
    def environment(self) -> str:
        return self.plan.implementation.environment

    @property
    def base_url(self) -> str:
        return self.plan.implementation.base_url

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.case.arguments

    def operation(self, name: str = "") -> Operation:
        """The operation called ``name``, or the one that the case names."""
        found = self.profile.operations.get(name or str(self.arguments.get("operation", "")))
        if found is None:
            raise InternalError("case-operation", f"{self.case.id} names no operation of the profile")
        return found

    def operations(self, *, safe: bool = True) -> list[Operation]:
        """The operations the case is about: those it lists, or all claimed ones (safe ones, unless told)."""
        named = self.arguments.get("operations", "all")
        every = [found for found in self.profile.operations.values() if self.plan.claimed(found.conformance_class)]
        chosen = every if named == "all" else [self.operation(name) for name in named]
        return [found for found in chosen if found.safe or not safe]

    def fact(self, name: str) -> Any:
        """A value from the target file's facts. Raises Inconclusive, saying what to add, when it is missing."""
        if name not in self.facts:
            told = f"The target file states no fact {name!r}; add it under facts to have this tested."
            raise Inconclusive(told, attribution=Attribution.CONFIGURATION)
        return self.facts[name]

    def probe(self, name: str) -> Probe:
        """A preflight observation. Raises Inconclusive when it was not made."""
        self.looked += 1
        if name not in self.context.probes:
            raise Inconclusive(f"The preflight observation {name!r} was not made in this run.")
        return self.context.probes[name]

    def rank(self, label: str) -> str:
        """A draw from the seed: sort by it to choose a sample that nobody could foresee or prefer."""
        return hashlib.sha256(f"{self.plan.seed}\n{label}".encode("utf-8", "surrogatepass")).hexdigest()

    # --- asking --------------------------------------------------------------------------------------

    def send(self, request: Request) -> Exchange:
        """The exchange for a request: sent once, shared by every case that asks the same."""
        exchange = self.context.send(request)
        self.used[exchange.id] = exchange
        return exchange

    def send_all(self, requests: Sequence[Request]) -> list[Exchange]:
        """Several independent requests, in parallel while live; answers in the order asked."""
        pool = self.context.pool
        if pool is None or len(requests) < 2:
            return [self.send(request) for request in requests]
        send, recorded = self.context.send, self.context.recorded
        sent = {request.key: pool.submit(send, request) for request in requests if not recorded(request)}
        found = [sent[request.key].result() if request.key in sent else send(request) for request in requests]
        self.used.update((exchange.id, exchange) for exchange in found)
        return found

    def request(
        self,
        operation: Operation | str,
        path: Mapping[str, str] | None = None,
        query: Iterable[tuple[str, str]] | Mapping[str, str] = (),
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
        auth: str = "default",
        fresh: int = 0,
        method: str = "",
    ) -> Request:
        """A request to an operation, its path parameters and query encoded as RFC 3986 asks.

        An operation that only computes is asked with the documented example where no body is given.
        """
        found = self.operation(operation) if isinstance(operation, str) else operation
        steps = tuple((name, str(value)) for name, value in (path or {}).items() if value is not None)
        pairs = tuple((name, str(value)) for name, value in (query.items() if isinstance(query, Mapping) else query))
        asked = (found.id, steps, pairs, tuple(headers), body, auth, fresh, method)
        request = self.context.requests.get(asked)
        if request is None:
            request = self.context.requests[asked] = self._compose(found, dict(steps), *asked[2:])
        return request

    def _compose(
        self,
        operation: Operation,
        path: Mapping[str, str],
        query: tuple[tuple[str, str], ...],
        headers: tuple[tuple[str, str], ...],
        body: bytes | None,
        auth: str,
        fresh: int,
        method: str,
    ) -> Request:
        target = operation.path
        for name in operation.path_parameters:
            if name not in path:
                raise InternalError("case-path", f"{self.case.id} gives no value for {name} of {operation.path}")
            target = target.replace(f"{{{name}}}", quote(path[name], safe=""))
        stated = [(name, str(self.facts[name])) for name in self._everywhere(operation) if name in self.facts]
        pairs = [*((name, value) for name, value in stated if name not in {given for given, _ in query}), *query]
        if pairs:
            target = f"{target}?{urlencode(pairs, quote_via=quote)}"
        if body is None and operation.computes and operation.example is not None and not method:
            kind, value = operation.example
            headers = (*headers, ("Content-Type", kind))
            body = json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
        sent = self._headers(headers)
        name = method or operation.method
        return Request(name, target, sent, body or b"", auth, fresh, repeatable=operation.computes)

    def _headers(self, given: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The headers given, and those of the profile's ``parameters.headers`` that they do not name."""
        pairs = tuple(given)
        named = {name.lower() for name, _ in pairs}
        usual = self.profile.parameters.get("headers", {}).items()
        return (*((name, str(value)) for name, value in usual if name.lower() not in named), *pairs)

    def _everywhere(self, operation: Operation) -> list[str]:
        """Query parameters that go with every request to an operation that documents them, once a fact states them."""
        names = self.profile.parameters.get("everywhere", ())
        return [name for name in names if (parameter := operation.parameter(name)) and parameter.place == "query"]

    def call(self, operation: Operation | str, path: Mapping[str, str] | None = None, **more: Any) -> Exchange:
        """Send a request to an operation; the arguments are those of :meth:`request`."""
        return self.send(self.request(operation, path, **more))

    def ask(
        self, target: str, *, method: str = "GET", headers: Iterable[tuple[str, str]] = (), auth: str = "default"
    ) -> Exchange:
        """Ask for an address below the base URL that need not belong to an operation."""
        return self.send(Request(method, target, self._headers(headers), b"", auth))

    # --- reading -------------------------------------------------------------------------------------

    def json(self, exchange: Exchange) -> Any:
        """The body of a successful answer as data. Raises Inconclusive, naming the exchange, when there is none."""
        return self.context.json(exchange)

    def parse(self, exchange: Exchange) -> Any:
        """The body as data whatever the status. Raises ValueError when it cannot be read."""
        return self.context.parse(exchange)

    def derived(self, exchange: Exchange, what: Hashable, make: Callable[[], Reading]) -> Reading:
        """What ``make`` makes of an exchange's body, made once for all cases and for as long as the body is kept.

        It must follow from the exchange and from ``what`` alone: both passes share it.
        """
        return self.context.bodies.derived(exchange, what, make)

    def collection(self, operation: str = "") -> Collection:
        """The list that an operation serves, read as the profile (or the document's shape) describes it."""
        found = self.operation(operation)
        spec = self.context.specifications.get(found.id)
        if spec is None:
            spec = self.context.specifications[found.id] = specification(self.profile, found)
        return Collection(self, spec)

    @property
    def validators(self) -> Validators:
        return self.context.validators

    def once(self, key: Any, read: Callable[[], Reading]) -> Reading:
        """What ``read`` gives, made once for all cases of a run, with the exchanges and samples it rests on.

        Reading depends on recorded exchanges alone, so whoever reads first reads for everybody. A reading that
        ends in Inconclusive or NotApplicable ends so for everybody.
        """
        kept = self.context.readings.get(key)
        if kept is None:
            used, sampled = self.used, self.sampled
            self.used, self.sampled = {}, []
            found: Any = None
            ended: Inconclusive | NotApplicable | None = None
            try:
                found = read()
            except (Inconclusive, NotApplicable) as stop:
                # Without the frames it came through, which hold whatever was being read.
                ended = stop.with_traceback(None)
                ended.__cause__ = ended.__context__ = None
            finally:
                kept = (found, ended, self.used, self.sampled)
                self.used, self.sampled = used, sampled
            self.context.readings[key] = kept
        made, ended, exchanges, samples = kept
        self.used.update(exchanges)
        for entry in samples:
            self.sample(*entry)
        if ended is not None:
            raise ended
        reading: Reading = made
        return reading

    # --- saying --------------------------------------------------------------------------------------

    def expect(self, findings: Iterable[Finding]) -> None:
        """Take what a check found. A live pass does not look: judging happens over the record."""
        if not self.context.judging:
            return
        for finding in findings:
            asked = self.used.get(finding.exchange)
            open_ = self._left_open(finding, asked) if asked is not None else None
            if open_ is not None:
                self.doubt = self.doubt or open_
            elif len(self.findings) < MAX_FINDINGS:
                self.findings.append(finding)
            else:
                self.dropped += 1

    def _left_open(self, finding: Finding, asked: Exchange) -> Inconclusive | None:
        """Why a finding says nothing of the service: it was not heard, or our own credentials brought it about."""
        with_credentials = self.plan.implementation.auth.kind != "none"
        if asked.unheard and asked.id not in self.lasting:
            # Neither a rate limit nor an overload is an answer to what was asked, nor is a gateway's own word.
            return Inconclusive(asked.told(), asked.id, asked.concern)
        refused = asked.status == 401 or (asked.status == 403 and self.case.family in ENTERING)
        if self.case.family.startswith("openaccess.") or asked.id in self.let_in:
            refused = False  # who is let in is what these ask, with and without what is stated
        if refused and asked.request.auth != "none" and (with_credentials or not self.context.open_to_all):
            return Inconclusive(asked.told(), asked.id, asked.concern)
        asked_for = unquote(asked.request.target)
        if with_credentials and (MASK in finding.observed or MASK in asked_for):
            told = f"{asked_for}: a credential of this test stands among what is compared ({finding.observed})."
            return Inconclusive(told, asked.id, Attribution.CONFIGURATION)
        return None

    def observe(self, sentence: str) -> None:
        """Record behaviour that the standard leaves open."""
        if self.context.judging and sentence not in self.observations:
            self.observations.append(sentence)

    def sample(self, what: str, checked: int, total: int) -> None:
        """Say how much of a collection was read: it stands in the report and on the certificate."""
        entry = (what, checked, total)
        if self.context.judging and entry not in self.sampled:
            self.sampled.append(entry)


def distinct(values: Iterable[Any]) -> Iterator[Any]:
    """Each value once, in the order first seen."""
    seen = set()
    for value in values:
        if value not in seen:
            seen.add(value)
            yield value
