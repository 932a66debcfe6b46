"""Mutations of every member that an operation answers, and of every member that a requirement's arguments name.

Whether a change breaks the documented schema is decided by the validator over the changed body, never assumed. A
change that the schema allows, and that no requirement names, breaks nothing that is written down: it is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interop_harness.assurance.assay import bodies, near
from interop_harness.assurance.assay.bodies import Path
from interop_harness.assurance.assay.ground import EVERY, LAST, ONE, Ground, drawn, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.near import Near
from interop_harness.assurance.assay.places import words_of
from interop_harness.profile import Operation
from interop_harness.profile.openapi import find
from interop_harness.suite.collection import SAMPLE

EVERY_SCOPE = frozenset({"missing"})
"""Changes made at every scope there is; the others at one, drawn by the member's name, so that all scopes occur."""


@dataclass(frozen=True)
class Site:
    """A member as it occurs in the clean answers of an operation."""

    operation: Operation
    path: Path
    value: Any
    body: Any
    """The first clean body that has it."""
    status: int
    targets: tuple[str, ...]
    """The plain addresses whose answers have it."""
    formats: tuple[str, ...]
    codes: tuple[Any, ...]

    @property
    def where(self) -> str:
        return "/".join(self.path)


def mutants(ground: Ground) -> Iterator[Mutant]:
    """Every schema mutation of every operation that breaks the documented schema."""
    for operation in ground.operations:
        schema = ground.generated(operation.id, "schema")
        if not schema:
            continue
        for site in sites(ground, operation):
            for change in changes(site):
                if breaks(ground, site, change):
                    yield from scoped(ground, site, change, schema)


def sites(ground: Ground, operation: Operation) -> list[Site]:
    """The members of an operation's successful answers, each with an example of a value that is not blank."""
    if operation.id not in ground.sites:
        ground.sites[operation.id] = _sites(ground, operation)
    found: list[Site] = ground.sites[operation.id]
    return found


def _sites(ground: Ground, operation: Operation) -> list[Site]:
    found: dict[Path, list[Any]] = {}
    sampled = ground.sampled(operation.id)
    for answer in ground.good(operation.id):
        if operation.path_parameters and sampled and answer.target not in sampled:
            continue
        seen: set[Path] = set()
        for path, value in bodies.walk(answer.value):
            if path[-1] == "*":
                continue
            entry = found.setdefault(path, [value, answer.value, answer.status, []])
            if entry[0] is None or entry[0] == "" or entry[0] == []:
                entry[:3] = [value, answer.value, answer.status]
            if path not in seen:
                seen.add(path)
                if "?" not in answer.target:
                    entry[3].append(answer.target)
    made = []
    for path, (value, body, status, targets) in sorted(found.items()):
        _, schema = bodies.documented(ground.profile, operation, status)
        parts = _at(ground, schema, path)
        formats = tuple(dict.fromkeys(str(part["format"]) for part in parts if "format" in part))
        codes = tuple(code for part in parts for code in part.get("enum", ()) if code not in (None, ""))
        made.append(Site(operation, path, value, body, status, tuple(targets), formats, codes))
    return made


def site_at(ground: Ground, operation: Operation, path: Path) -> Site | None:
    return next((site for site in sites(ground, operation) if site.path == path), None)


def _at(ground: Ground, schema: Mapping[str, Any], path: Path) -> list[Mapping[str, Any]]:
    """Every schema that has a say at a path: references, allOf, anyOf and oneOf followed."""
    here = _parts(ground, schema)
    for step in path:
        below = [part.get("items") if step == "*" else part.get("properties", {}).get(step) for part in here]
        here = [each for part in below if isinstance(part, Mapping) for each in _parts(ground, part)]
    return here


def _parts(ground: Ground, schema: Mapping[str, Any], depth: int = 0) -> list[Mapping[str, Any]]:
    resolved = ground.profile.openapi.resolve(schema)
    found = [resolved]
    for word in ("allOf", "anyOf", "oneOf"):
        for part in resolved.get(word, ()) if depth < 12 else ():
            found += _parts(ground, part, depth + 1)
    return found


def changes(site: Site) -> Iterator[Near]:
    """What is tried on a member: every way there is to get its presence, type, code or format wrong."""
    yield near.MISSING
    yield near.NULL
    yield from near.other_types(site.value)
    if site.codes and isinstance(site.value, str):
        yield from near.near_codes(site.codes)
    for name in site.formats:
        if isinstance(site.value, str):
            yield from near.FORMATS.get(name, ())
    if isinstance(site.value, str) and not site.formats and not site.codes:
        yield near.EMPTY
    if isinstance(site.value, (int, float)) and not isinstance(site.value, bool):
        yield near.always("negative", "a number below nought", -1)


