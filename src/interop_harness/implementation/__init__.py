"""The target: whose implementation is tested, where it answers, what it claims, how to be let in.

A target is a file (docs/target-file.md, schemas/target.schema.json) or a bare URL. Secrets never stand in it:
it names an environment variable (``INTEROP_…``) or a file that holds each one.
"""

from __future__ import annotations

from interop_harness.implementation.address import check_base_url, check_proxy, is_loopback
from interop_harness.implementation.clear_text import nearby, refuse_clear_text
from interop_harness.implementation.loading import load_target
from interop_harness.implementation.model import (
    AUTH_KINDS,
    ENVIRONMENTS,
    NOT_STATED,
    Auth,
    Implementation,
    Limits,
    Reference,
)
from interop_harness.implementation.target_file import parse_target

__all__ = [
    "AUTH_KINDS",
    "ENVIRONMENTS",
    "NOT_STATED",
    "Auth",
    "Implementation",
    "Limits",
    "Reference",
    "check_base_url",
    "check_proxy",
    "is_loopback",
    "load_target",
    "nearby",
    "parse_target",
    "refuse_clear_text",
]
