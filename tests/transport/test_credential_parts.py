"""A service repeats the part of a header that is the secret, without the scheme or the cookie's name before it."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import Request
from interop_harness.transport import LiveTransport, load_credentials
from interop_harness.transport.credentials import Credentials
from interop_harness.transport.parts import parts
from tests.hostile.server import KEEP, Asked, answer, serving

from .test_credentials import everything_written, target

PART = "Vv9cookieSecret77"
LOGIN = base64.b64encode(b"somebody:" + PART.encode()).decode()
HEADER = "  kind: api-key\n  in: header\n  name: {name}\n  value_env: INTEROP_CANARY"
TOLD: list[tuple[str, str]] = [
    ("Authorization", f"ApiKey {PART}"),
    ("Authorization", f"Whatever-Scheme {PART}"),
    ("Authorization", f"Bearer:  {PART}"),
    ("Authorization", f"Basic {LOGIN}"),
    ("Authorization", f'Digest username="somebody", realm="here", response="{PART}"'),
    ("Authorization", f"ApiKey client=a-client-12, key={PART}"),
    ("Authorization", f"HMAC somebody:{PART}"),
    ("X-Key", f"Token {PART}"),
    ("X-Key", f"version=2; secret={PART}"),
    ("X-Key", f"client_id=a-client-12&client_secret={PART}"),
    ("Cookie", f"SID={PART}"),
    ("Cookie", f"lang=en; user_session={PART}"),
    ("Cookie", f'lang=en; SID="{PART}"; theme=dark'),
]


def credentials(folder: Path, name: str, value: str) -> Credentials:
    implementation = target(folder, "http://127.0.0.1:1", HEADER.format(name=name))
    return load_credentials(implementation, {"INTEROP_CANARY": value})


@pytest.mark.parametrize(("name", "value"), TOLD, ids=[f"{name} {value}"[:32] for name, value in TOLD])
def test_the_part_alone_is_kept_from_every_file(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTEROP_CANARY", value)

    def behave(asked: Asked) -> object:
        asked.say(answer(b'{"error":"key %s may not do this"}' % PART.encode(), b"X-Echo: " + PART.encode()))
        return KEEP

    with serving(behave) as server:
        implementation = target(tmp_path, server.url, HEADER.format(name=name))
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            exchange = transport.send(Request("GET", "/x"))
            written = everything_written([exchange], implementation, transport)
        assert server.asked[0].header(name.lower()) == value, "it is sent as it was given"
    assert exchange.response is not None
    assert exchange.response.body == b'{"error":"key [redacted] may not do this"}'
    assert PART.encode() not in written


@pytest.mark.parametrize(
    ("name", "value", "honest"),
    [
        ("Cookie", f"SID={PART}; lang=Contents; seen=2026-11-22T10:00:00Z", b'{"contents":[],"at":"2026-11-22"}'),
        ("Cookie", f"SID={PART}; tenant=9d5ad434-35c2-585c-a1cb-125cc6c543fb", b"9d5ad434-35c2-585c-a1cb-125cc6c543fb"),
        ("X-Key", "correct contents of the battery", b"contents of the battery"),
        ("X-Key", "dGhpcyBpcyBvbmx5IHRleHQ0Mg==", b"="),
        ("Cookie", f"SID={PART}; a=Open311-GeoReport", b"Open311 GeoReport"),
    ],
    ids=["words and times", "whose it is", "a sentence", "padding", "an ordinary word"],
)
def test_what_answers_hold_anyway_is_left(name: str, value: str, honest: bytes, tmp_path: Path) -> None:
    redactor = credentials(tmp_path, name, value).redactor()
    assert redactor.data(honest) == honest
    assert redactor.data(value.encode()) == b"[redacted]"


def test_a_part_that_a_report_would_hold_is_no_reason_to_refuse(tmp_path: Path) -> None:
    redactor = credentials(tmp_path, "Cookie", f"SID={PART}; a=ORUK-listServices-2").redactor()
    assert redactor.holds(PART.encode())
    url = "http://127.0.0.1:8231/x1"
    implementation = target(tmp_path, url, HEADER.format(name="Cookie"))
    redactor = load_credentials(implementation, {"INTEROP_CANARY": f"SID={PART}; a={url}"}).redactor()
    assert not redactor.holds(url.encode())


@pytest.mark.parametrize(("name", "value"), [("Authorization", "ApiKey services"), ("Cookie", "SID=services")])
def test_a_part_that_is_plainly_the_secret_and_a_word(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        credentials(tmp_path, name, value)
    assert caught.value.code == "credential-common"


def test_a_key_that_is_a_sentence_of_the_report_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        credentials(tmp_path, "X-Key", "could not be judged")
    assert caught.value.code == "credential-common"


def test_a_short_part_is_said_to_be_short(tmp_path: Path) -> None:
    assert credentials(tmp_path, "Cookie", "SID=k3yk3y1").redactor().short == ["auth.value"]
    assert credentials(tmp_path, "Cookie", f"SID={PART}; a=b").redactor().short == []


def test_a_bearer_token_that_was_given_with_its_scheme(tmp_path: Path) -> None:
    implementation = target(tmp_path, "http://127.0.0.1:1", "  kind: bearer\n  token_env: INTEROP_CANARY")
    redactor = load_credentials(implementation, {"INTEROP_CANARY": f"Bearer {PART}"}).redactor()
    assert redactor.data(f"token={PART}".encode()) == b"token=[redacted]"


@pytest.mark.parametrize("value", ["a" * 65000, "a=" * 32000, "a " * 32000, "=" * 65000, '"a="' * 16000, ":" * 65000])
def test_a_long_value_is_read_in_time(value: str) -> None:
    began = time.perf_counter()
    assert all(len(part.value) < 65000 for part in parts(value, "Authorization"))
    parts(value, "Cookie")
    assert time.perf_counter() - began < 2
