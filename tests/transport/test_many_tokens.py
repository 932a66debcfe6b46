"""Token endpoints whose tokens are said not to last, are used up at once, or are longer than any header."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interop_harness.evidence import FailureKind, Request, Secret
from interop_harness.implementation import Auth
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import credentials
from interop_harness.transport.credentials import MAX_TOKEN, MOST_ISSUED, MOST_TOKENS, NoToken, TokenSource
from tests.hostile.server import Asked, answer, serving

from .test_credentials import Login, signed_in


class Issuer:
    """Answers in the place of a token endpoint, without a network."""

    def __init__(self, *, size: int = 20, expires_in: object = 3600, more: int = 0) -> None:
        self.issued = 0
        self.learnt: list[Secret] = []
        self._size, self._expires_in, self._more = size, expires_in, more

    def __call__(self, url: str, headers: object, body: bytes) -> tuple[int, bytes]:
        self.issued += 1
        answer = {"access_token": f"t{self.issued:06d}".ljust(self._size, "x"), "expires_in": self._expires_in}
        if self._more:
            answer["id_token"] = f"i{self.issued:06d}".ljust(self._more, "x")
        return 200, json.dumps(answer).encode()


def source() -> TokenSource:
    auth = Auth("oauth2-client-credentials", token_url="http://127.0.0.1:1/token")
    return TokenSource(auth, "client", "s3cr3t-s3cr3t")


@pytest.mark.parametrize("stated", [0, "0", -1, -3600, 0.5, 9, math.nan])
def test_a_token_that_is_said_not_to_last_is_used_until_it_is_refused(stated: object) -> None:
    issuer, tokens = Issuer(expires_in=stated), source()
    first = {tokens.token(issuer, issuer.learnt.append) for _ in range(50)}
    assert len(first) == 1 and issuer.issued == 1
    again = tokens.token(issuer, issuer.learnt.append, not_this=first.pop())
    assert issuer.issued == 2 and tokens.token(issuer, issuer.learnt.append) == again


def test_a_service_is_asked_with_one_token_that_is_said_to_be_over_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Login()
    service.expires_in = 0
    with serving(service) as server, signed_in(tmp_path, server, monkeypatch) as transport:
        with ThreadPoolExecutor(8) as pool:
            exchanges = list(pool.map(lambda n: transport.send(Request("GET", f"/{n}")), range(40)))
        service.revoked.add("canary-token-0001-abcdefgh")
        renewed = transport.send(Request("GET", "/renewed"))
    assert all(one.ok and one.attempts == 1 for one in exchanges)
    assert (renewed.status, renewed.attempts) == (200, 2)
    assert service.issued == 2


class Once(Login):
    """Accepts each token for one request."""

    def __call__(self, asked: Asked) -> object:
        done = super().__call__(asked)
        self.revoked.add((asked.header("authorization") or "").removeprefix("Bearer "))
        return done


def test_where_tokens_are_used_up_at_once_no_more_than_some_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "MOST_TOKENS", 5)
    service = Once()
    with serving(service) as server, signed_in(tmp_path, server, monkeypatch) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(12)]
    assert service.issued == 5
    assert [one.status for one in exchanges[:5]] == [200] * 5
    for one in exchanges[5:]:
        assert one.failure is not None and one.failure.kind is FailureKind.CREDENTIALS
        assert one.failure.message == (
            "No access token was obtained: the token endpoint has issued 5 tokens in this run, and is not asked for "
            "more. Let it issue tokens that last longer, or see in the service's log why it refuses them."
        )


def test_the_last_token_is_used_on_where_only_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(credentials.time, "monotonic", lambda: now)
    issuer, tokens = Issuer(expires_in=60), source()
    for _ in range(MOST_TOKENS + 20):
        last = tokens.token(issuer, issuer.learnt.append)
        now += 100
    assert issuer.issued == MOST_TOKENS
    with pytest.raises(NoToken, match=f"issued {MOST_TOKENS} tokens in this run"):
        tokens.token(issuer, issuer.learnt.append, not_this=last)
    assert tokens.token(issuer, issuer.learnt.append) == last, "another request may be let in with it all the same"


@pytest.mark.parametrize(("size", "more"), [(16_000, 0), (20, 16_000), (MAX_TOKEN + 1, 0)])
def test_long_tokens_are_fewer(size: int, more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(credentials.time, "monotonic", lambda: now)
    issuer, tokens = Issuer(size=size, more=more), source()
    said = ""
    for _ in range(60):
        now += credentials.REMEMBER_FAILURE + 1
        try:
            tokens.token(issuer, issuer.learnt.append, not_this=f"t{issuer.issued:06d}".ljust(size, "x"))
        except NoToken as trouble:
            said = trouble.message
    assert sum(len(secret.value) for secret in issuer.learnt) < MOST_ISSUED + MAX_TOKEN + 20_000
    assert issuer.issued < 40
    assert "characters together in this run, and is not asked for more" in said


def test_a_token_that_no_header_takes_is_refused_in_so_many_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Login()
    said = json.dumps({"access_token": "a1" * 8192 + "b", "token_type": "Bearer"}).encode()
    service.token_answer = lambda asked: answer(said)
    with serving(service) as server, signed_in(tmp_path, server, monkeypatch) as transport:
        exchange = transport.send(Request("GET", "/1"))
        probes = preflight(transport.implementation, transport)
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.CREDENTIALS
    assert exchange.failure.message == (
        "No access token was obtained: the token endpoint issued an access token of 16,385 characters, and no more "
        "than 16,384 are sent."
    )
    stopper = unreachable(probes)
    assert stopper is not None and stopper.name == "credentials"
    assert stopper.hint == "Servers refuse headers of that length: let the token endpoint put less into its tokens."


def test_the_longest_token_that_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer, tokens = Issuer(size=MAX_TOKEN), source()
    assert len(tokens.token(issuer, issuer.learnt.append)) == MAX_TOKEN
