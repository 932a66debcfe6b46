"""Conforming variety: suppliers that differ in what the standard leaves open, none of which may fail a MUST.

Each property that a supplier may vary stands once in ``PROPERTIES``, with the ways in which it may differ. A seed
chooses one way for each; most are left as they are, so that combinations stay readable.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interop_harness.assurance.assay import bodies, codings, dataset, free, referents
from interop_harness.assurance.assay.free import Make, extra, fractions, moments
from interop_harness.assurance.assay.ground import Ground, drawn
from interop_harness.assurance.assay.mutant import Apply, answering, asking, instead

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


@dataclass(frozen=True, slots=True)
class Property:
    """Something a supplier may lawfully vary. Inner properties are applied before outer ones."""

    name: str
    ways: Mapping[str, Make]


def _json(change: Callable[[Any], bytes]) -> Make:
    """JSON bodies written otherwise, their content the same."""

    def rewritten(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        try:
            value = json.loads(answer.body)
        except ValueError:
            return answer
        return _with(answer, change(value))

    return lambda ground, seed: answering(_is_json, rewritten)


def _is_json(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return "json" in answer.header("content-type") and bool(answer.body)


def _with(answer: SandboxResponse, body: bytes) -> SandboxResponse:
    return dataclasses.replace(answer.without_header("content-length"), body=body)


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(item) for item in value] if isinstance(value, list) else value


def _sorted(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()


def _always(change: Callable[[SandboxResponse], SandboxResponse]) -> Make:
    return lambda ground, seed: answering(lambda request, answer: True, lambda request, answer: change(answer))


def _headers(*pairs: tuple[str, str]) -> Make:
    return _always(lambda answer: dataclasses.replace(answer, headers=(*answer.headers, *pairs)))


def _renamed(change: Callable[[str], str]) -> Make:
    def made(answer: SandboxResponse) -> SandboxResponse:
        return dataclasses.replace(answer, headers=tuple((change(name), value) for name, value in answer.headers))

    return _always(made)


def _media(change: Callable[[str], str]) -> Make:
    def made(answer: SandboxResponse) -> SandboxResponse:
        here = answer.header("content-type")
        return answer.with_header("Content-Type", change(here)) if here else answer

    return _always(made)


def _no_charset(ground: Ground, seed: str) -> Apply | None:
    if ground.rows(lambda case: case.family == "responses.charset" and case.arguments.get("named") is True):
        return None
    return _media(lambda kind: kind.partition(";")[0])(ground, seed)


def _compressed(name: str, pack: Callable[[bytes], bytes]) -> Make:
    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return bool(answer.body) and name in request.header("accept-encoding") and request.method != "HEAD"

    def made(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        packed = _with(answer, pack(answer.body)).with_header("Content-Encoding", name)
        return packed.with_header("Vary", "Accept-Encoding")

    return lambda ground, seed: answering(when, made)


def _redirects(status: int) -> Make:
    """Addresses without a slash at the end lead to those with one, on the same host."""

    def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        if request.path.endswith("/"):
            return handler(dataclasses.replace(request, path=request.path.rstrip("/") or "/"))
        answer = handler(request)
        if not answer.status < 300:
            return answer
        where = f"{request.path}/" + (f"?{request.raw_query}" if request.raw_query else "")
        moved = dataclasses.replace(answer, status=status, body=b"").without_header("content-length")
        return moved.with_header("Location", where)

    def make(ground: Ground, seed: str) -> Apply | None:
        plain = {one.path for one in ground.operations if "." in one.path.rpartition("/")[2]}
        if plain:  # an address that names a format is no folder
            return None
        return instead(lambda request: request.path != "/" and request.method in ("GET", "HEAD"), produce)

    return make


def _errors(kind: str, make: Callable[[int], Any]) -> Make:
    """Errors whose body the standard does not describe say it in their own words."""

    def made(ground: Ground, seed: str) -> Apply | None:
        if ground.families("refusals.body", "decisions", "formats.refusal"):
            return None

        def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
            found = ground.of(request)
            told = bodies.documented(ground.profile, found, answer.status)[0] if found else ""
            return answer.status >= 400 and not told

        def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
            return _with(answer, json.dumps(make(answer.status)).encode()).with_header("Content-Type", kind)

        return answering(when, change)

    return made


def _status(old: int, new: int) -> Make:
    """Another legal status for what the standard leaves open: parameter values that mean nothing."""

    def made(ground: Ground, seed: str) -> Apply | None:
        if ground.families("refusals", "decisions", "formats.refusal", "roundtrip.refused", "access"):
            return None
        return answering(
            lambda request, answer: answer.status == old and bool(request.query),
            lambda request, answer: dataclasses.replace(answer, status=new),
        )

    return made


def _capped(most: int) -> Make:
    """No page holds more than so many records, whatever is asked for."""

    def made(ground: Ground, seed: str) -> Apply | None:
        names = {
            (one.id, spec.size_parameter)
            for one in ground.operations
            if ground.is_list(one) and (spec := ground.spec(one.id)).size_parameter
        }
        if not names:
            return None

        def when(request: SandboxRequest) -> bool:
            found = ground.of(request)
            return found is not None and any(found.id == name for name, _ in names)

        def change(request: SandboxRequest) -> SandboxRequest:
            found = ground.of(request)
            size = next(each for name, each in names if found is not None and name == found.id)
            query = [
                (key, str(min(int(value), most)) if key == size and value.isdigit() and int(value) > most else value)
                for key, value in request.query
            ]
            if not any(key == size for key, _ in query):
                query.append((size, str(most)))
            return dataclasses.replace(request, query=tuple(query), raw_query=urlencode(query))

        return asking(when, change)

    return made


UNUSUAL = free.written(lambda old: f"{old} Ŵŷ “½” עברית 漢字 🦉 e\u0301")

PROPERTIES: tuple[Property, ...] = (
    Property(
        "directory",
        {
            **{f"{count} records": dataset.thinned(count) for count in (0, 1, 2, 3, 6, 26, 51)},
            **{f"times {factor}": dataset.multiplied(factor) for factor in (2, 7, 31)},
        },
    ),
    Property("page size", {f"at most {most}": _capped(most) for most in (5, 10, 20, 33)}),
    Property(
        "optional member",
        {
            "left out": free.one(free.ABSENT),
            "left out on some records": free.one(free.ABSENT_ON_SOME),
            "all left out at once": free.every(free.ABSENT),
            "lists without entries": free.every(free.EMPTY),
            "unusual letters": free.one(UNUSUAL),
            "unusual letters in all": free.every(UNUSUAL),
            "signs of markup": free.one(free.written(lambda old: f"{old} <b>&amp;</b> {{{{x}}}} %41 \\n '\"")),
            "many lines": free.one(free.written(lambda old: f"{old}\n\n\tline\u2028two")),
            "long": free.one(free.written(lambda old: f"{old} {'long text ' * 400}")),
        },
    ),
    Property(
        "coded member",
        {
            "the next of its codes": free.every(free.NEXT_CODE),
            "the code before": free.every(free.CODE_BEFORE),
            "one code everywhere": free.one(free.ONE_CODE),
        },
    ),
    Property(
        "codings",
        {
            "with one's own behind": codings.translated(codings.BEHIND),
            "with one's own before": codings.translated(codings.BEFORE),
        },
    ),
    Property(
        "references",
        {
            "to one who is contained": referents.referring(referents.contained),
            "by an identifier alone": referents.referring(referents.identified),
        },
    ),
    Property("addresses", {"signed anew at each reading": free.every(free.SIGNED)}),
    Property(
        "members of one's own",
        {
            "text": extra("remark", "for our own use"),
            "object": extra("local", {"area": "north", "round": 7, "flags": [True, False]}),
            "personal": extra("date_of_birth", "1961-04-17"),
            "many": extra("extras", [{"number": number} for number in range(50)]),
        },
    ),
    Property(
        "moments",
        {
            "numeric zone": moments(lambda old: f"{old[:-1]}+00:00" if old.endswith("Z") else old),
            "microseconds": moments(lambda old: re.sub(r"(\.\d{3})(?=\D)", r"\g<1>000", old)),
        },
    ),
    Property("numbers", {"with a fraction": fractions}),
    Property(
        "order of members",
        {
            "turned round": _json(lambda value: json.dumps(_turned(value), ensure_ascii=False).encode()),
            "sorted": _json(_sorted),
        },
    ),
    Property(
        "layout of JSON",
        {
            "indented": _json(lambda value: json.dumps(value, indent=2, ensure_ascii=False).encode()),
            "tabs and line ends": _json(lambda value: json.dumps(value, indent="\t").replace("\n", "\r\n").encode()),
            "escapes": _json(lambda value: json.dumps(value).encode()),
            "blank lines around": _json(lambda value: b"\n\n" + json.dumps(value).encode() + b"\n\n"),
        },
    ),
    Property(
        "words of errors",
        {
            "a message": _errors("application/json", lambda status: {"message": "This cannot be done."}),
            "problem details": _errors(
                "application/problem+json", lambda status: {"type": "about:blank", "title": "No", "status": status}
            ),
            "a list": _errors("application/json", lambda status: {"errors": [{"code": str(status), "detail": "No"}]}),
        },
    ),
    Property("status of a value that means nothing", {"422": _status(400, 422), "404": _status(400, 404)}),
    Property(
        "further headers",
        {
            "usual": _headers(("Server", "nginx"), ("X-Request-Id", "5f2a"), ("ETag", '"a1"')),
            "security": _headers(
                ("Strict-Transport-Security", "max-age=31536000"),
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Security-Policy", "default-src 'none'"),
            ),
            "cookies": _headers(("Set-Cookie", "visit=1; Path=/; Secure; HttpOnly")),
            "links": _headers(("Link", '<https://www.example.org/>; rel="service-doc"')),
        },
    ),
    Property("spelling of headers", {"lower case": _renamed(str.lower), "capitals": _renamed(str.upper)}),
    Property(
        "media type",
        {
            "without a character set": _no_charset,
            "in capitals": _media(lambda kind: kind.replace("utf-8", "UTF-8")),
            "quoted": _media(lambda kind: kind.replace("charset=utf-8", 'charset="utf-8"')),
            "no blank": _media(lambda kind: kind.replace("; ", ";")),
        },
    ),
    Property("redirects on the same host", {"308": _redirects(308), "301": _redirects(301), "307": _redirects(307)}),
    Property(
        "compression",
        {
            "gzip": _compressed("gzip", lambda body: gzip.compress(body, 1)),
            "deflate": _compressed("deflate", zlib.compress),
        },
    ),
)
"""Inner first: what a directory holds, how it is written, how it travels."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One conforming supplier: which way each varied property goes, and what is not claimed."""

    number: int
    ways: tuple[tuple[str, str], ...]
    unclaimed: tuple[str, ...]

    @property
    def told(self) -> str:
        parts = [f"{name}: {way}" for name, way in self.ways]
        parts += [f"{name} not claimed and not there" for name in self.unclaimed]
        return "; ".join(parts) or "as the reference supplier is"


