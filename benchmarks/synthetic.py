"""A profile of any number of operations and a supplier of any number of records, written into a temporary folder.

Half of the operations are lists in pages, each with a filter of its own; half serve one record of such a list. Every
operation has a schema of its own, as the documents of large services have.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from interop_harness.assurance.scaffold import scaffold
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

IDENTIFIER, VERSION = "synthetic-service", "1.0"
PAGE = 50


class _Plain(yaml.SafeDumper):  # type: ignore[misc]
    """Without anchors, which profiles may not have."""

    def ignore_aliases(self, data: object) -> bool:
        return True


MEMBERS = 12
"""Members of a record: with them an answer about one is of about a kilobyte."""


def write_profile(folder: Path, operations: int) -> Path:
    """The profile's folder, with half as many lists as there are operations."""
    scaffold(folder, IDENTIFIER, VERSION, "Synthetic service")
    place = folder / IDENTIFIER / VERSION
    lists = range(operations // 2)
    manifest = (place / "profile.yaml").read_text().partition("parameters:\n")[0]
    (place / "profile.yaml").write_text(manifest + "parameters:\n  collections:\n" + "".join(map(_collection, lists)))
    paths: dict[str, Any] = {}
    for number in lists:
        paths |= _paths(number)
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Synthetic service", "version": VERSION},
        "paths": paths,
        "components": {"schemas": {f"Thing{number}": _schema(number) for number in lists}},
    }
    (place / "openapi.yaml").write_text(yaml.dump(document, Dumper=_Plain, sort_keys=False))
    (place / "requirements.yaml").write_text("requirements:\n" + "".join(map(_requirement, lists)))
    return place


def _collection(number: int) -> str:
    return (
        f"    listThings{number}: {{items: /things, id: /id, item: getThing{number}, page_parameter: page, "
        "page: {total_pages: pages, total_items: total}}\n"
    )


def _requirement(number: int) -> str:
    return (
        f"  - id: SS-REF-{number:04d}\n    level: MUST\n    class: core\n    basis: stated\n"
        f"    statement: Every thing that list {number} holds can be read by itself.\n"
        '    source: {document: standard, clause: "section 1"}\n'
        "    why: A consumer that follows a listed id into nothing cannot use the list.\n"
        "    fix: Serve every listed id.\n"
        f"    check: {{family: references.list_ids_resolve, operation: listThings{number}, item: getThing{number}}}\n"
    )


def _paths(number: int) -> dict[str, Any]:
    thing = {"$ref": f"#/components/schemas/Thing{number}"}
    whole = {"type": "integer", "minimum": 0}
    members = {"things": {"type": "array", "items": thing}, "pages": whole, "total": whole}
    page = {"type": "object", "required": list(members), "properties": members}
    number_of = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    order = {"name": "order", "in": "query", "schema": {"type": "string", "enum": ["name", "id"]}}
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        f"/things-{number}": {"get": _get(f"listThings{number}", page, [number_of, order])},
        f"/things-{number}/{{id}}": {"get": _get(f"getThing{number}", thing, [name])},
    }


def _get(identifier: str, schema: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answer = {"description": "As asked for.", "content": {"application/json": {"schema": schema}}}
    return {"operationId": identifier, "parameters": parameters, "responses": {"200": answer}}


def _schema(number: int) -> dict[str, Any]:
    texts = {f"member{place}": {"type": "string", "minLength": 1} for place in range(MEMBERS)}
    return {
        "type": "object",
        "required": ["id", "name", "number", *texts],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "name": {"type": "string"},
            "number": {"type": "integer", "enum": [number]},
            **texts,
        },
    }


def synthetic(operations: int, records: int) -> Handler:
    """A supplier of all of it, with ``records`` records in each list."""

    def answer(request: SandboxRequest) -> SandboxResponse:
        _, collection, *rest = request.path.split("/")
        word, _, digits = collection.partition("-")
        number = int(digits) if word == "things" and digits.isdigit() else operations
        if number >= operations // 2:
            return _json(404, {"error": "There is nothing here."})
        if not rest:
            return _page(number, dict(request.query).get("page", "1"), records)
        place = int(rest[0][-12:]) if rest[0].startswith("00000000-0000-4000-8000-") else records
        return _json(200, _record(number, place)) if place < records else _json(404, {"error": "No such thing."})

    return answer


def _page(number: int, asked: str, records: int) -> SandboxResponse:
    if not asked.isdigit() or len(asked) > 6 or int(asked) < 1:
        return _json(400, {"error": "page is a whole number from 1."})
    first = (int(asked) - 1) * PAGE
    things = [_record(number, place) for place in range(first, min(first + PAGE, records))]
    return _json(200, {"things": things, "pages": -(-records // PAGE), "total": records})


def _record(number: int, place: int) -> dict[str, Any]:
    words = {f"member{at}": f"What stands in member {at} of record {place} in list {number}." for at in range(MEMBERS)}
    return {"id": f"00000000-0000-4000-8000-{place:012d}", "name": f"Thing {place}", "number": number, **words}


def _json(status: int, value: object) -> SandboxResponse:
    return SandboxResponse(status, (("Content-Type", "application/json"),), json.dumps(value).encode())
