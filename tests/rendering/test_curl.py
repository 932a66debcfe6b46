"""The curl line asks what the harness asked, and nothing a supplier chose can leave its quotation."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from interop_harness.evidence import Exchange, Request, Response
from interop_harness.rendering import curl
from tests.rendering import made

BASE = "http://127.0.0.1:8080"


def asked(exchange: Exchange, auth: dict[str, object] | None = None) -> list[str]:
    """The arguments as bash hands them to curl, credentials filled in."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{curl.line(exchange, BASE, auth)}\n"
    variables = {"INTEROP_TOKEN": "t0ken", "INTEROP_API_KEY": "k3y", "INTEROP_USERNAME": "u", "INTEROP_PASSWORD": "p w"}
    done = subprocess.run([bash, "--norc", "-c", script], capture_output=True, env=variables, check=True)
    assert done.stderr == b""
    return [word.decode("utf-8", "surrogateescape") for word in done.stdout.split(b"\0")[:-1]]


def got(*more: object, **request: object) -> Exchange:
    return Exchange(Request(*more, **request), Response(200, (), b""))  # type: ignore[arg-type]


def test_a_plain_request() -> None:
    assert asked(got("GET", "/services?page=2&per_page=50")) == ["-i", f"{BASE}/services?page=2&per_page=50"]


def test_methods() -> None:
    assert asked(got("HEAD", "/"))[0] == "--head"
    assert asked(got("OPTIONS", "/"))[:3] == ["-i", "-X", "OPTIONS"]


@pytest.mark.parametrize(
    "value",
    ["plain", "it's", 'a "b"', "$(touch x)", "`id`", "a\\b", "tŷ", "\x1b[2J", "line\nfeed", "!history", "-n", "'\x07'"],
)
def test_a_header_comes_through_whatever_it_holds(value: str) -> None:
    words = asked(got("GET", "/", (("X-Test", value),)))
    assert words[1:3] == ["-H", f"X-Test: {value}"]
    assert curl.line(got("GET", "/", (("X-Test", value),)), BASE).isprintable()


def test_an_empty_header_is_sent_empty() -> None:
    assert asked(got("GET", "/", (("Accept", ""),)))[1:3] == ["-H", "Accept;"]


def test_an_address_is_encoded_and_not_expanded() -> None:
    words = asked(got("GET", "/x/{a}/[1-9]/\u202e?q='; rm -rf ~\r\n"))
    assert "--globoff" in words
    assert words[-1].isascii() and " " not in words[-1] and "%E2%80%AE" in words[-1] and "%0D%0A" in words[-1]
    assert "--path-as-is" in asked(got("GET", "/a/../b"))


def test_a_body_comes_through_and_a_large_one_is_named() -> None:
    words = asked(got("POST", "/x", (("Content-Type", "application/json"),), body='{"name": "@Tŷ\'s"}'.encode()))
    assert words[-3:-1] == ["--data-raw", '{"name": "@Tŷ\'s"}']
    large = got("POST", "/x", body=b"x" * 5000)
    assert asked(large)[-3:-1] == ["--data-binary", f"@{large.id}.body"]
    assert asked(got("POST", "/x", body=b"\xff"))[-3] == "--data-binary"


@pytest.mark.parametrize(
    ("auth", "wanted"),
    [
        ({"kind": "none"}, []),
        ({"kind": "bearer"}, ["-H", "Authorization: Bearer t0ken"]),
        ({"kind": "oauth2-client-credentials"}, ["-H", "Authorization: Bearer t0ken"]),
        ({"kind": "basic"}, ["-u", "u:p w"]),
        ({"kind": "api-key", "in": "header", "name": "X-`Key`"}, ["-H", "X-`Key`: k3y"]),
    ],
)
def test_credentials_stand_as_variables(auth: dict[str, object], wanted: list[str]) -> None:
    exchange = got("GET", "/")
    assert asked(exchange, auth)[1:-1] == wanted
    assert "t0ken" not in curl.line(exchange, BASE, auth)
    assert asked(got("GET", "/", auth="none"), auth) == ["-i", f"{BASE}/"]


def test_a_key_in_the_query() -> None:
    auth: dict[str, object] = {"kind": "api-key", "in": "query", "name": "key"}
    assert asked(got("GET", "/a"), auth)[-1] == f"{BASE}/a?key=k3y"
    assert asked(got("GET", "/a?b=1"), auth)[-1] == f"{BASE}/a?b=1&key=k3y"


def test_what_was_redacted_is_a_variable() -> None:
    line = curl.line(got("GET", "/", (("X-Api-Key", "[redacted]"),)), BASE)
    assert line == f"curl -i -H 'X-Api-Key: '\"$INTEROP_X_API_KEY\" {BASE}/"


def test_a_wide_command_is_folded_so_that_it_still_runs() -> None:
    words = curl.arguments(got("GET", "/services", (("Origin", "https://a.example"), ("Accept", "text/html"))), BASE)
    lines = curl.folded(words, 60)
    assert len(lines) > 1 and all(line.endswith(" \\") for line in lines[:-1])
    assert " ".join(line.removesuffix(" \\").strip() for line in lines) == " ".join(words)


def test_hostile_exchanges_make_printable_lines() -> None:
    for exchange in made.hostile_exchanges():
        assert curl.line(exchange, BASE).isascii()
        assert curl.line(exchange, BASE).isprintable()
