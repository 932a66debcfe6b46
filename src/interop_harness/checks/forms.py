"""Does the description of a form let its fields be filled in?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from interop_harness.checks.values import Value, at, filled
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show


def choices(fields: Iterable[Value], kind: str, kinds: Sequence[str]) -> list[Value]:
    """The fields whose kind says that their value is chosen from a list."""
    return [field for field in fields if any(str(found.value) in kinds for found in at([field], kind))]


def options(fields: Iterable[Value], member: str) -> Iterator[Finding]:
    """Each of these fields has something to choose from."""
    for field in fields:
        if not filled([field], member):
            yield Finding(f"at least one value at {member}", "none", field.exchange, f"{field.pointer}{member}")


def keys(fields: Iterable[Value], member: str, key: str) -> Iterator[Finding]:
    """The options of one field have different keys."""
    for field in fields:
        seen: dict[str, str] = {}
        for found in filled([field], f"{member}/*{key}"):
            first = seen.setdefault(str(found.value), found.pointer)
            if first != found.pointer:
                expected = f"a key of its own ({show(found.value)} stands at {first} too)"
                yield Finding(expected, show(found.value), found.exchange, found.pointer)
