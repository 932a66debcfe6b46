"""The same supplier with a smaller or a larger directory: lists thinned out, or their records many times over.

Only lists in pages are changed, and only the entries: every record can still be read at its own address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import Ground
from interop_harness.assurance.assay.lists import composed
from interop_harness.assurance.assay.mutant import Apply
from interop_harness.assurance.assay.questions import whole
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def _lists(ground: Ground, *, empty: bool = False) -> list[Operation]:
    """Lists that may hold what they like: in pages, and not the list that something else must stand in."""
    targets = {str(case.arguments.get("target")) for case in ground.cases if case.family == "references.listed"}
    filled = {
        str(case.arguments.get("operation"))
        for case in ground.cases
        if case.family == "pagination.not_empty" and ground.level[case.requirement].level.value == "MUST"
    }
    return [
        one
        for one in ground.operations
        if ground.is_list(one)
        and ground.spec(one.id).page_parameter
        and ground.spec(one.id).size_parameter
        and one.id not in targets
        and not (empty and one.id in filled)
    ]


def _relisted(
    ground: Ground, lists: Sequence[Operation], change: Callable[[str, list[Any]], list[Any]], detail: Apply | None
) -> Apply:
    names = {one.id: one for one in lists}

    def apply(handler: Handler) -> Handler:
        inner = detail(handler) if detail is not None else handler
        kept: dict[str, list[Any]] = {}

        def handle(request: SandboxRequest) -> SandboxResponse:
            found = ground.of(request)
            if found is None or found.id not in names or request.method not in ("GET", "HEAD"):
                return inner(request)
            answer = handler(request)
            if answer.status != 200:
                return answer
            spec = ground.spec(found.id)
            asked = [pair for pair in request.query if pair[0] not in {spec.page_parameter, spec.size_parameter}]
            key = f"{found.id} {asked}"
            if key not in kept:
                kept[key] = change(found.id, whole(ground, found, handler, request))
            plain = bodies.read(ground.profile, found, 200, answer.body)
            size = _size(ground, found, plain, request)
            query = [*asked, (spec.page_parameter, str(_number(request, spec.page_parameter)))]
            made = replace(request, query=(*query, (spec.size_parameter, str(size))))
            return composed(ground, found, handler, made, kept[key])

        return handle

    return apply


def _number(request: SandboxRequest, name: str) -> int:
    text = dict(request.query).get(name, "1")
    return int(text) if text.isdigit() and int(text) else 1


def _size(ground: Ground, operation: Operation, plain: Any, request: SandboxRequest) -> int:
    text = dict(request.query).get(ground.spec(operation.id).size_parameter, "")
    return min(int(text), 100) if text.isdigit() and int(text) else 25


def thinned(count: int) -> Callable[[Ground, str], Apply | None]:
    """Lists hold their first so many records and no others."""

    def make(ground: Ground, seed: str) -> Apply | None:
        lists = _lists(ground, empty=count == 0)
        if not lists:
            return None
        kept = {one.id: {ground.id_of(one.id, record) for record in ground.records(one.id)[:count]} for one in lists}
        return _relisted(
            ground, lists, lambda name, found: [one for one in found if ground.id_of(name, one) in kept[name]], None
        )

    return make


def multiplied(factor: int) -> Callable[[Ground, str], Apply | None]:
    """The first list holds each of its records so many times, every time with an id of its own."""

    def make(ground: Ground, seed: str) -> Apply | None:
        lists = [one for one in _lists(ground) if ground.item_of(one.id) and len(ground.records(one.id)) > 20][:1]
        if not lists or not all(UUID.match(ground.id_of(lists[0].id, one)) for one in ground.records(lists[0].id)):
            return None
        item = ground.profile.operations[ground.item_of(lists[0].id)]

        def copies(name: str, found: list[Any]) -> list[Any]:
            made = list(found)
            for number in range(1, factor):
                for record in found:
                    made.append(_renamed(record, ground.id_of(name, record), number))
            return made

        def detail(handler: Handler) -> Handler:
            def handle(request: SandboxRequest) -> SandboxResponse:
                found = ground.of(request)
                name = request.path.rpartition("/")[2]
                if found is None or found.id != item.id or not UUID.match(name):
                    return handler(request)
                known = handler(request)
                if known.status == 200:
                    return known
                for number in range(1, factor):
                    first = _moved(name, -number)
                    path = f"{request.path.rpartition('/')[0]}/{first}"
                    answer = handler(replace(request, path=path))
                    if answer.status == 200:
                        body = answer.body.replace(first.encode(), name.encode())
                        return replace(answer, body=body)
                return known

            return handle

        return _relisted(ground, lists, copies, detail)

    return make


def _moved(name: str, by: int) -> str:
    """Another id of the same form: the first eight digits counted on."""
    return f"{(int(name[:8], 16) + by * 0x01010101) % 0x100000000:08x}{name[8:]}"


def _renamed(record: Any, name: str, number: int) -> Any:
    if isinstance(record, dict):
        return {key: _renamed(value, name, number) for key, value in record.items()}
    if isinstance(record, list):
        return [_renamed(value, name, number) for value in record]
    return _moved(name, number) if record == name else record
