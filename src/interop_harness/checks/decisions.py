"""Does a service that decides reach the outcome that the rules give, and refuse what they refuse for the right reason?

For Blue Badge eligibility; charging assessments over DWP benefit data and the eligibility rules of school meals are
tables of the same kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interop_harness.checks.values import is_blank
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show
from interop_harness.profile.openapi import find

ANY = "any"


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an answer says what was decided, and what was wrong: an array, and its member that names fields."""

    outcome: str
    outcomes: tuple[str, ...]
    errors: str
    field: str
    reasons: tuple[str, ...]


def steps(pointer: str) -> list[str]:
    """The steps of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def names(written: str) -> list[str]:
    """The member names in a path, written ``a.b[0].c``, ``/a/b/0/c`` or ``$.a.b.c``; places are left out."""
    return [part for part in re.split(r"[./\[\]\s$#]+", written) if part and not part.isdigit()]


def not_accepted(exchange: Exchange, what: str) -> Finding:
    return Finding(f"an outcome for {what}", exchange.describe(), exchange.id)


def outcome(exchange: Exchange, body: Any, shape: Shape, wanted: Any, what: str) -> Iterator[Finding]:
    """The answer has the outcome that the rules give, one of several, or any of those that there are."""
    allowed = list(shape.outcomes) if wanted == ANY else wanted if isinstance(wanted, list) else [wanted]
    found = find(body, shape.outcome)
    if found not in allowed:
        observed = "nothing" if found is None else show(found)
        yield Finding(f"{' or '.join(map(str, allowed))} for {what}", observed, exchange.id, shape.outcome)


def meets(content: Any, when: Mapping[str, Any]) -> bool:
    """Whether a question meets every condition: the value at a pointer, or one of several.

    ``{from: 1, to: 8}`` stands for values of one kind between two ends, dates among them; ``{without: [A]}`` for an
    array that holds none of these. What is not stated meets no condition.
    """
    return all(_met(find(content, pointer), condition) for pointer, condition in when.items())


def _met(value: Any, condition: Any) -> bool:
    if not isinstance(condition, Mapping):
        allowed = condition if isinstance(condition, list) else [condition]
        return any(type(value) is type(one) and value == one for one in allowed)
    if "without" in condition:
        return isinstance(value, list) and not any(one in value for one in condition["without"])
    ends = [condition[end] for end in ("from", "to") if end in condition]
    if any(type(value) is not type(end) for end in ends):
        return False
    return bool(condition.get("from", value) <= value <= condition.get("to", value))


def settled(exchange: Exchange, body: Any, shape: Shape, wanted: Any, what: str) -> Iterator[Finding]:
    """An outcome that was given is the one of the rule. A missing outcome is a matter of the row that asked."""
    if find(body, shape.outcome) in shape.outcomes:
        yield from outcome(exchange, body, shape, wanted, what)


def decided(body: Any, shape: Shape) -> str:
    """What was decided, in the answer's own word; empty when it says nothing."""
    found = find(body, shape.outcome)
    return "" if found is None else str(found)


def refused(exchange: Exchange, expect: Sequence[int], what: str) -> Iterator[Finding]:
    """The request is turned away, and with the right status."""
    if exchange.status not in expect:
        wanted = " or ".join(str(code) for code in expect)
        yield Finding(f"status {wanted} for {what}", exchange.describe(), exchange.id)


def reason(exchange: Exchange, body: Any, shape: Shape, wanted: Sequence[str], what: str) -> Iterator[Finding]:
    """The refusal is about one of the members ``wanted``, and about nothing that was right.

    A member that holds one of them, or stands inside it, is no other member. A name may leave out where it stands.
    """
    told = fields(body, shape)
    texts = " or ".join(".".join(names(pointer)) for pointer in wanted)
    expected = f"a refusal that names {texts} ({what})"
    if not any(same(text, pointer) for _, text in told for pointer in wanted):
        observed = " and ".join(show(text) for _, text in told) or f"no field named at {shape.errors}"
        yield Finding(expected, observed, exchange.id, told[0][0] if told else shape.errors)
        return
    for pointer, text in told:
        if not any(related(text, place) for place in wanted):
            yield Finding(f"a refusal that names {texts} alone ({what})", show(text), exchange.id, pointer)


def fields(body: Any, shape: Shape) -> list[tuple[str, str]]:
    """The fields that a refusal names, each with the place where it does."""
    errors = find(body, shape.errors)
    found = []
    for number, error in enumerate(errors if isinstance(errors, list) else []):
        text = find(error, shape.field)
        if isinstance(text, str) and text.strip():
            found.append((f"{shape.errors}/{number}{shape.field}", text))
    return found


def same(text: str, pointer: str) -> bool:
    """Whether a field is the member at a pointer: its path from the top, from further up, or its last names alone."""
    said, meant = names(text), names(pointer)
    short, long = (said, meant) if len(said) <= len(meant) else (meant, said)
    return bool(short) and long[-len(short) :] == short


def related(text: str, pointer: str) -> bool:
    """Whether a field is the member, holds it, or stands inside it."""
    return same(text, pointer) or along(names(text), names(pointer))


def whole_path(exchange: Exchange, body: Any, shape: Shape, wanted: Sequence[str]) -> Iterator[Finding]:
    """The field is named by its whole path, so that a form can show the message where it belongs."""
    told = fields(body, shape)
    for pointer, text in told[:1]:
        if not any(along(names(text), names(place)) for place in wanted):
            expected = f"the whole path, such as {'.'.join(names(wanted[0]))}"
            yield Finding(expected, show(text), exchange.id, pointer)


def along(said: list[str], meant: list[str]) -> bool:
    """Whether a path begins at the top, wherever along the way to the member (or inside it) it ends."""
    return said == meant[: len(said)] or meant == said[: len(meant)]


def explained(exchange: Exchange, body: Any, shape: Shape) -> Iterator[Finding]:
    """Each error says what is wrong, in each of the members that are there for it."""
    errors = find(body, shape.errors)
    for number, error in enumerate(errors if isinstance(errors, list) else []):
        for pointer in shape.reasons:
            if is_blank(find(error, pointer)):
                yield Finding(f"a text at {pointer} of each error", "none", exchange.id, f"{shape.errors}/{number}")


def repeated(first: Exchange, second: Exchange, shape: Shape, bodies: tuple[Any, Any]) -> Iterator[Finding]:
    """The same question has the same outcome when it is asked again."""
    before, after = (find(body, shape.outcome) for body in bodies)
    if second.status != first.status or before != after:
        expected = f"{first.status} and {show(before)}, as the first time (exchange {first.id})"
        yield Finding(expected, f"{second.status} and {show(after)}", second.id, shape.outcome)


def created(exchange: Exchange) -> Iterator[Finding]:
    """The answer does not speak of something that was created."""
    place = exchange.response.header("location") if exchange.response is not None else None
    if exchange.status in (201, 202):
        yield Finding("an outcome, and nothing created or queued", exchange.describe(), exchange.id)
    elif exchange.ok and place:
        yield Finding("no Location, because nothing was created", show(place), exchange.id, "Location")


def body(exchange: Exchange, errors: Sequence[Any]) -> Iterator[Finding]:
    """The mismatches of a refusal's body with the documented schema."""
    for error in errors:
        yield Finding(error.expected, error.observed, exchange.id, error.pointer)


def unreadable(exchange: Exchange, problem: str) -> Finding:
    return Finding("a refusal with a JSON body", f"{problem} ({exchange.describe()})", exchange.id)
