"""Is what a record's own address answers the record that the list showed?

For FHIR (R4 http.html#read): the type and the id that were asked for, the same person's, with the same identifiers.
What a service may well write otherwise in the two places is not compared: meta, text, order, absolute and relative
references, and whatever an answer marked as shortened leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interop_harness.checks.belonging import subject
from interop_harness.checks.values import Value, at, filled
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show


@dataclass(frozen=True, slots=True)
class Sameness:
    """What a record has alike wherever it is read."""

    same: tuple[str, ...] = ()
    """Members with the very same value."""
    kind: str = ""
    """What the references at ``subjects`` lead to; only where both name one of the kind are they compared."""
    subjects: tuple[str, ...] = ()
    shortened: Mapping[str, str] = field(default_factory=dict)
    """Path → value by which an answer says that it leaves members out."""
    each: str = ""
    """Items that must be there again, with these members of theirs."""
    members: tuple[str, ...] = ()

    @classmethod
    def of(cls, stated: Mapping[str, Any], items: Mapping[str, Any]) -> Sameness:
        """From what the profile says of every record, and of the items of one kind of record."""
        subjects = stated.get("subjects", {})
        return cls(
            tuple(stated.get("same", ())),
            str(subjects.get("kind", "")),
            tuple(subjects.get("members", ())),
            dict(stated.get("shortened", {})),
            str(items.get("each", "")),
            tuple(items.get("members", ())),
        )

    def is_short(self, record: Value) -> bool:
        return any(str(found.value) == text for path, text in self.shortened.items() for found in at([record], path))


def readable(asked: str, value: Any, exchange: str) -> Iterator[Finding]:
    """A record came at all. ``value``: the answer as data, None where it is none."""
    if not isinstance(value, Mapping):
        observed = "no JSON object" if value is None else show(value)
        yield Finding(f"the record itself at {asked}", observed, exchange)


def differs(asked: str, shown: Value, read: Value, rule: Sameness) -> Iterator[Finding]:
    """What stands at ``asked`` is the record ``shown`` by the list."""
    where = f"at {asked}, as the list has it (exchange {shown.exchange} at {shown.pointer})"
    for member in rule.same:
        wanted, found = _one(shown, member), _one(read, member)
        if wanted is not None and (found is None or found.value != wanted.value):
            yield _finding(f"{show(wanted.value)} for {member} {where}", found, read, member)
    short = rule.is_short(shown) or rule.is_short(read)
    for member in rule.subjects:
        yield from _another(where, member, shown, read, rule.kind, short)
    if rule.each and not short:
        yield from _lost(where, shown, read, rule)


def _another(where: str, member: str, shown: Value, read: Value, kind: str, short: bool) -> Iterator[Finding]:
    wanted = _one(shown, member)
    whose = subject(wanted.value, kind) if wanted is not None else ""
    if not whose:
        return
    found = _one(read, member)
    if found is None:
        # Someone may be referred to by an identifier, too: then there is a holder, and nothing to compare.
        if not short and not filled([read], member.rpartition("/")[0]):
            yield _finding(f"{kind}/{whose} for {member} {where}", None, read, member)
    elif (named := subject(found.value, kind)) and named != whose:
        yield _finding(f"{kind}/{whose} for {member} {where}", found, read, member)


def _lost(where: str, shown: Value, read: Value, rule: Sameness) -> Iterator[Finding]:
    there = [_parts(item, rule.members) for item in at([read], rule.each)]
    for item in at([shown], rule.each):
        parts = _parts(item, rule.members)
        if all(parts) and parts not in there:
            observed = "; ".join("|".join(each) for each in there) or f"nothing at {rule.each}"
            yield Finding(f"{'|'.join(parts)} among {rule.each} {where}", observed, read.exchange, read.pointer)
            return


def _parts(item: Value, members: Sequence[str]) -> tuple[str, ...]:
    found = [_one(item, member) for member in members]
    return tuple("" if each is None else str(each.value) for each in found)


def _one(record: Value, member: str) -> Value | None:
    return next(iter(filled([record], member)), None)


def _finding(expected: str, found: Value | None, read: Value, member: str) -> Finding:
    if found is None:
        return Finding(expected, f"nothing at {member}", read.exchange, read.pointer)
    return Finding(expected, show(found.value), found.exchange, found.pointer)
