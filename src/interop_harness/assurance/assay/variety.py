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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interop_harness.assurance.assay import bodies, dataset, near, shape
from interop_harness.assurance.assay.ground import Ground, drawn, edit
from interop_harness.assurance.assay.mutant import Apply, answering, asking, instead
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

Make = Callable[[Ground, str], "Apply | None"]
"""A way to differ, for one profile: None where it does not apply. The text is the seed, for ways that draw."""


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


@cache
def _free(ground: Ground) -> tuple[tuple[Operation, shape.Site], ...]:
    """Members that may be left out: the schema holds without them, and no requirement names them."""
    return tuple(_unnamed(ground))


def _unnamed(ground: Ground) -> Iterator[tuple[Operation, shape.Site]]:
    for operation in ground.operations:
        record = ground.record_path(operation)
        for site in shape.sites(ground, operation):
            below = site.path[len(record) :]
            if site.path[: len(record)] != record or not below or "*" in below or not operation.safe:
                continue
            if isinstance(site.value, str) and not ground.about(operation.id, below):
                yield operation, site


def _named(ground: Ground, seed: str) -> str:
    """The name of one free member, the same wherever records have it."""
    names = sorted({site.path[-1] for _, site in _free(ground)} - _kept(ground))
    return names[drawn(seed, len(names))] if names else ""


@cache
def _kept(ground: Ground) -> set[str]:
    """Names that something looks at somewhere: they are left alone everywhere."""
    named = {
        site.path[-1] for one in ground.operations for site in shape.sites(ground, one) if _looked_at(ground, one, site)
    }
    compared = {word for case in ground.cases for word in _members(case.arguments)}
    return named | compared


def _looked_at(ground: Ground, operation: Operation, site: shape.Site) -> bool:
    record = ground.record_path(operation)
    return bool(ground.about(operation.id, site.path[len(record) :]))


def _members(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node.rpartition("/")[2]
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _members(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _members(value)


def _everywhere(change: Callable[[Any], Any], allowed: Callable[[shape.Site], bool] = lambda site: True) -> Make:
    """One free member changed in every record of every operation that has it, as far as the schema allows."""

    def made(ground: Ground, seed: str) -> Apply | None:
        name = _named(ground, seed)
        way = near.Near("variety", "", change)
        wraps = [
            edit(ground, operation, site.path, change)
            for operation, site in _free(ground)
            if site.path[-1] == name and allowed(site) and not shape.breaks(ground, site, way)
        ]
        if not wraps or ground.families("formats.same"):
            return None
        return _chain(wraps)

    return made


def _chain(wraps: Sequence[Apply]) -> Apply:
    def apply(handler: Handler) -> Handler:
        for wrap in wraps:
            handler = wrap(handler)
        return handler

    return apply


def _plain_text(site: shape.Site) -> bool:
    return not site.formats and not site.codes


def _extra(name: str, value: Any) -> Make:
    """Members that the standard does not know, on every record."""

    def made(ground: Ground, seed: str) -> Apply | None:
        wraps = []
        for operation in ground.operations:
            if ground.in_xml(operation) or not operation.safe or ground.families("formats.same"):
                continue
            record = ground.record_path(operation)
            good = ground.good(operation.id)[0]
            added = bodies.changed(good.value, record, _adding(name, value))
            if added != good.value and not ground.breaks_schema(operation, added, good.status):
                wraps.append(edit(ground, operation, record, _adding(name, value)))
        return _chain(wraps) if wraps else None

    return made


def _adding(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda record: {**record, name: value} if isinstance(record, dict) else record


def _moments(change: Callable[[str], str]) -> Make:
    """Moments written in another legal way, everywhere alike."""

    def made(ground: Ground, seed: str) -> Apply | None:
        wraps = [
            edit(ground, operation, site.path, lambda old: change(old) if isinstance(old, str) else old)
            for operation in ground.operations
            for site in shape.sites(ground, operation)
            if "date-time" in site.formats and isinstance(site.value, str) and operation.safe
        ]
        return _chain(wraps) if wraps and not ground.families("formats.same") else None

    return made


def _fractions(ground: Ground, seed: str) -> Apply | None:
    """Numbers that need no fraction are written with one: 18.0 is 18."""
    wraps = []
    for operation in ground.operations:
        for site in shape.sites(ground, operation):
            if type(site.value) is int and not ground.in_xml(operation) and operation.safe:
                way = near.Near("variety", "", lambda old: old + 0.5 if type(old) is int else old)
                if not shape.breaks(ground, site, way):  # the schema asks for no whole number
                    wraps.append(edit(ground, operation, site.path, lambda o: float(o) if type(o) is int else o))
    return _chain(wraps) if wraps and not ground.families("formats.same") else None


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
            "left out": _everywhere(lambda old: bodies.DROP),
            "unusual letters": _everywhere(lambda old: f"{old} Ŵŷ “½” עברית 漢字 🦉 e\u0301", _plain_text),
            "many lines": _everywhere(lambda old: f"{old}\n\n\tline\u2028two", _plain_text),
            "long": _everywhere(lambda old: f"{old} {'long text ' * 400}", _plain_text),
        },
    ),
    Property(
        "members of one's own",
        {
            "text": _extra("remark", "for our own use"),
            "object": _extra("local", {"area": "north", "round": 7, "flags": [True, False]}),
            "personal": _extra("date_of_birth", "1961-04-17"),
            "many": _extra("extras", [{"number": number} for number in range(50)]),
        },
    ),
    Property(
        "moments",
        {
            "numeric zone": _moments(lambda old: f"{old[:-1]}+00:00" if old.endswith("Z") else old),
            "microseconds": _moments(lambda old: re.sub(r"(\.\d{3})(?=\D)", r"\g<1>000", old)),
        },
    ),
    Property("numbers", {"with a fraction": _fractions}),
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
