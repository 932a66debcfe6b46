"""Rules of a decision table: which questions meet one, and what is found where the outcome is another."""

from __future__ import annotations

import pytest

from interop_harness.checks import decisions
from interop_harness.checks.decisions import Shape
from interop_harness.evidence import Exchange, Request, Response

SHAPE = Shape("/data/outcome", ("yes", "maybe", "no"), "/error/errors", "/field", ("/reason",))
ASKED = {"code": "PIP", "points": 8, "sure": True, "dob": "2024-03-01", "kinds": ["PUMP", "CAST"], "none": None}


@pytest.mark.parametrize(
    ("when", "met"),
    [
        ({}, True),
        ({"/code": "PIP"}, True),
        ({"/code": ["DLA", "PIP"]}, True),
        ({"/code": "DLA"}, False),
        ({"/code": "PIP", "/points": {"from": 8}}, True),
        ({"/points": {"from": 9}}, False),
        ({"/points": {"from": 1, "to": 8}}, True),
        ({"/points": {"to": 7}}, False),
        ({"/points": {"from": "1"}}, False),  # a number is no text
        ({"/sure": {"from": 0}}, False),  # and a truth is no number
        ({"/sure": True}, True),
        ({"/sure": 1}, False),
        ({"/dob": {"from": "2024-03-01"}}, True),
        ({"/dob": {"from": "2024-03-02"}}, False),
        ({"/kinds": {"without": ["NONE"]}}, True),
        ({"/kinds": {"without": ["NONE", "CAST"]}}, False),
        ({"/code": {"without": ["NONE"]}}, False),
        ({"/absent": {"from": 0}}, False),
        ({"/absent": "PIP"}, False),
        ({"/none": {"from": 0}}, False),
    ],
)
def test_what_meets_a_rule(when: dict[str, object], met: bool) -> None:
    assert decisions.meets(ASKED, when) is met


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ({"data": {"outcome": "yes"}}, True),
        ({"data": {"outcome": "no"}}, False),
        ({"data": {"outcome": "perhaps"}}, True),  # the row that asked finds it
        ({"data": {}}, True),
        (None, True),
    ],
)
def test_an_outcome_against_the_rule_is_found_and_a_missing_one_left_to_its_row(body: object, right: bool) -> None:
    exchange = Exchange(Request("POST", "/checks"), Response(200, (), b""))
    assert bool(list(decisions.settled(exchange, body, SHAPE, "yes", "this"))) is not right
