"""A new profile that runs from the first minute: one operation, one class, one row, everything explained in place."""

from __future__ import annotations

import re
from pathlib import Path

from interop_harness.errors import UsageError

PROFILE = """\
format: interop-profile/1
id: {id}
version: "{version}"
title: {title}
publisher: Who publishes this profile
status: project-defined        # adopted | draft | dormant | project-defined | experimental
standard: {{name: The standard it reads, version: "1", url: "https://example.org/standard"}}
licence: The licence of the standard's text
extends: [{{id: gov-api-baseline, version: "1.0"}}]
prefix: {prefix}
default_class: core
classes:
  - {{id: core, title: Core, mandatory: true, description: What nobody can leave out.}}
documents:                     # what requirements cite
  openapi: {{title: The interface description, url: "https://example.org/openapi"}}
  standard: {{title: The standard's text, url: "https://example.org/standard"}}
generated:                     # rows that every operation of openapi.yaml gets by itself
  source: {{document: openapi, clause: paths}}
  status: {{level: MUST}}
  media-type: {{level: MUST}}
  schema: {{level: MUST}}
  parameters: {{level: SHOULD}}
  invalid: {{level: SHOULD, expect: no-server-error}}
  unknown-id: {{level: SHOULD, expect: [404]}}
parameters:
  collections:                 # how lists are read; without this the shape of the document decides
    listThings: {{items: /things, id: /id, item: getThing}}
"""

OPENAPI = """\
openapi: 3.0.3
info: {{title: {title}, version: "{version}"}}
paths:
  /things:
    get:
      operationId: listThings
      summary: Every thing.
      responses:
        "200":
          description: The things.
          content:
            application/json:
              schema:
                type: object
                required: [things]
                properties:
                  things: {{type: array, items: {{$ref: "#/components/schemas/Thing"}}}}
  /things/{{id}}:
    get:
      operationId: getThing
      summary: One thing.
      parameters:
        - {{name: id, in: path, required: true, schema: {{type: string}}}}
      responses:
        "200":
          description: The thing.
          content:
            application/json:
              schema: {{$ref: "#/components/schemas/Thing"}}
components:
  schemas:
    Thing:
      type: object
      required: [id, name]
      properties:
        id: {{type: string}}
        name: {{type: string, minLength: 1}}
"""

REQUIREMENTS = """\
# One row a requirement. Families and their arguments: the functions of conformance/, one a family.
requirements:
  - id: {prefix}-REF-01
    level: MUST
    class: core
    statement: Every thing that is listed can be read by itself.
    source: {{document: standard, clause: "section 1"}}
    basis: stated
    why: A consumer that follows a listed id into nothing cannot use the list.
    fix: Serve every listed id, or take it off the list.
    check: {{family: references.list_ids_resolve, operation: listThings, item: getThing}}
  - id: {prefix}-OPS-01
    level: SHOULD
    class: core
    statement: Changes are announced before they are made.
    source: {{document: standard, clause: "section 2"}}
    basis: stated
    why: Consumers need time to follow.
    declared: Do you announce changes to consumers before you make them?
"""

README = """\
# {title}

What this profile covers, what it cannot, and each reading chosen where the standard leaves a choice.
"""


def scaffold(folder: Path, identifier: str, version: str, title: str) -> list[Path]:
    """Write ``folder/<id>/<version>/``. Raises UsageError for an unusable id or a folder that exists."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", identifier):
        raise UsageError("profile-id", f"{identifier!r} is no profile id.", "Use lower case, digits and hyphens.")
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        raise UsageError("profile-version", f"{version!r} is no version.", "Use digits and dots, like 0.1.")
    place = folder / identifier / version
    if place.exists():
        raise UsageError("profile-exists", f"{place} exists already.", "Choose another id or version.")
    prefix = "".join(part[0] for part in identifier.split("-")).upper()
    prefix = prefix if len(prefix) > 1 else identifier[:4].upper()
    words = {"id": identifier, "version": version, "title": title or identifier, "prefix": prefix}
    files = {
        "profile.yaml": PROFILE,
        "openapi.yaml": OPENAPI,
        "requirements.yaml": REQUIREMENTS,
        "README.md": README,
    }
    place.mkdir(parents=True)
    written = []
    for name, text in files.items():
        path = place / name
        path.write_text(text.format(**words), encoding="utf-8")
        written.append(path)
    return written
