"""Is an answer what the interface description says: status, media type, encoding, body."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from interop_harness.checks.values import MAX_DEPTH, escape
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import Validators, show
from interop_harness.profile import Operation

TEXTUAL = re.compile(r"(application|text)/(.*\+)?(json|xml|html|plain|csv)\Z")


def status(operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    """The operation answers a valid request with one of its documented success statuses."""
    if exchange.status not in operation.success:
        wanted = " or ".join(str(code) for code in operation.success) or "a success status"
        yield Finding(f"status {wanted}", exchange.describe(), exchange.id)


def gives_way(exchange: Exchange) -> bool:
    """Whether the service answered that it failed, or that nothing has changed since it was never asked before.

    RFC 9110, 15.6 and 15.4.5: 5xx is the server's own failure, and 304 answers conditional requests alone. A status
    that HTTP does not have (600 and more) is none to rely on, either.
    """
    return (exchange.status >= 500 and not exchange.unheard) or exchange.status == 304


def media_type(operation: Operation, exchange: Exchange, accepts: Sequence[str] = ()) -> Iterator[Finding]:
    """A successful answer is in one of the documented media types, or in one of ``accepts`` (``+json``: a suffix)."""
    allowed = tuple(accepts) or operation.media_types(exchange.status)
    if not exchange.ok or exchange.response is None or not allowed or not exchange.response.body:
        return
    found = exchange.response.media_type
    if not any(found == kind or (kind.startswith("+") and found.endswith(kind)) for kind in allowed):
        observed = exchange.response.header("content-type") or "no Content-Type"
        yield Finding(f"Content-Type {' or '.join(allowed)}", observed, exchange.id, "Content-Type")


def schema(operation: Operation, exchange: Exchange, body: Any, validators: Validators) -> Iterator[Finding]:
    """The body matches the schema documented for the status. ``body`` is the parsed value."""
    kinds = operation.media_types(exchange.status)
    media = next((kind for kind in kinds if "json" in kind), next(iter(kinds), ""))
    errors = validators.response_errors(body, operation.id, exchange.status, media)
    for error in errors or ():
        yield Finding(error.expected, error.observed, exchange.id, error.pointer)


def unreadable(operation: Operation, exchange: Exchange, reason: str) -> Finding:
    """The finding for a successful answer that cannot be read as what the operation documents."""
    kind = exchange.response.media_type if exchange.response else ""
    documented = operation.media_types(exchange.status)
    wanted = "an XML body" if documented and all(name.endswith("xml") for name in documented) else "a JSON body"
    return Finding(wanted, f"{reason} (Content-Type {kind or 'missing'})", exchange.id)


def utf8(exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """Textual bodies are valid UTF-8, and a charset that is named is UTF-8."""
    for exchange in exchanges:
        response = exchange.response
        if response is None or not response.body or not TEXTUAL.match(response.media_type):
            continue
        if response.charset not in {"", "utf-8", "utf8"}:
            yield Finding("charset utf-8", f"charset {response.charset}", exchange.id, "Content-Type")
        try:
            response.body.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = response.body[error.start]
            yield Finding("a body in UTF-8", f"byte 0x{byte:02x} at offset {error.start}", exchange.id)


def charset(
    exchanges: Iterable[Exchange], accepts: Sequence[str] = ("utf-8",), *, named: bool = False
) -> Iterator[Finding]:
    """A character set that the Content-Type names is an accepted one; leaving it out is RFC 8259's own default.

    With ``named`` it must be named: standards whose formats have another default, or none, ask for that.
    """
    for exchange in exchanges:
        response = exchange.response
        if response is not None and (response.charset or (named and response.body)) and response.charset not in accepts:
            observed = response.header("content-type") or "no Content-Type"
            yield Finding(f"charset={' or '.join(accepts)} in Content-Type", observed, exchange.id, "Content-Type")


ALL_RULES = ("bom", "constants", "trailing", "duplicates")


def strict_json(
    exchanges: Iterable[Exchange],
    rules: Sequence[str] = ALL_RULES,
    troubles: Callable[[Exchange], Sequence[tuple[str, str]]] | None = None,
) -> Iterator[Finding]:
    """A JSON body is read the same by every parser (RFC 8259).

    ``rules``: no byte order mark (bom), no NaN or Infinity (constants), one JSON text and nothing else
    (trailing), no name twice in an object (duplicates). ``troubles`` reads a body, if not :func:`json_troubles`.
    """
    for exchange in exchanges:
        for rule, problem in (troubles or json_troubles)(exchange):
            if rule in rules:
                expected = "no byte order mark before the JSON text" if rule == "bom" else "JSON as RFC 8259 defines it"
                yield Finding(expected, problem, exchange.id)


def json_troubles(exchange: Exchange) -> list[tuple[str, str]]:
    """Where the JSON of an answer is read otherwise by other parsers: the rule it breaks and what stands there."""
    response = exchange.response
    if response is None or "json" not in response.media_type:
        return []
    body = response.body
    first = [("bom", "a UTF-8 byte order mark")] if body.startswith(b"\xef\xbb\xbf") else []
    if not body:
        return []
    problems: list[tuple[str, str]] = []
    try:
        json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=lambda pairs: _duplicates(pairs, problems),
            parse_constant=lambda word: problems.append(("constants", f"the value {word}")),
        )
    except UnicodeDecodeError:
        return first  # the encoding is judged by utf8
    except (ValueError, RecursionError) as error:
        problems.append(("trailing", f"{type(error).__name__}: {str(error)[:120]}"))
    return [*first, *sorted(set(problems))[:5]]


def _duplicates(pairs: list[tuple[str, Any]], seen: list[tuple[str, str]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        seen.append(("duplicates", f"the name {show(twice)} twice in one object"))
    return made


def top_level_object(exchange: Exchange, body: Any) -> Iterator[Finding]:
    """The JSON text is an object, so that members can be added later without breaking consumers."""
    if not isinstance(body, Mapping):
        yield Finding("a JSON object at the top level", show(body), exchange.id)


_Path = tuple[Any, str] | None
"""The path above and one step: put together as a pointer only where something is said of it, which is rare."""
Names = Mapping[str, _Path]
"""Names of members, each with where it stands first."""

CASES = {
    "snake_case": re.compile(r"[a-z0-9]+(_[a-z0-9]+)+\Z"),
    "camelCase": re.compile(r"[a-z]+[a-z0-9]*([A-Z][a-z0-9]*)+\Z"),
    "kebab-case": re.compile(r"[a-z0-9]+(-[a-z0-9]+)+\Z"),
    "PascalCase": re.compile(r"([A-Z][a-z0-9]+){2,}\Z"),
}


def key_case(found: Iterable[tuple[Exchange, Names]], wanted: str = "") -> Iterator[Finding]:
    """Member names are all written in one way (``wanted``, where a standard names it); single words fit any.

    ``found`` are the names of each answer with their places, as :func:`names` gives them.
    """
    seen: dict[str, tuple[str, str, str]] = {}
    styles: dict[str, str] = {}
    for exchange, members in found:
        for name, path in members.items():
            if name not in styles:
                styles[name] = next((style for style, pattern in CASES.items() if pattern.match(name)), "")
                if styles[name]:
                    seen.setdefault(styles[name], (name, _pointer(path), exchange.id))
    if wanted:
        for style, (name, pointer, exchange_id) in sorted(seen.items()):
            if style != wanted:
                yield Finding(f"names in {wanted}", f"{name} in {style}", exchange_id, pointer)
    elif len(seen) > 1:
        (first, (example, _, _)), *others = sorted(seen.items())
        for style, (name, pointer, exchange_id) in others:
            yield Finding(f"names in {first}, such as {example}", f"{name} in {style}", exchange_id, pointer)


def data_keys(found: Iterable[tuple[Exchange, Names]]) -> Iterator[Finding]:
    """Member names are names, not data: no identifiers, numbers or dates as keys. ``found`` as for key_case."""
    for exchange, members in found:
        for name, path in members.items():
            if DATA_KEY.match(name):
                place = _pointer(path)
                yield Finding("a name as the member's key", f"{show(name)}, which is data", exchange.id, place)
                break


DATA_KEY = re.compile(r"(\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*|\d{4}-\d{2}-\d{2}.*)\Z")


def names(body: Any) -> Names:
    """Every member name of an answer with where it stands first, in the order of the answer."""
    found: dict[str, _Path] = {}
    _names(found, body, None, 0)
    return found


def _names(found: dict[str, _Path], value: Any, path: _Path, depth: int) -> None:
    if isinstance(value, dict):
        for name, child in value.items():
            here = (path, name)
            if name not in found:
                found[name] = here
            if child and isinstance(child, (dict, list)) and depth < MAX_DEPTH:
                _names(found, child, here, depth + 1)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            if child and isinstance(child, (dict, list)) and depth < MAX_DEPTH:
                _names(found, child, (path, str(index)), depth + 1)


def _pointer(path: _Path) -> str:
    steps = []
    while path is not None:
        path, step = path
        steps.append(escape(step))
    return "/" + "/".join(reversed(steps))


def cache_control(exchanges: Iterable[Exchange], requires: Sequence[str]) -> Iterator[Finding]:
    """Answers that hold personal data tell shared caches to keep out: one of ``requires`` in Cache-Control."""
    for exchange in exchanges:
        if exchange.response is None:
            continue
        stated = exchange.response.header("cache-control") or ""
        words = {word.strip().lower() for word in stated.split(",")}
        if not words & set(requires):
            wanted = f"Cache-Control with {' or '.join(requires)}"
            yield Finding(wanted, stated or "no Cache-Control", exchange.id, "Cache-Control")
