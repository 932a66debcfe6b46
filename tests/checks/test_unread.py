"""A rule about what answers hold does not call itself out of place where some of them could not be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interop_harness.requirement import Outcome
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from tests.checks.miniature import directory, judged, reply

EVERYWHERE = {"operations": ["listThings", "getThing"]}
RULES = [("dates.rfc3339", {**EVERYWHERE, "rule": "zone"}), ("identifiers.uprn_usrn", EVERYWHERE)]


@pytest.mark.parametrize(("family", "arguments"), RULES)
def test_what_cannot_be_read_may_hold_it(family, arguments):
    def cut(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        half = request.path.startswith("/things/") and request.path.endswith("5")
        return replace(response, body=response.body[:-9]) if half else response

    result = judged(family, directory(answer=cut), arguments)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "could not be read" in result.reason and "/things/" in result.reason


@pytest.mark.parametrize(("family", "arguments"), RULES)
def test_what_was_not_served_holds_nothing(family, arguments):
    def missing(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        gone = request.path.startswith("/things/") and request.path.endswith("5")
        return replace(reply({"error": "gone"}), status=404) if gone else response

    assert judged(family, directory(answer=missing), arguments).outcome is Outcome.NOT_APPLICABLE
