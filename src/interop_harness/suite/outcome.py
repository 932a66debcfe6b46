"""How a test function stops early: it could not tell, or the question does not arise."""

from __future__ import annotations

from interop_harness.evidence import Attribution


class Inconclusive(Exception):  # noqa: N818 - a verdict, not an error
    """We could not tell. ``exchange`` names the answer that stood in the way, so that blame stays with it."""

    def __init__(self, reason: str, exchange: str = "", attribution: Attribution = Attribution.SERVICE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exchange = exchange
        self.attribution = attribution


class NotApplicable(Exception):  # noqa: N818 - a verdict, not an error
    """The question does not arise for this implementation, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
