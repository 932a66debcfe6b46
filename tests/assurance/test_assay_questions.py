"""Which requirements are about a parameter, and which of them a parameter without effect breaks."""

from __future__ import annotations

import pytest

from interop_harness.assurance.assay import questions

from .test_assay import of

REPORTS = "open311-georeport"


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ("start_date", {"O311-WIN-03", "O311-WIN-12", "O311-WIN-13"}),
        ("end_date", {"O311-WIN-03", "O311-WIN-12", "O311-WIN-13"}),
        ("status", {"O311-WIN-12"}),
        ("service_code", {"O311-WIN-12"}),
    ],
)
def test_a_parameter_that_is_ignored_breaks_what_is_asked_beside_it_and_with_one_end(
    parameter: str, told: set[str]
) -> None:
    ground = of(REPORTS).ground
    assert told <= set(questions.telling(ground, "listRequestsXml", parameter))
    assert told <= set(questions.naming(ground, "listRequestsXml", parameter))
