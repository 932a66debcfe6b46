"""The published example payloads, served as they are at the endpoints they illustrate."""

from __future__ import annotations

import json
from pathlib import Path

from interop_harness.errors import UsageError
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .endpoints import CORS, DISCOVERY, METHODS, NOT_FOUND, answer, problem
from .store import serialise

FILES = {
    "organizations": ("organization_list.json", "organization_full.json"),
    "services": ("service_list.json", "service_full.json"),
    "service_at_locations": ("service_at_location_list.json", "service_at_location_full.json"),
    "taxonomies": ("taxonomy_list.json", "taxonomy.json"),
    "taxonomy_terms": ("taxonomy_term_list.json", "taxonomy_term.json"),
}
"""Path segment to the file of its list and the file of its one record."""


def examples_handler(folder: Path) -> Handler:
    """Serve the ten example files of a folder, byte for byte.

    A list is answered whatever its query says, and a record at the id it carries; no other id is known.
    ``GET /`` has no example, so it says what the reference supplier says, pointing at the published document.
    """
    bodies: dict[str, bytes] = {
        "/": serialise({**DISCOVERY, "openapi_url": "https://openreferraluk.org/specifications/3.0/openapi.json"})
    }
    for segment, (listing, single) in FILES.items():
        record = _read(folder / single)
        bodies[f"/{segment}"] = _read(folder / listing)
        bodies[f"/{segment}/{json.loads(record)['id']}"] = record

    def handle(request: SandboxRequest) -> SandboxResponse:
        body = bodies.get(request.path or "/")
        if body is None:
            return NOT_FOUND
        if request.method == "OPTIONS":
            return SandboxResponse(204, (CORS, ("Allow", METHODS)), b"")
        if request.method not in ("GET", "HEAD"):
            return problem(405, "method-not-allowed", "This address can only be read.", ("Allow", METHODS))
        return answer(200, body)

    return handle


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        json.loads(content)
    except (OSError, ValueError) as error:
        raise UsageError("examples-unreadable", f"The example {path.name} cannot be read: {error}.") from error
    return content
