"""Members that a supplier may lawfully leave out, fill otherwise or add, and other legal ways to write a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, keeping, near, shape
from interop_harness.assurance.assay.ground import Ground, drawn, edit
from interop_harness.assurance.assay.mutant import Apply, answering
from interop_harness.errors import ProfileError
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

Make = Callable[[Ground, str], "Apply | None"]
"""A way to differ, for one profile: None where it does not apply. The text is the seed, for ways that draw."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a free member is filled otherwise: by its name in the profile's list, for members that it suits."""

    stated: str
    change: Callable[[Any, shape.Site, keeping.Free | None, str], Any]
    """From the old value, where it stands, the entry of the list and the seed: the new value."""
    suits: Callable[[shape.Site, keeping.Free | None], bool]


READINGS = count(1)
"""Of all addresses that were signed: no two readings have the same signature."""

Found = tuple[Operation, shape.Site, "keeping.Free | None"]
Change = Callable[[Any], Any]


@cache
def stated(ground: Ground) -> tuple[keeping.Free, ...]:
    """What the profile says that the standard leaves open.

    Raises ProfileError where that is unclear, or names what no answer of the reference supplier has.
    """
    found = keeping.free(ground.profile)
    known = [(one.id, site.path) for one in ground.operations for site in shape.sites(ground, one)]
    for member in (each for entry in found for each in entry.members):
        if not any(keeping.stands(member, *place) for place in known):
            operation, steps = member
            told = f"{operation}:{'/'.join(steps)}".lstrip(":")
            raise ProfileError(
                "free-unclear",
                f"The list free of {keeping.EXCUSED} names {told}, which no answer of the reference supplier has.",
                "Name a member by the last steps of its path, as docs/detection.md says.",
            )
    return found


@cache
def candidates(ground: Ground, way: Way) -> dict[str, tuple[Found, ...]]:
    """Name → where a member stands that may differ in this way: as the profile states, or because nothing names it."""
    found: dict[str, list[Found]] = {}
    for operation in ground.operations:
        for site in shape.sites(ground, operation):
            entry = _entry(ground, way, site)
            if entry is None and not _unnamed(ground, site):
                continue
            if way.suits(site, entry) and not shape.breaks(ground, site, _near(way, site, entry, "")):
                found.setdefault(site.path[-1], []).append((operation, site, entry))
    return {name: tuple(each) for name, each in sorted(found.items())}


def _near(way: Way, site: shape.Site, entry: keeping.Free | None, seed: str) -> near.Near:
    return near.Near("variety", "", lambda old: way.change(old, site, entry, seed))


def _entry(ground: Ground, way: Way, site: shape.Site) -> keeping.Free | None:
    for entry in stated(ground):
        if way.stated in entry.ways and entry.means(site.operation.id, site.path):
            return entry
    return None


def _unnamed(ground: Ground, site: shape.Site) -> bool:
    """Whether a member may differ although the profile does not say so: no requirement names it, here or elsewhere."""
    operation, record = site.operation, ground.record_path(site.operation)
    below = site.path[len(record) :]
    if site.path[: len(record)] != record or not below or "*" in below or not operation.safe:
        return False
    if not isinstance(site.value, str) or ground.about(operation.id, below) or ground.families("formats.same"):
        return False
    return site.path[-1] not in _kept(ground)


@cache
def _kept(ground: Ground) -> set[str]:
    """Names that something looks at somewhere: they are left alone everywhere, unless the profile says otherwise."""
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


def one(way: Way) -> Make:
    """One free member, drawn by the seed, filled in this way wherever an answer has it and the schema allows it."""

    def made(ground: Ground, seed: str) -> Apply | None:
        names = list(candidates(ground, way))
        return _filled(ground, way, names[drawn(seed, len(names)) :][:1], seed)

    return made


def every(way: Way) -> Make:
    """All free members at once."""
    return lambda ground, seed: _filled(ground, way, list(candidates(ground, way)), seed)


def _filled(ground: Ground, way: Way, names: Sequence[str], seed: str) -> Apply | None:
    changes: dict[str, list[tuple[bodies.Path, Change]]] = {}
    for name in names:
        for operation, site, entry in candidates(ground, way)[name]:
            changes.setdefault(operation.id, []).append((site.path, _near(way, site, entry, seed).make))
    return _rewritten(ground, changes) if changes else None


