"""A list larger than what is kept parsed: cases look at all of it, and hold a little of it at a time."""

from __future__ import annotations

import weakref
from typing import Any

import pytest

from interop_harness.plan import Options
from interop_harness.requirement import Outcome
from interop_harness.suite import body as module
from tests.checks.miniature import directory, judged, things

RECORDS, PAGES = 120, 3
EXHAUSTIVE = Options(exhaustive=True)
LISTED = {"operation": "listThings", "item": "getThing"}


class Body(dict[str, Any]):
    """A parsed body whose life can be watched."""

    __slots__ = ("__weakref__",)


@pytest.mark.parametrize(
    ("family", "arguments"),
    [
        ("references.list_detail_agree", {**LISTED, "members": ["/name"]}),
        ("references.detail_id", {"operation": "getThing"}),
        ("fields.required", {"operation": "getThing", "members": ["/name"]}),
        ("responses.schema", {"operation": "getThing"}),
        ("responses.data_keys", {"operation": "getThing"}),
        ("identifiers.uprn_usrn", {"operations": ["listThings", "getThing"]}),
        ("dates.rfc3339", {"operations": ["listThings", "getThing"], "rule": "zone"}),
    ],
)
def test_few_bodies_are_held_at_a_time(monkeypatch, family, arguments):
    read = alive = most = 0
    parse = module.parse

    def watched(text: bytes) -> Any:
        nonlocal read, alive, most
        body = Body(parse(text))
        weakref.finalize(body, gone)
        read, alive = read + 1, alive + 1
        most = max(most, alive)
        return body

    def gone() -> None:
        nonlocal alive
        alive -= 1

    monkeypatch.setattr(module, "parse", watched)
    monkeypatch.setattr(module, "KEEP_BYTES", 2_000)
    monkeypatch.setattr(module, "KEEP_OF_MANY", 2_000)
    result = judged(family, directory(things(RECORDS)), arguments, options=EXHAUSTIVE)
    assert result.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}, result
    assert read >= RECORDS, "every record was looked at"
    assert most < RECORDS / 4, f"{most} of {RECORDS + PAGES} bodies at once"
