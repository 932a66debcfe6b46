"""The target file and the bare URL: what is read, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

import interop_harness
from interop_harness.errors import EvidenceError, TargetError
from interop_harness.implementation import Implementation, check_base_url, is_loopback, load_target

SCHEMA = json.loads((Path(interop_harness.__file__).parent / "schemas" / "target.schema.json").read_text("utf-8"))

FULL = """\
supplier: Example Systems Ltd
product: Directory
version: 3.10
environment: preproduction
base_url: https://API.Example.org:443/oruk/v3/
auth:
  kind: oauth2-client-credentials
  token_url: https://login.example.org/token?tenant=a
  scope: read write
  client_id: harness
  client_secret_env: INTEROP_SECRET
claims: {basic: true, extended: false}
declarations:
  ORUK-ORG-01: true
facts:
  known_id: "0042"
  count: 12
  ratio: 0.5
  since: 2024-01-01
  answer: no
  nothing: null
  list: [a, 1, true]
  map: {a: {b: c}}
limits: {timeout: 5, rate: 2.5, workers: 8, max_body_bytes: 1048576}
ca_file: authority.pem
proxy: http://proxy.example.org:3128
authorised_by: A. Person, Somewhere Council
"""


def written(folder: Path, text: str | bytes) -> str:
    path = folder / "target.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_everything_a_file_can_say(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, FULL), claims=["extended=true", "filters"], timeout=7)
    assert target.supplier == "Example Systems Ltd"
    assert target.version == "3.10", "a version is text, not a number"
    assert target.base_url == "https://api.example.org/oruk/v3"
    assert (target.host, target.port, target.path, target.scheme) == ("api.example.org", 443, "/oruk/v3", "https")
    assert target.claims == {"basic": True, "extended": True, "filters": True}
    assert target.declarations == {"ORUK-ORG-01": True}
    assert target.facts == {
        "known_id": "0042",
        "count": 12,
        "ratio": 0.5,
        "since": "2024-01-01",
        "answer": "no",
        "nothing": None,
        "list": ["a", 1, True],
        "map": {"a": {"b": "c"}},
    }
    assert (target.limits.timeout, target.limits.rate, target.limits.workers) == (7.0, 2.5, 8)
    assert target.ca_file == tmp_path / "authority.pem"
    assert target.auth.token_url == "https://login.example.org/token?tenant=a"


def test_what_goes_into_evidence_comes_back_and_holds_no_secret_and_no_path(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, FULL))
    text = json.dumps(target.as_json())
    again = Implementation.from_json(json.loads(text))
    assert again.as_json() == target.as_json()
    for hidden in (str(tmp_path), "authority.pem", "INTEROP_SECRET", "proxy.example.org", "login.example.org"):
        assert hidden not in text


@pytest.mark.parametrize("value", [None, [], {}, {"base_url": 5}, {"base_url": "ftp://x"}, "text"])
def test_evidence_that_does_not_describe_a_target(value: object) -> None:
    with pytest.raises(EvidenceError):
        Implementation.from_json(value)


def test_evidence_with_a_member_of_the_wrong_type(tmp_path: Path) -> None:
    whole = load_target(written(tmp_path, FULL)).as_json()
    for name in whole:
        for wrong in (None, 7, [[]]):
            with pytest.raises(EvidenceError):
                Implementation.from_json({**whole, name: wrong})


def test_a_bare_url_on_this_machine() -> None:
    target = load_target("http://localhost:8080/")
    assert (target.environment, target.supplier, target.base_url) == (
        "development",
        "not stated",
        "http://localhost:8080",
    )
    assert target.development_endpoint
    assert load_target("https://127.0.0.1").environment == "development"
    assert not load_target("https://127.0.0.1").development_endpoint


def test_a_bare_url_elsewhere_needs_somebody_who_allowed_it() -> None:
    with pytest.raises(TargetError) as caught:
        load_target("https://api.example.org")
    assert caught.value.code == "target-authorisation"
    target = load_target("https://api.example.org", authorised_by="A. Person")
    assert (target.environment, target.authorised_by) == ("test", "A. Person")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://EXAMPLE.ORG", "https://example.org"),
        ("https://example.org:443/", "https://example.org"),
        ("http://example.org:443/a//", "http://example.org:443/a"),
        ("https://example.org/a%2Fb/~c", "https://example.org/a%2Fb/~c"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example"),
        ("http://[0:0::1]:8080", "http://[::1]:8080"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_base_urls_have_one_form(given: str, kept: str) -> None:
    assert check_base_url(given) == kept
    assert check_base_url(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@example.org",
        "https://user:pass@example.org",
        "https://@example.org",
        "https://example.org?a=b",
        "https://example.org?",
        "https://example.org/#x",
        "https://example.org/a b",
        "https://example.org/é",
        "https://example.org/%",
        "https://example.org/a/../b",
        "https://example.org/%2e%2e/b",
        "https://example.org\\@evil.example",
        "https://example.org\n",
        "https://exa\x00mple.org",
        "https://example.org:0",
        "https://example.org:99999",
        "https://example.org:x",
        "https://-a.example",
        "https://a..example",
        "https://" + "a" * 64 + ".example",
        "http://127.1",
        "http://2130706433",
        "http://0x7f.1",
        "http://1.2.3.256",
        "http://[::1",
        "http://[v1.x]",
        "https://exa mple.org",
        "https://\u202eexample.org",
        "https://xn--\udcff.example",
    ],
)
def test_base_urls_that_are_refused(text: str) -> None:
    with pytest.raises(TargetError):
        check_base_url(text)


@pytest.mark.parametrize(
    ("host", "yes"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost.example", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("notlocalhost", False),
    ],
)
def test_what_counts_as_this_machine(host: str, yes: bool) -> None:
    assert is_loopback(host) is yes


BASE = "base_url: http://127.0.0.1:8080\n"
REFUSED = [
    ("unknown key", BASE + "base-url: x", "target-key", "Did you mean base_url?"),
    ("unknown key far off", BASE + "zzz: x", "target-key", "Known: supplier"),
    ("unknown auth key", BASE + "auth: {kind: bearer, tokn_env: INTEROP_X}", "target-key", "token_env"),
    ("unknown limit", BASE + "limits: {time_out: 3}", "target-key", "timeout"),
    ("no base_url", "supplier: A", "target-key", "address"),
    ("empty", "", "target-file", ""),
    ("a list", "- a", "target-file", ""),
    ("a word", "word", "target-file", ""),
    ("duplicate key", BASE + "supplier: a\nsupplier: b", "target-yaml", "twice"),
    ("duplicate key around a mapping", BASE + "claims: {a: true}\nclaims: {b: true}", "target-yaml", "twice"),
    ("anchor", BASE + "supplier: &a x", "target-yaml", "anchors"),
    ("alias", BASE + "supplier: &a x\nproduct: *a", "target-yaml", "anchors"),
    ("merge", BASE + "<<: {supplier: x}", "target-key", ""),
    ("tag", BASE + "supplier: !!python/object/apply:os.system [id]", "target-yaml", "tags"),
    ("tag on a number", BASE + "supplier: !!int 5", "target-yaml", "tags"),
    ("second document", BASE + "---\n" + BASE, "target-yaml", "second document"),
    ("not YAML", BASE + "supplier: [", "target-yaml", "line"),
    ("tab", BASE + "\tsupplier: x", "target-yaml", "line"),
    ("too deep", BASE + "facts: " + "[" * 40 + "]" * 40, "target-yaml", "deep"),
    ("very deep", BASE + "facts: " + "{a: " * 20000, "target-yaml", "deep"),
    ("mapping as key", BASE + "? {a: b}\n: c", "target-yaml", "key"),
    ("NUL", BASE + "supplier: a\0b", "target-yaml", ""),
    ("escape in text", BASE + 'supplier: "a\\eb"', "target-text", "control"),
    ("right-to-left in text", BASE + 'supplier: "a\u202eb"', "target-text", "invisible"),
    ("long text", BASE + "supplier: " + "a" * 301, "target-text", "longer"),
    ("list for text", BASE + "supplier: [a]", "target-type", "single"),
    ("environment", BASE + "environment: devlopment", "target-value", "Did you mean development?"),
    ("production on loopback", BASE + "environment: production", "target-environment", "development"),
    ("auth kind", BASE + "auth: {kind: baisc}", "target-value", "Did you mean basic?"),
    ("auth without kind", BASE + "auth: {token_env: INTEROP_X}", "target-auth", "kind"),
    ("inline token", BASE + "auth: {kind: bearer, token: abc}", "target-secret", "token_env"),
    ("inline password", BASE + "auth: {kind: basic, username: a, password: b}", "target-secret", "password_env"),
    ("inline secret of another kind", BASE + "auth: {kind: none, client_secret: b}", "target-secret", ""),
    ("no token", BASE + "auth: {kind: bearer}", "target-auth", "token_env"),
    ("two tokens", BASE + "auth: {kind: bearer, token_env: INTEROP_A, token_file: b}", "target-auth", "twice"),
    (
        "variable of others",
        BASE + "auth: {kind: bearer, token_env: AWS_SECRET_ACCESS_KEY}",
        "target-env-name",
        "INTEROP_",
    ),
    ("variable in small letters", BASE + "auth: {kind: bearer, token_env: INTEROP_x}", "target-env-name", ""),
    ("header name", BASE + 'auth: {kind: api-key, name: "X Y", value_env: INTEROP_A}', "target-auth", "header"),
    ("query name", BASE + "auth: {kind: api-key, in: query, name: a&b, value_env: INTEROP_A}", "target-auth", "query"),
    ("api key place", BASE + "auth: {kind: api-key, in: cookie, value_env: INTEROP_A}", "target-value", "header"),
    (
        "no token_url",
        BASE + "auth: {kind: oauth2-client-credentials, client_id: a, client_secret_env: INTEROP_A}",
        "target-auth",
        "token_url",
    ),
    (
        "plain token_url",
        BASE
        + "auth: {kind: oauth2-client-credentials, token_url: 'http://a.example/t', client_id: a, "
        + "client_secret_env: INTEROP_A}",
        "target-credentials-in-clear",
        "https",
    ),
    ("no certificate", BASE + "auth: {kind: client-certificate}", "target-auth", "certificate_file"),
    (
        "key without certificate",
        BASE + "auth: {kind: bearer, token_env: INTEROP_A, key_file: k}",
        "target-auth",
        "certificate_file",
    ),
    ("claims not boolean", BASE + "claims: {basic: yes}", "target-answers", "true or false"),
    ("claims as text", BASE + 'claims: {basic: "true"}', "target-answers", "true or false"),
    ("claims as list", BASE + "claims: [basic]", "target-answers", "mapping"),
    ("claims with a strange name", BASE + 'claims: {"a b": true}', "target-name", ""),
    ("declarations", BASE + "declarations: {A-1: maybe}", "target-answers", "true or false"),
    ("facts as list", BASE + "facts: [a]", "target-facts", "mapping"),
    ("timeout zero", BASE + "limits: {timeout: 0}", "target-limits", "0.05"),
    ("timeout text", BASE + "limits: {timeout: soon}", "target-limits", "number"),
    ("timeout infinite", BASE + "limits: {timeout: .inf}", "target-limits", "number"),
    ("rate negative", BASE + "limits: {rate: -1}", "target-limits", "0.01"),
    ("workers zero", BASE + "limits: {workers: 0}", "target-limits", "1 to 64"),
    ("workers and a half", BASE + "limits: {workers: 1.5}", "target-limits", "whole"),
    ("proxy with password", BASE + "proxy: http://u:p@proxy:1", "target-proxy", "INTEROP_PROXY_CREDENTIALS"),
    ("socks proxy", BASE + "proxy: socks5://proxy:1", "target-proxy", "SOCKS"),
    ("user name in the address", "base_url: http://u:p@127.0.0.1", "target-userinfo", "basic"),
    (
        "credentials in clear",
        "base_url: http://api.example.org\nauthorised_by: me\nauth: {kind: bearer, token_env: INTEROP_A}",
        "target-credentials-in-clear",
        "https",
    ),
]


@pytest.mark.parametrize(("text", "code", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_files_that_are_refused(text: str, code: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        load_target(written(tmp_path, text))
    assert caught.value.code == code, caught.value
    assert words in str(caught.value)
    assert caught.value.exit_code == 2
    assert str(caught.value).isprintable()


def test_a_secret_put_inline_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        load_target(written(tmp_path, BASE + "auth: {kind: bearer, token: canary-canary}"))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", BASE.encode() + b"# \xff", b"#" * 300_000], ids=["utf-16", "latin", "large"]
)
def test_bytes_that_are_no_target_file(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(TargetError):
        load_target(written(tmp_path, data))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for name in (str(tmp_path / "absent.yaml"), str(tmp_path), "a\0b", ""):
        with pytest.raises(TargetError) as caught:
            load_target(name)
        assert caught.value.code == "target-file"


@pytest.mark.parametrize("claim", ["basic=maybe", "=true", "a b=true", "basic=", ""])
def test_claims_on_the_command_line_that_are_none(claim: str) -> None:
    with pytest.raises(TargetError):
        load_target("http://127.0.0.1", claims=[claim])


@pytest.mark.parametrize("options", [{"timeout": 0}, {"rate": -1}, {"workers": 0}, {"timeout": float("nan")}])
def test_absurd_options(options: dict[str, float]) -> None:
    with pytest.raises(TargetError):
        load_target("http://127.0.0.1", **options)  # type: ignore[arg-type]


# --- the published schema says the same as the reader, for everything that a schema can say --------------------

CANNOT_SAY = {
    # Facts of YAML, of the address as a whole, of characters, and of two keys together.
    *(
        "duplicate key",
        "duplicate key around a mapping",
        "anchor",
        "alias",
        "tag",
        "tag on a number",
        "second document",
    ),
    *("not YAML", "tab", "too deep", "very deep", "mapping as key", "NUL", "escape in text", "right-to-left in text"),
    *("production on loopback", "header name", "query name", "plain token_url", "credentials in clear"),
}


def plain(text: str) -> object:
    import yaml

    return yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [row[1] for row in REFUSED if row[0] not in CANNOT_SAY],
    ids=[row[0] for row in REFUSED if row[0] not in CANNOT_SAY],
)
def test_the_schema_refuses_it_too(text: str) -> None:
    if "yes" in text or "<<" in text:
        pytest.skip("read otherwise by other YAML readers")
    assert not jsonschema_rs.is_valid(SCHEMA, plain(text))


ACCEPTED = [
    BASE,
    BASE + "auth: none",
    BASE + "auth:\nclaims:\nfacts:\nlimits:\ndeclarations:\nproxy:",
    BASE + "auth: {kind: none}",
    BASE + "auth: {kind: api-key, value_env: INTEROP_A}",
    BASE + "auth: {kind: api-key, in: query, name: key, value_file: secrets/key}",
    BASE + "auth: {kind: api-key, in: form, name: api_key, value_env: INTEROP_A}",
    BASE + "auth: {kind: bearer, token_file: ./token}",
    BASE + "auth: {kind: basic, username: a, password_env: INTEROP_A}",
    BASE + "auth: {kind: basic, username_env: INTEROP_U, password_file: p}",
    BASE + "auth: {kind: client-certificate, certificate_file: c.pem}",
    BASE + "auth: {kind: client-certificate, certificate_file: c.pem, key_file: k.pem, key_password_env: INTEROP_K}",
    BASE + "auth: {kind: bearer, token_env: INTEROP_A, certificate_file: c.pem, key_file: k.pem}",
    BASE + "version: 3.10\nsupplier: A & B (Ł) Ltd\nauthorised_by: someone",
    FULL,
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_is_accepted_by_both(text: str, tmp_path: Path) -> None:
    load_target(written(tmp_path, text))
    loaded = plain(text.replace("2024-01-01", '"2024-01-01"').replace("HTTPS://", "https://"))
    jsonschema_rs.validate(SCHEMA, loaded)
