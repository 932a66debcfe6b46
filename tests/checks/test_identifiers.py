"""UPRNs and USRNs: by the name of the member, and by a member that says the type."""

from __future__ import annotations

import pytest

from .library import books, judged, library, outcome, said

TYPED = {"operation": "getBook", "each": "/home", "value": "reference", "type": "kind"}
NAMED = {"operations": ["listBooks", "getBook"]}


def homes(reference, kind="UPRN", member="uprn"):
    first = [{**book, "home": {"reference": "100023336956", "kind": "UPRN"}, "uprn": "1"} for book in books(3)]
    return [*first, {**books(4)[3], "home": {"reference": reference, "kind": kind}, "deep": [{member: reference}]}]


@pytest.mark.parametrize(
    ("value", "kind"), [("100023336956", "UPRN"), ("1", "uprn"), (8400561, "USRN"), ("0" * 8, "usrn")]
)
def test_digits(value, kind):
    for arguments in (TYPED, NAMED):
        stock = library(homes(value, kind, kind), short=False)
        assert outcome(judged("identifiers.uprn_usrn", stock, arguments)) == "pass"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1000233369567", "UPRN"),
        ("UPRN 123", "UPRN"),
        ("123456789", "USRN"),
        (1.5, "UPRN"),
        (True, "UPRN"),
        (-4, "UPRN"),
    ],
)
def test_no_reference(value, kind):
    stock = library(homes(value, kind, kind), short=False)
    assert "/home/reference" in said(judged("identifiers.uprn_usrn", stock, TYPED))
    assert f"/deep/0/{kind}" in said(judged("identifiers.uprn_usrn", stock, NAMED))


def test_other_references_are_not_looked_at():
    stock = library(homes("anything", "ISBN", "isbn"))
    assert outcome(judged("identifiers.uprn_usrn", stock, TYPED)) == "pass"
    assert outcome(judged("identifiers.uprn_usrn", library(), TYPED)) == "not-applicable"
    assert outcome(judged("identifiers.uprn_usrn", library(), NAMED)) == "not-applicable"
    assert outcome(judged("identifiers.uprn_usrn", library(homes("", "UPRN")), TYPED)) == "pass"
