"""Mutants of who may ask: CORS, keys that are asked for or not, redirects elsewhere, caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.answers import When, succeeded, with_header
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
from interop_harness.assurance.assay.questions import parameters
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


@rule("openaccess.cors")
def cors(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The header that lets pages of other sites read is missing, narrow, or there twice."""
    kind = str(case.arguments.get("answer", "success"))
    name = "Access-Control-Allow-Origin"
    origin = case.arguments.get("origin")

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        if (kind == "error") != (answer.status >= 400) or bool(request.header("origin")) != bool(origin):
            return False
        found = ground.of(request)
        return kind == "error" or (found is not None and bool(found.path_parameters) == (kind == "detail"))

    asked = "with-origin" if origin else "without-origin"
    for how, told, change in (
        ("missing", "is missing", lambda q, a: a.without_header(name)),
        ("twice", "is there twice", lambda q, a: replace(a, headers=(*a.headers, (name, "*")))),
        ("one-site", "names one site", lambda q, a: a.with_header(name, "https://www.example.org")),
        ("list", "names two values in one line", lambda q, a: a.with_header(name, "*, https://www.example.org")),
        ("null", "says null", lambda q, a: a.with_header(name, "null")),
    ):
        yield mutant(
            "cors",
            f"cors-{how}",
            f"{kind}/{asked}",
            EVERY,
            f"{name} {told} on {kind} answers to requests {'with' if origin else 'without'} an Origin",
            ground.order((case.requirement, *ground.families("openaccess.cors"))),
            answering(when, change),
        )


