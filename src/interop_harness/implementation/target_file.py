"""The target file, key by key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from interop_harness.errors import TargetError
from interop_harness.implementation.address import check_base_url, check_proxy, is_loopback
from interop_harness.implementation.auth import read_auth
from interop_harness.implementation.hostile_yaml import Scalar, file_at, given, read_yaml, scalar
from interop_harness.implementation.model import ENVIRONMENTS, NOT_STATED, Implementation, Limits
from interop_harness.implementation.words import check_name, known_keys, one_of, plain_text, shown

TOP_KEYS = (
    "supplier",
    "product",
    "version",
    "environment",
    "base_url",
    "auth",
    "claims",
    "declarations",
    "facts",
    "limits",
    "ca_file",
    "proxy",
    "authorised_by",
)

_LIMITS: Mapping[str, tuple[float, float]] = {
    "timeout": (0.05, 600),
    "connect_timeout": (0.05, 120),
    "max_body_bytes": (1024, 1024**3),
    "max_redirects": (0, 20),
    "max_attempts": (1, 10),
    "max_wait": (0, 600),
    "wait_budget": (0, 3600),
    "give_up_after": (1, 10_000),
    "rate": (0.01, 10_000),
    "workers": (1, 64),
}

_WHOLE_LIMITS = frozenset({"max_body_bytes", "max_redirects", "max_attempts", "give_up_after", "workers"})


def parse_target(text: str, name: str, folder: Path) -> Implementation:
    """What the text of a target file says; its paths are relative to ``folder``. Raises TargetError."""
    tree = read_yaml(text, name)
    if not isinstance(tree, dict):
        raise TargetError("target-file", f"{name} is not a target file: it holds no keys.")
    known_keys(tree, TOP_KEYS, "the target file")
    if "base_url" not in tree:
        raise TargetError("target-key", f"{name} does not say base_url.", "Add the address under test.")
    base_url = check_base_url(scalar(tree["base_url"], "base_url").text)
    loopback = is_loopback(urlsplit(base_url).hostname or "")

    def words(name: str, otherwise: str = NOT_STATED) -> str:
        if name not in tree:
            return otherwise
        return plain_text(scalar(tree[name], name).text, name) or otherwise

    environment = words("environment", "development" if loopback else "test")
    return Implementation(
        base_url=base_url,
        supplier=words("supplier"),
        product=words("product"),
        version=words("version"),
        environment=one_of(environment, ENVIRONMENTS, "environment"),
        auth=read_auth(tree.get("auth"), folder),
        claims=_answers(tree.get("claims"), "claims"),
        facts=_facts(tree.get("facts")),
        limits=_limits(tree.get("limits")),
        ca_file=file_at(tree["ca_file"], "ca_file", folder) if "ca_file" in tree else None,
        proxy=check_proxy(scalar(tree["proxy"], "proxy").text) if given(tree.get("proxy")) else None,
        authorised_by=words("authorised_by", ""),
        declarations=_answers(tree.get("declarations"), "declarations"),
    )


def _limits(tree: Any) -> Limits:
    if not given(tree):
        return Limits()
    if not isinstance(tree, dict):
        raise TargetError("target-limits", "limits must be a mapping.")
    known_keys(tree, tuple(_LIMITS), "limits")
    values = {name: limit(name, scalar(value, name).json(), f"limits.{name}") for name, value in tree.items()}
    return replace(Limits(), **values)


def limit(name: str, value: Any, where: str) -> Any:
    low, high = _LIMITS[name]
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not low <= value <= high or (name in _WHOLE_LIMITS and value != int(value)):
        kind = "a whole number" if name in _WHOLE_LIMITS else "a number"
        raise TargetError("target-limits", f"{where} must be {kind} from {low:g} to {high:g}.")
    return int(value) if name in _WHOLE_LIMITS else float(value)


def _answers(tree: Any, where: str) -> dict[str, bool]:
    if not given(tree):
        return {}
    if not isinstance(tree, dict):
        raise TargetError("target-answers", f"{where} must be a mapping of names to true or false.")
    answers: dict[str, bool] = {}
    for name, value in tree.items():
        said = value.json() if isinstance(value, Scalar) else None
        if not isinstance(said, bool):
            raise TargetError("target-answers", f"{where}.{shown(name)} must be true or false.")
        answers[check_name(name, where)] = said
    return answers


def _facts(tree: Any) -> dict[str, Any]:
    if not given(tree):
        return {}
    if not isinstance(tree, dict):
        raise TargetError("target-facts", "facts must be a mapping.")
    return {check_name(name, "facts"): _json(value) for name, value in tree.items()}


def _json(tree: Any) -> Any:
    if isinstance(tree, Scalar):
        return tree.json()
    if isinstance(tree, dict):
        return {name: _json(value) for name, value in tree.items()}
    return [_json(value) for value in tree]