def _rewritten(ground: Ground, changes: Mapping[str, Sequence[tuple[bodies.Path, Change]]]) -> Apply:
    """Successful answers read once, changed at all these places, and written again."""

    def rewrite(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        operation = ground.of(request)
        if operation is None or operation.id not in changes:
            return answer
        try:
            value = bodies.read(ground.profile, operation, answer.status, answer.body)
        except ValueError:
            return answer
        made = value
        for path, change in changes[operation.id]:
            made = bodies.changed(made, path, change)
        if made == value:
            return answer
        body = bodies.write(ground.profile, operation, answer.status, made)
        return replace(answer.without_header("content-length"), body=body)

    return answering(lambda request, answer: 200 <= answer.status < 300 and bool(answer.body), rewrite)


def _chain(wraps: Sequence[Apply]) -> Apply:
    def apply(handler: Handler) -> Handler:
        for wrap in wraps:
            handler = wrap(handler)
        return handler

    return apply


def _plain(site: shape.Site, entry: keeping.Free | None) -> bool:
    return isinstance(site.value, str) and not site.formats and not site.codes


def _codes(site: shape.Site, entry: keeping.Free | None) -> tuple[Any, ...]:
    return tuple(entry.codes) or site.codes if entry is not None else ()


def _coded(site: shape.Site, entry: keeping.Free | None) -> bool:
    return isinstance(site.value, str) and len(_codes(site, entry)) > 1


def written(change: Callable[[str], str]) -> Way:
    """Other text, where the standard says nothing of its form."""
    return Way("text", lambda old, site, entry, seed: change(old) if isinstance(old, str) else old, _plain)


def _hidden(old: Any, site: shape.Site, entry: keeping.Free | None, seed: str) -> Any:
    """Left out where it has some of its values, so that a list and a record leave out the same."""
    return bodies.DROP if drawn(f"{seed} {old}", 2) or not seed else old


def _turned(by: int) -> Callable[[Any, shape.Site, keeping.Free | None, str], Any]:
    def change(old: Any, site: shape.Site, entry: keeping.Free | None, seed: str) -> Any:
        codes = _codes(site, entry)
        return codes[(codes.index(old) + by) % len(codes)] if old in codes else old

    return change


def _alike(old: Any, site: shape.Site, entry: keeping.Free | None, seed: str) -> Any:
    codes = _codes(site, entry)
    return codes[drawn(seed, len(codes))] if old in codes else old


def _signed(old: Any, site: shape.Site, entry: keeping.Free | None, seed: str) -> Any:
    """An address with a signature of its own at each reading, as stores of pictures give them out."""
    if not (isinstance(old, str) and old.startswith("http")):
        return old
    return f"{old}{'&' if '?' in old else '?'}signature={next(READINGS)}"


def _address(site: shape.Site, entry: keeping.Free | None) -> bool:
    return entry is not None and isinstance(site.value, str) and site.value.startswith("http")


ABSENT = Way("absent", lambda old, site, entry, seed: bodies.DROP, lambda site, entry: True)
ABSENT_ON_SOME = Way("absent", _hidden, lambda site, entry: not isinstance(site.value, (list, dict)))
EMPTY = Way(
    "empty",
    lambda old, site, entry, seed: [] if isinstance(old, list) else old,
    lambda site, entry: isinstance(site.value, list) and entry is not None,
)
NEXT_CODE = Way("codes", _turned(1), _coded)
CODE_BEFORE = Way("codes", _turned(-1), _coded)
ONE_CODE = Way("codes", _alike, _coded)
SIGNED = Way("signed", _signed, _address)


def extra(name: str, value: Any) -> Make:
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


def moments(change: Callable[[str], str]) -> Make:
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


def fractions(ground: Ground, seed: str) -> Apply | None:
    """Numbers that need no fraction are written with one: 18.0 is 18."""
    wraps = []
    for operation in ground.operations:
        for site in shape.sites(ground, operation):
            if type(site.value) is int and not ground.in_xml(operation) and operation.safe:
                way = near.Near("variety", "", lambda old: old + 0.5 if type(old) is int else old)
                if not shape.breaks(ground, site, way):  # the schema asks for no whole number
                    wraps.append(edit(ground, operation, site.path, lambda o: float(o) if type(o) is int else o))
    return _chain(wraps) if wraps and not ground.families("formats.same") else None