@rule("openaccess.cors")
def kept_out(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Requests from pages of other sites are refused, or break the service; their answers can be read."""
    kind = str(case.arguments.get("answer", "success"))
    if not case.arguments.get("origin") or kind == "error":
        return
    for operation in ground.operations:
        if bool(operation.path_parameters) != (kind == "detail"):
            continue

        def when(request: SandboxRequest, answer: SandboxResponse, name: str = operation.id) -> bool:
            found = ground.of(request) if request.header("origin") and answer.status < 300 else None
            return found is not None and found.id == name

        for status, told in ((403, "refuses"), (500, "breaks over")):
            yield mutant(
                operation.id,
                f"origin-{status}",
                "",
                EVERY,
                f"{operation.path} {told} requests with an Origin ({status})",
                ground.order((case.requirement, *ground.families("openaccess.cors"))),
                answering(when, answered(status, b'{"error":"no"}')),
            )


@rule("openaccess.anonymous")
def keys_asked_for(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations:
        if not operation.safe:
            continue
        for status in (401, 403):
            yield mutant(
                operation.id,
                f"key-asked-for-{status}",
                "",
                EVERY,
                f"{operation.path} asks for a key ({status})",
                ground.order((case.requirement, *ground.generated(operation.id, "status"))),
                answering(succeeded(ground, operation), _no_key(status)),
            )


@rule("openaccess.anonymous")
def keys_asked_for_in_places(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The plain answer is open to all; a key is asked for on later pages only, or over filters only."""
    asked_with = {(operation.id, name) for operation, name in parameters(ground)}
    for operation in ground.operations:
        if not operation.safe or operation.path_parameters:
            continue
        page, names = (
            ground.spec(operation.id).page_parameter,
            {name for one, name in asked_with if one == operation.id},
        )

        def on_a_later_page(request: SandboxRequest, page: str = page) -> bool:
            return dict(request.query).get(page, "1") != "1"

        def filtered(request: SandboxRequest, names: set[str] = names) -> bool:
            return any(name in names for name, _ in request.query)

        # Some lists are never asked without: there the plain answer is refused as well.
        always = any(name in names for name, _ in ground.spec(operation.id).query)
        for where, told, picked, able in (
            ("later-pages", "from page 2 on", on_a_later_page, page),
            ("filtered", "for whatever is filtered", filtered, names),
        ):
            plain = ground.generated(operation.id, "status") if always and picked is filtered else ()
            for status in (401, 403) if able else ():
                yield mutant(
                    operation.id,
                    f"key-asked-for-{status}",
                    where,
                    EVERY,
                    f"{operation.path} asks for a key {told} ({status})",
                    ground.order((case.requirement, *ground.generated(operation.id, "parameters"), *plain)),
                    answering(_both(succeeded(ground, operation), picked), _no_key(status)),
                )


def _both(when: When, picked: Callable[[SandboxRequest], bool]) -> When:
    return lambda request, answer: picked(request) and when(request, answer)


def _no_key(status: int) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    """A change to a refusal for want of a key."""
    return lambda request, answer: replace(
        answer.with_header("WWW-Authenticate", "Bearer"), status=status, body=b'{"error":"key"}'
    )


@rule("openaccess.same_base")
def elsewhere(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations[:6]:
        yield mutant(
            operation.id,
            "moved-to-another-host",
            "",
            EVERY,
            f"{operation.path} redirects to another host",
            ground.order(
                (case.requirement, *ground.generated(operation.id, "status"), *ground.families("openaccess.anonymous"))
            ),
            answering(
                succeeded(ground, operation),
                lambda request, answer: replace(
                    answer.with_header("Location", f"https://elsewhere.example.org{request.path}"), status=302, body=b""
                ),
            ),
        )


@rule("openaccess.closed", "access.closed")
def open_to_all(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Requests without credentials are answered as if they had some: on one operation, or refused wrongly."""
    rows = ground.order((case.requirement, *ground.families("access", "openaccess.closed")))
    for operation in ground.operations:
        answer = next(iter(ground.clean_answers(operation.id)), None)
        if answer is None:
            continue

        def refused(request: SandboxRequest, found: SandboxResponse, name: str = operation.id) -> bool:
            one = ground.of(request)
            return found.status in (401, 403) and one is not None and one.id == name

        yield mutant(
            operation.id,
            "open-to-all",
            "",
            EVERY,
            f"{operation.path} answers without credentials",
            rows,
            answering(refused, lambda request, found, answer=answer: answer),  # type: ignore[misc]
        )
        if operation.method == "GET" and case.family == "openaccess.closed":

            def asked_by_head(request: SandboxRequest, found: SandboxResponse, name: str = operation.id) -> bool:
                one = ground.of(request) if request.method == "HEAD" else None
                return found.status in (401, 403) and one is not None and one.id == name

            yield mutant(
                operation.id,
                "head-open-to-all",
                "",
                EVERY,
                f"{operation.path} answers HEAD without credentials, though not GET",
                rows,
                answering(asked_by_head, lambda request, found, answer=answer: answer),  # type: ignore[misc]
            )
        if 404 in case.arguments.get("expect", [404]):
            continue  # whoever hides what he guards has closed it too
        yield mutant(
            operation.id,
            "closed-with-404",
            "",
            EVERY,
            f"{operation.path} answers 404 for want of credentials",
            rows,
            answering(refused, lambda request, found: replace(found, status=404)),
        )


@rule("access.challenge")
def no_challenge(ground: Ground, case: Case) -> Iterator[Mutant]:
    name = "WWW-Authenticate"
    for kind, told, change in (
        ("no-challenge", "does not say how to be let in", with_header(name, "")),
        ("blank-challenge", "says nothing where it should say how", lambda q, a: a.with_header(name, "")),
    ):
        yield mutant(
            "access",
            kind,
            "",
            EVERY,
            f"a refusal for want of credentials {told}",
            ground.order((case.requirement,)),
            answering(lambda request, answer: answer.status == 401, change),
        )


@rule("access.accept")
def accept(ground: Ground, case: Case) -> Iterator[Mutant]:
    expect = case.arguments.get("expect")
    values = {str(value) for value in case.arguments.get("accept", ())}
    if not expect:
        return

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return request.header("accept") in values and answer.status in expect

    other = 406 if 200 in expect else 200
    yield mutant(
        "access",
        f"accept-{other}",
        "/".join(sorted(values)),
        EVERY,
        f"Accept {', '.join(sorted(values))[:60]} is answered with {other}",
        ground.order((case.requirement, *ground.families("access"))),
        answering(when, lambda request, answer: replace(answer, status=other)),
    )


@rule("responses.cache_control")
def cached(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations:
        for kind, value in (("missing", ""), ("public", "public, max-age=3600"), ("age-only", "max-age=60")):
            yield mutant(
                operation.id,
                f"cache-{kind}",
                "",
                EVERY,
                f"{operation.path}: Cache-Control is {value or 'missing'}",
                ground.order((case.requirement,)),
                answering(succeeded(ground, operation), with_header("Cache-Control", value)),
            )
