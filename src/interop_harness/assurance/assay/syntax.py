"""Mutants of the text of a body: no longer JSON or XML, no longer UTF-8, readable in two ways, named otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay.answers import succeeded, with_body
from interop_harness.assurance.assay.errors import PAGE
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    pass


def syntax_mutants(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    """The bytes of a body: no longer JSON or XML, no longer UTF-8, or readable in two ways."""
    schema = ground.generated(operation.id, "schema")
    strict = _rules(ground)
    utf8 = ground.families("responses.utf8")
    xml = ground.in_xml(operation)
    changes: list[tuple[str, str, Sequence[str], Callable[[bytes], bytes]]] = [
        ("body-empty", "nothing", schema, lambda body: b""),
        ("body-html", "an HTML page", schema, lambda body: PAGE),
        ("body-cut", "a body that breaks off", schema, lambda body: body[: len(body) * 2 // 3]),
        ("body-latin-1", "text in Latin-1", (*utf8, *schema), _latin_1),
        ("body-utf-16", "text in UTF-16", (*utf8, *schema), lambda body: body.decode().encode("utf-16")),
    ]
    if xml:
        safe, declared, plain = (
            ground.families(f"formats.{name}") for name in ("safe_xml", "declaration", "plain_names")
        )
        doctype = b'<!DOCTYPE d [<!ENTITY e "x">]>'
        changes += [
            ("xml-doctype", "a document type", (*safe, *schema), lambda body: body.replace(b"?>", b"?>" + doctype, 1)),
            (
                "xml-no-declaration",
                "no XML declaration",
                declared,
                lambda body: re.sub(rb"^<\?xml.*?\?>\s*", b"", body),
            ),
            (
                "xml-latin-1",
                "a declaration of Latin-1",
                (*declared, *safe),
                lambda b: re.sub(rb"(?i)utf-8", b"iso-8859-1", b, count=1),
            ),
            ("xml-namespace", "a foreign namespace", (*plain, *safe, *schema), _namespace),
            ("xml-root-renamed", "another root element", schema, _root_renamed),
        ]
    else:
        changes += [
            ("json-bom", "a byte order mark", strict.get("bom", ()), lambda body: b"\xef\xbb\xbf" + body),
            ("json-nan", "NaN", (*strict.get("constants", ()), *schema), _nan),
            ("json-trailing", "two JSON texts", (*strict.get("trailing", ()), *schema), lambda body: body + b" {}"),
            ("json-comma", "a comma too many", (*strict.get("trailing", ()), *schema), _comma),
            ("json-single-quotes", "JSON in single quotes", (*strict.get("trailing", ()), *schema), _quotes),
            ("json-twice", "a name twice in an object", strict.get("duplicates", ()), _twice),
        ]
        objects = ground.families("responses.top_level_object")
        changes.append(("json-in-array", "its body in an array", (*schema, *objects), lambda body: b"[" + body + b"]"))
        changes.append(
            ("json-in-text", "its JSON as text", (*schema, *objects), lambda b: json.dumps(b.decode()).encode())
        )
    for kind, told, rows, change in changes:
        if ground.order(rows):
            yield mutant(
                operation.id,
                kind,
                "",
                EVERY,
                f"{operation.method} {operation.path} answers with {told}",
                ground.order(rows),
                answering(succeeded(ground, operation), with_body(change)),
            )


def _rules(ground: Ground) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in ("bom", "constants", "trailing", "duplicates"):
        found[name] = ground.rows(
            lambda case, name=name: (  # type: ignore[misc]
                case.family == "responses.strict_json"
                and name in case.arguments.get("rules", ("bom", "constants", "trailing", "duplicates"))
            )
        )
    return found


def _latin_1(body: bytes) -> bytes:
    """Accents as single bytes; a word with one is put in where the text has none to tell the two apart."""
    made = body.decode("utf-8").encode("latin-1", "replace")
    try:
        made.decode("utf-8")
    except UnicodeDecodeError:
        return made
    return re.sub(rb"(\"|>)([A-Za-z][A-Za-z .,]{2,})(\"|<)", b"\\1\\2 caf\xe9\\3", made)


def _quoted(body: bytes) -> bytes:
    return json.dumps(body.decode("utf-8")).encode()


def _nan(body: bytes) -> bytes:
    return re.sub(rb":\s*(-?\d+(\.\d+)?|true|false|null|\"[^\"]*\")", b":NaN", body, count=1)


def _comma(body: bytes) -> bytes:
    return re.sub(rb"([}\]])\s*$", b",\\1", body)


def _quotes(body: bytes) -> bytes:
    return body.replace(b'"', b"'")


def _twice(body: bytes) -> bytes:
    found = re.search(rb'"(\w+)"\s*:\s*("[^"\\]*"|\d+|true|false|null)(?=\s*[,}])', body)
    return body[: found.start()] + found[0] + b"," + body[found.start() :] if found else body


def _namespace(body: bytes) -> bytes:
    return re.sub(rb"<([a-z_]+)>", b'<\\1 xmlns="urn:example:other">', body, count=1)


def _root_renamed(body: bytes) -> bytes:
    found = re.search(rb"<([a-z_]+)", body)
    return body.replace(found[1] + b">", b"answer>") if found else body


@rule("responses.key_case", "responses.data_keys", "responses.top_level_object")
def names(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations:
        if ground.in_xml(operation) or not isinstance(ground.good(operation.id)[0].value, (dict, list)):
            continue
        record = ground.record_path(operation)
        if case.family.endswith("data_keys"):
            kind, made = "data-as-name", {"10001234567": "a value", "2026-01-31": "another"}
        elif case.family.endswith("key_case"):
            kind, made = "names-mixed", {"campaignCode": "a", "campaign_name": "b", "campaign-kind": "c"}
        else:
            continue

        def added(value: Any, made: dict[str, str] = made) -> Any:
            return {**value, **made} if isinstance(value, dict) else value

        yield mutant(
            operation.id,
            kind,
            "",
            EVERY,
            f"{operation.path}: members named {', '.join(made)} are added to each record",
            ground.order((case.requirement, *ground.families("responses.key_case", "responses.data_keys"))),
            edit(ground, operation, record, added),
        )
