"""A profile as one HTML page for people: what it asks, from which clause, how each thing is tested."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from interop_harness.rendering.html import FOLDER, environment


def profile_page(profile: Mapping[str, Any]) -> bytes:
    """The page's bytes: no script, nothing loaded, the same for the same profile. See ``assurance.publication``."""
    from markupsafe import Markup

    style = (FOLDER / "style.css").read_text(encoding="ascii")
    digest = base64.b64encode(hashlib.sha256(style.encode("ascii")).digest()).decode("ascii")
    template = environment(FOLDER.parent / "profile").get_template("page.html.j2")
    text = template.render(p=profile, style=Markup(style), style_digest=digest)  # noqa: S704 - our own file
    return bytes(text.encode("utf-8"))
