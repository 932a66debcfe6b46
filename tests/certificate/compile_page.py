"""Writes what Jinja2 makes of the page's template; run ``python -m tests.certificate.compile_page`` when that changes.

With another version of Jinja2, or of the template, the file is passed over and the template compiled afresh.
"""

from __future__ import annotations

from pathlib import Path

import jinja2

from interop_harness.certificate import templates
from interop_harness.certificate.templates import v1

PLACE = Path(templates.__file__).parent / "compiled_v1.py"
HEAD = '''"""What Jinja2 makes of v1/page.html.j2. Written by tests.certificate.compile_page, never by hand."""

# ruff: noqa
# fmt: off
# mypy: ignore-errors
JINJA2 = "{version}"
RENDERER = "{digest}"


def build(environment):
    """The members of the compiled template, for ``Template.from_module_dict``."""
    __file__ = "page.html.j2"
'''


def compiled() -> str:
    source = (Path(v1.__file__).parent / "page.html.j2").read_text(encoding="ascii")
    made = v1.environment_of().compile(source, name="page.html.j2", raw=True)
    head = HEAD.format(version=jinja2.__version__, digest=templates.digest("v1"))
    body = "".join(f"    {line}".rstrip() + "\n" for line in made.splitlines())
    return f"{head}{body}    return locals()\n"


if __name__ == "__main__":
    PLACE.write_text(compiled(), encoding="ascii")
