"""What mutants are derived from: the profile, the plan's cases, and what the reference supplier answers untouched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.bodies import Path
from interop_harness.assurance.assay.mutant import Apply, Mutant, answering
from interop_harness.assurance.assay.places import names_place, words_of
from interop_harness.plan import Case, Plan
from interop_harness.profile import Operation
from interop_harness.profile.openapi import find
from interop_harness.suite.collection import Specification, last_segment, list_behind, specification

if TYPE_CHECKING:
    from interop_harness.assurance.incremental import Judged
    from interop_harness.evidence import Exchange
    from interop_harness.generation.validation import Validators
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

EVERY, ONE, LAST, DETAIL = "every", "one", "last-page", "detail"


@dataclass(frozen=True)
class Answer:
    """One clean answer of an operation, read."""

    operation: Operation
    target: str
    status: int
    media_type: str
    value: Any


class Ground:
    """A reference supplier as the suite saw it, and the handler to ask it more."""

    def __init__(self, plan: Plan, clean: Judged, handler: Handler, validators: Validators) -> None:
        self.plan = plan
        self.profile = plan.profile
        self.clean = clean
        self.handler = handler
        self.validators = validators
        self.level = {row.id: row for row in plan.requirements}
        self.passing = {name for name, row in clean.rows.items() if row.outcome.value == "pass"}
        self.sites: dict[str, list[Any]] = {}
        """What the shape of answers was found to be, by operation; kept because it is asked for often."""
        self.judged = {row.id for row in plan.requirements if not row.observe} & self.passing

    # --- cases and rows ------------------------------------------------------------------------------

    @cached_property
    def cases(self) -> list[Case]:
        """The cases whose requirement is judged and passes over the clean supplier."""
        return [case for case in self.plan.cases if case.requirement in self.judged]

    def generated(self, operation: str, aspect: str) -> tuple[str, ...]:
        """The generated requirement of an operation, when there is one that is judged."""
        name = f"{self.profile.prefix}-{operation}-{aspect}"
        return (name,) if name in self.judged else ()

    def rows(self, accept: Callable[[Case], bool]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(case.requirement for case in self.cases if accept(case)))

    def families(self, *names: str) -> tuple[str, ...]:
        """Requirements with a case of any of these families (``pagination`` stands for all of the module)."""
        return self.rows(lambda case: case.family in names or case.family.partition(".")[0] in names)

    def asking(self, accept: Callable[[Exchange], bool], *families: str) -> tuple[str, ...]:
        """Requirements of these families (all: of any) with a case that used such an exchange of the clean supplier."""
        wanted = {exchange.id for exchange in self.clean.exchanges.values() if accept(exchange)}
        used = {name for name, result in self.clean.results.items() if wanted & set(result.exchanges)}
        return self.rows(lambda case: case.id in used and (not families or case.family.partition(".")[0] in families))

    def about(self, operation: str, path: Path) -> tuple[str, ...]:
        """Requirements with a case that names the operation and something on the way to ``path``, or below it."""
        wanted = tuple(step for step in path if step != "*")
        key = (operation, wanted)
        if key not in self._about:
            self._about[key] = self.rows(
                lambda case: operation in words_of(case.arguments) and names_place(case, wanted)
            )
        return self._about[key]

    @cached_property
    def _about(self) -> dict[tuple[str, Path], tuple[str, ...]]:
        return {}

    def order(self, names: Sequence[str]) -> tuple[str, ...]:
        """Requirement ids without repetition; only those that are judged."""
        return tuple(name for name in dict.fromkeys(names) if name in self.judged)

    # --- operations ----------------------------------------------------------------------------------

    def operation(self, name: str) -> Operation | None:
        found = self.profile.operations.get(name)
        return found if found is not None and self.plan.claimed(found.conformance_class) else None

    @cached_property
    def operations(self) -> list[Operation]:
        """The claimed operations that the suite saw answer."""
        return [one for one in self.profile.operations.values() if any(a.status < 300 for a in self.answers(one.id))]

    def of(self, request: SandboxRequest) -> Operation | None:
        method = "GET" if request.method == "HEAD" else request.method
        return self.profile.openapi.operation_of(method, request.path)

    def spec(self, operation: str) -> Specification:
        if operation not in self._specs:
            self._specs[operation] = specification(self.profile, self.profile.operations[operation])
        return self._specs[operation]

    @cached_property
    def _specs(self) -> dict[str, Specification]:
        return {}

    def is_list(self, operation: Operation) -> bool:
        return operation.id in self.profile.parameters.get("collections", {})

    def record_path(self, operation: Operation) -> Path:
        """Where the records of an operation's answer stand: the items of a list, or the body itself."""
        if self.is_list(operation) and not operation.path_parameters:
            spec = self.spec(operation.id)
            return (*bodies.steps(spec.items), "*", *bodies.steps(spec.record))
        answers = self.good(operation.id)
        return ("*",) if answers and isinstance(answers[0].value, list) else ()

    # --- clean answers -------------------------------------------------------------------------------

    @cached_property
    def _answers(self) -> dict[str, list[Answer]]:
        found: dict[str, list[Answer]] = {}
        for exchange in self.clean.exchanges.values():
            if exchange.response is None:
                continue
            path = exchange.request.target.partition("?")[0]
            operation = self.profile.openapi.operation_of(exchange.request.method, path)
            if operation is None or not self.plan.claimed(operation.conformance_class):
                continue
            try:
                value = bodies.read(self.profile, operation, exchange.status, exchange.response.body)
            except (ValueError, UnicodeDecodeError):
                continue
            kind = exchange.response.media_type
            found.setdefault(operation.id, []).append(
                Answer(operation, exchange.request.target, exchange.status, kind, value)
            )
        for each in found.values():
            each.sort(key=lambda answer: (len(answer.target), answer.target))
        return found

    def answers(self, operation: str) -> list[Answer]:
        return self._answers.get(operation, [])

    def good(self, operation: str) -> list[Answer]:
        """The successful ones, the plainest request first."""
        return [answer for answer in self.answers(operation) if answer.status < 300]

    def in_xml(self, operation: Operation) -> bool:
        return bodies.documented(self.profile, operation, (*operation.success, 200)[0])[0].endswith("xml")

    @cached_property
    def _sampled(self) -> dict[str, set[str]]:
        return {}

    def sampled(self, operation: str) -> set[str]:
        """The addresses that an operation's schema requirement looks at: the records that the sampling rule draws."""
        if operation not in self._sampled:
            row = self.clean.rows.get(f"{self.profile.prefix}-{operation}-schema")
            used = {name for case in (row.cases if row is not None else ()) for name in case.exchanges}
            self._sampled[operation] = {
                exchange.request.target for exchange in self.clean.exchanges.values() if exchange.id in used
            }
        return self._sampled[operation]

    def clean_answers(self, operation: str) -> list[SandboxResponse]:
        """The successful answers as they were sent."""
        from interop_harness.sandbox.message import SandboxResponse

        found = []
        for exchange in self.clean.exchanges.values():
            path = exchange.request.target.partition("?")[0]
            one = self.profile.openapi.operation_of(exchange.request.method, path)
            if one is not None and one.id == operation and exchange.response is not None and exchange.ok:
                found.append(SandboxResponse(exchange.status, exchange.response.headers, exchange.response.body))
        return found[:1]

    def breaks_schema(self, operation: Operation, value: Any, status: int = 200) -> bool:
        """The oracle: whether a body is no longer what the document says."""
        media, _ = bodies.documented(self.profile, operation, status)
        errors = self.validators.response_errors(value, operation.id, status, media)
        return bool(errors)

    # --- records -------------------------------------------------------------------------------------

    def get(self, target: str, handler: Handler | None = None) -> SandboxResponse:
        """Ask the clean supplier as the suite asks."""
        from interop_harness.sandbox.message import SandboxRequest, parse_query

        path, _, query = target.partition("?")
        headers = (("host", "127.0.0.1"), ("accept", "*/*"))
        return (handler or self.handler)(SandboxRequest("GET", path, parse_query(query), headers, b"", query))

    def value(self, target: str, operation: Operation, handler: Handler | None = None) -> Any:
        answer = self.get(target, handler)
        if answer.status != 200:
            return None
        return bodies.read(self.profile, operation, 200, answer.body)

    @cached_property
    def _lists(self) -> dict[str, list[Any]]:
        return {}

    def records(self, operation: str) -> list[Any]:
        """Every record of a list, as listed. Lists paged by links, and lists inside something, are read once."""
        if operation not in self._lists:
            self._lists[operation] = self._read(operation)
        return self._lists[operation]

    def _read(self, operation: str) -> list[Any]:
        one, spec = self.profile.operations[operation], self.spec(operation)
        if one.path_parameters:
            return []
        found: list[Any] = []
        for number in range(1, 200 if spec.page_parameter else 2):
            query = [(name, self.fact(value)) for name, value in spec.query]
            if spec.page_parameter:
                query.append((spec.page_parameter, str(number)))
            if spec.size_parameter:
                query.append((spec.size_parameter, str(spec.walk_size)))
            body = self.value(target(one, {}, query), one)
            items = find(body, spec.items) if spec.items else body
            if not isinstance(items, list) or not items:
                break
            found += [find(item, spec.record) if spec.record else item for item in items]
        return found

    def fact(self, value: str) -> str:
        name = value.removeprefix("fact:")
        return str(self.plan.implementation.facts.get(name, "")) if name != value else value

    def id_of(self, operation: str, record: Any) -> str:
        spec = self.spec(operation)
        found = find(record, spec.id)
        if found is None and spec.link:
            link = find(record, spec.link)
            return last_segment(link) if isinstance(link, str) else ""
        return "" if found is None else str(found)

    @cached_property
    def _details(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {}

    def details(self, operation: str, item: str) -> dict[str, Any]:
        """Every record of a list as the operation that serves one of them answers it, by id."""
        if (operation, item) not in self._details:
            one = self.profile.operations[item]
            found = {}
            for record in self.records(operation):
                name = self.id_of(operation, record)
                if name and len(one.path_parameters) == 1:
                    found[name] = self.value(target(one, {one.path_parameters[0]: name}), one)
            self._details[operation, item] = {name: value for name, value in found.items() if value is not None}
        return self._details[operation, item]

    def item_of(self, operation: str) -> str:
        return self.spec(operation).item_operation

    def list_of(self, operation: Operation) -> Operation | None:
        return list_behind(self.profile, operation)


def target(operation: Operation, path: Mapping[str, str], query: Sequence[tuple[str, str]] = ()) -> str:
    made = operation.path
    for name, value in path.items():
        made = made.replace("{" + name + "}", quote(value, safe=""))
    return f"{made}?{urlencode(query)}" if query else made


def drawn(text: str, count: int) -> int:
    """A number below ``count``, the same for the same text on every machine."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) % count if count else 0


def slug(text: str) -> str:
    kept = "".join(char if char.isalnum() or char in "-_@" else "." for char in text)
    return ".".join(part for part in kept.split(".") if part)


def edit(
    ground: Ground,
    operation: Operation,
    path: Path,
    change: bodies.Change,
    scope: str = EVERY,
    *,
    chosen: str = "",
    status: int = 0,
    when: Callable[[SandboxRequest], bool] | None = None,
) -> Apply:
    """Change what stands at ``path`` in the answers of an operation, everywhere or in some places.

    ``chosen``: for one record only, its id (of a list) or its address (of one record at a time).
    """
    spec = ground.spec(operation.id) if ground.is_list(operation) else None

    def picked(request: SandboxRequest, answer: SandboxResponse) -> bool:
        right = answer.status == status if status else 200 <= answer.status < 300
        if not right or (when is not None and not when(request)):
            return False
        found = ground.of(request)
        if found is None or found.id != operation.id:
            return False
        return not (scope == ONE and spec is None and operation.path_parameters and request.path != chosen)

    def changed(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        try:
            value = bodies.read(ground.profile, operation, answer.status, answer.body)
        except ValueError:
            return answer
        made = _scoped(ground, operation, value, path, change, scope, chosen)
        if made == value and _same_types(made, value):
            return answer
        body = bodies.write(ground.profile, operation, answer.status, made)
        media, _ = bodies.documented(ground.profile, operation, answer.status)
        if media.endswith("xml") and _reads_as(ground, operation, answer.status, body) == value:
            return answer
        return _with_body(answer, body)

    return answering(picked, changed)


def _reads_as(ground: Ground, operation: Operation, status: int, body: bytes) -> Any:
    try:
        return bodies.read(ground.profile, operation, status, body)
    except ValueError:
        return None


def _with_body(answer: SandboxResponse, body: bytes) -> SandboxResponse:
    from interop_harness.sandbox.message import SandboxResponse as Made

    return Made(answer.status, answer.without_header("content-length").headers, body)


def _same_types(left: Any, right: Any) -> bool:
    return repr(left) == repr(right)


def _scoped(
    ground: Ground, operation: Operation, value: Any, path: Path, change: bodies.Change, scope: str, chosen: str
) -> Any:
    spec = ground.spec(operation.id) if ground.is_list(operation) else None
    if scope == EVERY or (scope == ONE and spec is None):
        if scope == ONE and "*" in path and not chosen:
            return _last_only(value, path, change)
        return bodies.changed(value, path, change)
    if scope == LAST:
        pages = find(value, spec.members.get("total_pages", "")) if spec else None
        number = find(value, spec.members.get("page_number", "")) if spec else None
        return bodies.changed(value, path, change) if pages == number and (number or 0) > 1 else value
    assert spec is not None
    items = (*bodies.steps(spec.items), "*")
    rest = path[len(items) :]

    def only(item: Any) -> Any:
        record = find(item, spec.record) if spec.record else item
        mine = ground.id_of(operation.id, record) == chosen
        return bodies.changed(item, rest, change) if mine else item

    return bodies.changed(value, items, only)


def _last_only(value: Any, path: Path, change: bodies.Change) -> Any:
    count = len(list(bodies.places(value, path)))
    seen = iter(range(count))
    return bodies.changed(value, path, lambda each: change(each) if next(seen) == count - 1 else each)


def mutant(
    operation: str,
    kind: str,
    where: str,
    scope: str,
    description: str,
    breaks: Sequence[str],
    apply: Apply,
) -> Mutant:
    """A mutant with the id that its parts give it: the same change has the same id on every road to it."""
    name = ".".join(part for part in (operation, slug(where), kind, scope) if part)
    return Mutant(name, operation, kind, description, tuple(breaks), scope, apply)
