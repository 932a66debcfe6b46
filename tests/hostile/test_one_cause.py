"""One thing stands in the way of a whole run: it is said once, with everything that it kept from being judged."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.implementation import Auth, Reference
from interop_harness.preflight import UNREACHABLE
from interop_harness.rendering.console import summary
from interop_harness.rendering.view import _REACHING, arrange

from .certificates import authority, make, server_context
from .runs import finished, well
from .server import KEEP, Asked, answer, serving

EXPIRED = "The server's certificate has expired."


def told(report: dict[str, Any], exchanges: Any) -> list[str]:
    """What stands on a console of 80 columns under what could not be judged, a line each."""
    shown = summary(report, exchanges, width=80)
    assert all(len(line) <= 80 for line in shown.splitlines() if "http" not in line)
    part = shown.partition("Could not be judged (")[2].partition("All requirements")[0]
    return part.splitlines()


@pytest.mark.parametrize(
    ("ends", "version", "words", "concern"),
    [
        (-1, None, f"because the service could not be reached. {EXPIRED}", "your service"),
        (
            24,
            ssl.TLSVersion.TLSv1_3,
            "because no request was answered. The server requires a client certificate.",
            "your configuration of this test",
        ),
    ],
    ids=["an expired certificate", "a client certificate that is asked for behind the handshake"],
)
def test_tls(ends: int, version: ssl.TLSVersion | None, words: str, concern: str, tmp_path: Path) -> None:
    pair = make("server", authority(), ends=timedelta(hours=ends))
    context = server_context(pair, tmp_path, client_authority=authority() if version else None)
    context.minimum_version = version or context.minimum_version
    ca_file, _ = authority().write(tmp_path, "authority")
    with serving(lambda asked: asked.say(answer()), tls=context) as server:
        ended = finished(server.url, environ={}, ca_file=ca_file)
    unjudged = ended.rows("inconclusive")
    assert len(unjudged) > 200
    assert any(words.rpartition(". ")[2] not in row["reason"] for row in unjudged), "some only say that nothing came"
    lines = told(ended.report, ended.outcome.exchanges)
    said = " ".join(" ".join(lines).split())
    assert f"{len(unjudged)} requirements could not be judged {words} MUST" in said
    assert said.count("could not be judged") == 1 and said.count("Concerns") == 1
    assert f"Concerns {concern}" in said


@pytest.mark.parametrize(
    ("behave", "words"),
    [
        (Asked.hang, "because no request was answered. No answer came within 0.5 seconds."),
        (
            Asked.reset,
            "because no request was answered. The server reset the connection before the answer was complete.",
        ),
    ],
    ids=["hangs", "resets"],
)
def test_a_service_that_answers_nothing(behave: Callable[[Asked], object], words: str) -> None:
    with serving(behave) as server:
        ended = finished(server.url, environ={})
    (cause,) = arrange(ended.report, ended.outcome.exchanges).causes
    assert cause.sentence == words and len(cause.rows) == len(ended.rows("inconclusive"))


def by_token(url: str) -> Auth:
    return Auth(
        "oauth2-client-credentials",
        token_url=f"{url}/token",
        references={"client_id": Reference(value="me"), "client_secret": Reference(value="of-no-service-0001")},
    )


def test_credentials_that_cannot_be_had_are_one_cause(tmp_path: Path) -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", status=b"401 Unauthorized")) if asked.target == "/token" else well(asked)
        return KEEP

    with serving(behave) as server:
        ended = finished(server.url, environ={}, auth=by_token(server.url))
    (cause,) = arrange(ended.report, ended.outcome.exchanges).causes
    assert cause.sentence.startswith("because there were no credentials to ask with. ")


def test_credentials_that_are_refused_stop_nothing() -> None:
    """The tests began: each thing that could not be judged has the answer that it got for its cause."""

    def behave(asked: Asked) -> object:
        asked.say(answer(json.dumps({}).encode(), status=b"401 Unauthorized"))
        return KEEP

    auth = Auth("bearer", references={"token": Reference(value="of-no-service-0001")})
    with serving(behave) as server:
        ended = finished(server.url, environ={}, auth=auth)
    assert any(one["name"] == "credentials" and one["ok"] is False for one in ended.report["run"]["preflight"])
    found = arrange(ended.report, ended.outcome.exchanges).causes
    assert found and not any("credentials to ask with" in cause.sentence for cause in found)


def test_a_reader_counts_the_same_observations_as_the_preflight() -> None:
    """In another layer, which may not import it: in the same order, so that the same one is named."""
    assert set(_REACHING) == set(UNREACHABLE)
    assert tuple(_REACHING) == UNREACHABLE
