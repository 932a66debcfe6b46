"""Values that rows leave to the target file: ``fact:uprn`` is whatever the supplier stated under facts as uprn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interop_harness.suite.outcome import NotApplicable
from interop_harness.suite.supplier import Supplier

MARK = "fact:"


def stated(supplier: Supplier, value: Any) -> str:
    """A value of a row as text, or the fact that it names. Raises Inconclusive when the fact is not stated."""
    text = str(value)
    return str(supplier.fact(text.removeprefix(MARK))) if text.startswith(MARK) else text


def stated_query(supplier: Supplier, query: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The query of a row with its facts filled in, in the row's order."""
    return tuple((name, stated(supplier, value)) for name, value in query.items())


def only_stated(supplier: Supplier, names: list[str]) -> None:
    """Some questions arise only where the supplier has such a thing: without the fact they do not apply."""
    for name in names:
        if name not in supplier.facts:
            raise NotApplicable(f"The target file states no fact {name!r}: where there is one, it is tested.")
