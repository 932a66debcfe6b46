"""How many values a body may hold, whatever it is made of: commas, objects within objects, elements of XML."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop_harness.evidence import Exchange, Request, Response
from interop_harness.evidence.crowd import MOST_CONTAINERS, crowd
from interop_harness.suite import xml
from interop_harness.suite.body import MAX_VALUES, Bodies, parse
from interop_harness.suite.outcome import Inconclusive


def values(value: Any) -> int:
    """Every value that lies in one, itself among them."""
    if isinstance(value, dict):
        return 1 + sum(map(values, value.values()))
    return 1 + sum(map(values, value)) if isinstance(value, list) else 1


SHAPES = {
    "objects of one member within one another": b"[" + b",".join([b'{"a":' * 5 + b"1" + b"}" * 5] * 20_000) + b"]",
    "arrays within one another": b"[" + b",".join([b"[[[[[[1]]]]]]"] * 20_000) + b"]",
    "empty ones": b"[" + b",".join([b'{"a":[],"b":{}}'] * 40_000) + b"]",
    "numbers": b"[" + b",".join([b"1"] * 100_000) + b"]",
    "commas in texts": json.dumps([",{[" * 50_000]).encode(),
}


@pytest.mark.parametrize("name", SHAPES)
def test_commas_objects_and_arrays_together_bound_the_values(name: str) -> None:
    body = SHAPES[name]
    assert not crowd(body)
    assert values(parse(body)) <= 1 + body.count(b",") + body.count(b"{") + body.count(b"[")


def test_more_values_than_are_read_are_our_caution_and_no_finding() -> None:
    body = b"[" + b"1," * (MAX_VALUES + 1) + b"1]"
    with pytest.raises(Inconclusive, match="more than 500,000 values at once"):
        Bodies().json(Exchange(Request("GET", "/"), Response(200, (), body)))


def test_what_has_no_commas_is_bounded_as_it_comes() -> None:
    nested = b"[" + b",".join([b'{"a":' * 100 + b"1" + b"}" * 100] * (MOST_CONTAINERS // 100)) + b"]"
    assert nested.count(b",") < MAX_VALUES
    assert crowd(nested)
    elements = b"<a>" + b"<b/>" * xml.MAX_ELEMENTS + b"</a>"
    assert elements.count(b",") == 0
    with pytest.raises(xml.RefusedXml):
        xml.parse(elements)
