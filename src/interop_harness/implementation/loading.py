"""From what a user names, a URL or a file, to a target that may be tested."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from interop_harness.errors import TargetError
from interop_harness.implementation.address import check_base_url, is_loopback
from interop_harness.implementation.clear_text import refuse_clear_text
from interop_harness.implementation.hostile_yaml import read_text
from interop_harness.implementation.model import ENVIRONMENTS, Implementation
from interop_harness.implementation.target_file import limit, parse_target
from interop_harness.implementation.words import check_name, one_of, plain_text, shown


def load_target(
    target: str,
    *,
    claims: Iterable[str] = (),
    authorised_by: str | None = None,
    environment: str | None = None,
    timeout: float | None = None,
    rate: float | None = None,
    workers: int | None = None,
) -> Implementation:
    """The target that a URL or a file names, with what the command line adds. Raises TargetError.

    ``claims`` are ``CLASS=true`` or ``CLASS=false``, and override the file's.
    """
    if _looks_like_url(target):
        base_url = check_base_url(target)
        found = Implementation(
            base_url, environment="development" if is_loopback(urlsplit(base_url).hostname or "") else "test"
        )
    else:
        path = Path(target)
        found = parse_target(read_text(path), target, path.parent)
    limits = found.limits
    for name, given in (("timeout", timeout), ("rate", rate), ("workers", workers)):
        if given is not None:
            limits = replace(limits, **{name: limit(name, given, f"--{name}")})
    found = replace(
        found,
        limits=limits,
        claims={**found.claims, **_claims(claims)},
        authorised_by=plain_text(authorised_by, "--authorised-by") if authorised_by else found.authorised_by,
        environment=one_of(environment, ENVIRONMENTS, "--environment") if environment else found.environment,
    )
    _check_whole(found)
    return found


def _looks_like_url(target: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", target) is not None


def _check_whole(target: Implementation) -> None:
    if target.development_endpoint and target.environment != "development":
        raise TargetError(
            "target-environment",
            f"A plain-HTTP endpoint on this machine is a development endpoint, not {target.environment}.",
            "Set environment: development, or test the real address.",
        )
    if not target.loopback and not target.authorised_by:
        raise TargetError(
            "target-authorisation",
            f"Nobody is named as having allowed a test of {target.host}.",
            "Say who did: authorised_by in the target file, or --authorised-by WHO. "
            "The suite sends malformed requests; it must not be pointed at anybody's service without consent.",
        )
    refuse_clear_text(target)


def _claims(texts: Iterable[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for name, claimed in map(_claim, texts):
        if found.setdefault(name, claimed) is not claimed:
            raise TargetError(
                "target-claim", f"--claim says both {name}=true and {name}=false.", "Keep the one that holds."
            )
    return found


def _claim(text: str) -> tuple[str, bool]:
    name, equals, value = text.partition("=")
    if value.lower() not in ("true", "false") if equals else False:
        raise TargetError("target-claim", f"--claim {shown(text)} is not a claim.", "Write CLASS=true or CLASS=false.")
    return check_name(name, "--claim"), value.lower() != "false"