def breaks(ground: Ground, site: Site, change: Near) -> bool:
    """The oracle: the documented schema no longer holds once the member is changed."""
    made = bodies.changed(site.body, site.path, change.make)
    if repr(made) == repr(site.body):
        return False
    media, _ = bodies.documented(ground.profile, site.operation, site.status)
    if media.endswith("xml"):  # XML has no types of its own: what cannot be written cannot be wrong
        raw = bodies.write(ground.profile, site.operation, site.status, made)
        try:
            made = bodies.read(ground.profile, site.operation, site.status, raw)
        except ValueError:
            return True
    return ground.breaks_schema(site.operation, made, site.status)


def scoped(
    ground: Ground, site: Site, change: Near, named: tuple[str, ...], wanted: Sequence[str] = ()
) -> Iterator[Mutant]:
    """One change at its scopes. ``named``: what it is made to break; whatever looks at the member may say so too."""
    operation, where = site.operation, site.where
    scopes = [EVERY, *(scope for scope in (ONE, LAST) if _has_scope(ground, site, scope))]
    if wanted:
        scopes = [scope for scope in scopes if scope in wanted] or [EVERY]
    elif change.kind not in EVERY_SCOPE:
        scopes = [scopes[drawn(f"{operation.id} {where} {change.kind}", len(scopes))]]
    acceptable = ground.order((*named, *ground.about(operation.id, _below_record(ground, operation, site.path))))
    if ground.is_list(operation) and "/" + "/".join(site.path) in ground.spec(operation.id).members.values():
        paging = ground.rows(lambda c: c.family.startswith("pagination.") and c.arguments["operation"] == operation.id)
        acceptable = ground.order((*acceptable, *paging))
    if not operation.safe:
        acceptable = ground.order((*acceptable, *ground.families("roundtrip")))
    if breaks(ground, site, change):
        acceptable = ground.order((*acceptable, *ground.generated(operation.id, "schema")))
    compared = ground.rows(lambda c: c.family == "formats.same" and operation.id in words_of(c.arguments))
    acceptable = ground.order((*acceptable, *compared))
    for scope in scopes:
        chosen = _chosen(ground, site, scope, change)
        places = {EVERY: "in every answer", ONE: f"in one record ({chosen})", LAST: "on the last page"}[scope]
        yield mutant(
            operation.id,
            change.kind,
            where,
            scope,
            f"{operation.method} {operation.path}: {where} is {change.told} {places}",
            acceptable,
            edit(ground, operation, site.path, change.make, scope, chosen=chosen),
        )


def _below_record(ground: Ground, operation: Operation, path: Path) -> Path:
    record = ground.record_path(operation)
    return path[len(record) :] if path[: len(record)] == record else path


def _has_scope(ground: Ground, site: Site, scope: str) -> bool:
    operation = site.operation
    if not ground.is_list(operation):
        return scope == ONE and len(site.targets) > 1 and bool(operation.path_parameters)
    spec = ground.spec(operation.id)
    items = (*bodies.steps(spec.items), "*")
    if scope == ONE:
        return site.path[: len(items)] == items and len(ground.records(operation.id)) > 1
    if not spec.members.get("total_pages") or not spec.members.get("page_number"):
        return False
    last = _last_page(ground, site)
    return last is not None and bool(bodies.values(last, site.path))


def _last_page(ground: Ground, site: Site) -> Any:
    members = ground.spec(site.operation.id).members
    for answer in ground.good(site.operation.id):
        pages, number = find(answer.value, members["total_pages"]), find(answer.value, members["page_number"])
        if pages == number and isinstance(number, int) and number > 1:
            return answer.value
    return None


def _chosen(ground: Ground, site: Site, scope: str, change: Near) -> str:
    """The one record that a change at scope one is made in: one that the change makes another."""
    if scope != ONE:
        return ""
    if not ground.is_list(site.operation):
        return site.targets[drawn(site.where, len(site.targets))]
    spec = ground.spec(site.operation.id)
    items = (*bodies.steps(spec.items), "*")
    rest = site.path[len(items) + len(bodies.steps(spec.record)) :]
    # a member may be there only when it is asked for: then it is in none of the records as they are listed plainly
    asked = (
        record
        for answer in ground.good(site.operation.id)
        for record in bodies.values(answer.value, (*items, *bodies.steps(spec.record)))
    )
    for records in (ground.records(site.operation.id), asked):
        named = [ground.id_of(site.operation.id, record) for record in records if _spoilt(record, rest, change)]
        names = list(dict.fromkeys(name for name in named if name))
        if rest == bodies.steps(spec.id) and len(names) > SAMPLE:
            names = [names[0], names[-1]]  # always read: another id might not be drawn
        if names:
            return names[drawn(site.where, len(names))]
    return ""


def _spoilt(record: Any, path: Path, change: Near) -> bool:
    """Whether the change makes another record of it: one that has the member, and not that very value already."""
    return bool(bodies.values(record, path)) and repr(bodies.changed(record, path, change.make)) != repr(record)
