"""Fields that are chosen from a list have something to choose from, and the options can be told apart."""

from __future__ import annotations

from typing import Any

from interop_harness.checks import forms
from interop_harness.checks.values import Value

FIELDS: list[dict[str, Any]] = [
    {"kind": "list", "values": [{"key": 1}, {"key": "2"}]},
    {"kind": "list", "values": []},
    {"kind": "list"},
    {"kind": "text"},
    {"kind": "list", "values": [{"key": "a"}, {"key": "a"}, {"key": None}]},
]


def values() -> list[Value]:
    return [Value("x", f"/{number}", field) for number, field in enumerate(FIELDS)]


def test_only_lists_need_options() -> None:
    found = forms.choices(values(), "/kind", ["list"])
    assert [field.pointer for field in found] == ["/0", "/1", "/2", "/4"]
    assert [finding.pointer for finding in forms.options(found, "/values")] == ["/1/values", "/2/values"]


def test_keys_are_told_apart() -> None:
    (found,) = forms.keys(values(), "/values", "/key")
    assert found.pointer == "/4/values/1/key"