def variant(ground: Ground, number: int, seed: str) -> Variant:
    """The variant with a number, the same for the same seed on every machine."""
    ways = []
    for entry in PROPERTIES:
        draw = f"{seed} {number} {entry.name}"
        if drawn(f"{draw} at all", 100) < 30:
            ways.append((entry.name, sorted(entry.ways)[drawn(draw, len(entry.ways))]))
    if not ways:  # every variant varies something
        entry = PROPERTIES[drawn(f"{seed} {number}", len(PROPERTIES))]
        ways.append((entry.name, sorted(entry.ways)[drawn(f"{seed} {number} way", len(entry.ways))]))
    optional = [entry.id for entry in ground.profile.classes if not entry.mandatory]
    unclaimed = [name for name in optional if drawn(f"{seed} {number} claim {name}", 100) < 15]
    return Variant(number, tuple(ways), tuple(unclaimed))


def applied(
    ground: Ground, chosen: Variant, handler: Handler, seed: str
) -> tuple[Handler, tuple[tuple[str, str], ...]]:
    """The supplier so varied, and the ways that this profile allows; the others are left as they are."""
    by_name = {entry.name: entry for entry in PROPERTIES}
    done = []
    for name, way in chosen.ways:
        apply = by_name[name].ways[way](ground, f"{seed} {chosen.number} {name}")
        if apply is not None:
            handler = apply(handler)
            done.append((name, way))
    return handler, tuple(done)


def applying(ground: Ground) -> dict[str, tuple[str, ...]]:
    """Property → those of its ways that the profile has a place for; empty for a property that never applies here."""
    return {
        entry.name: tuple(way for way, make in entry.ways.items() if make(ground, "applying") is not None)
        for entry in PROPERTIES
    }
