"""The target: whose implementation is tested, where it answers, what it claims, how to be let in.

A target is a file (docs/target-file.md, schemas/target.schema.json) or a bare URL. Secrets never stand in it:
it names an environment variable (``INTEROP_…``) or a file that holds each one.
"""

from __future__ import annotations

import difflib
import ipaddress
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from interop_harness.errors import EvidenceError, TargetError

ENVIRONMENTS = ("production", "preproduction", "test", "development")
AUTH_KINDS = ("none", "api-key", "bearer", "basic", "oauth2-client-credentials", "client-certificate")
NOT_STATED = "not stated"
ENV_PREFIX = "INTEROP_"

MAX_FILE = 256 * 1024
MAX_DEPTH = 16
MAX_TEXT = 300

TOP_KEYS = (
    "supplier",
    "product",
    "version",
    "environment",
    "base_url",
    "auth",
    "claims",
    "declarations",
    "facts",
    "limits",
    "ca_file",
    "proxy",
    "authorised_by",
)
CERTIFICATE_KEYS = ("certificate_file", "key_file", "key_password_env", "key_password_file")
AUTH_KEYS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "api-key": ("in", "name", "value_env", "value_file"),
    "bearer": ("token_env", "token_file"),
    "basic": ("username", "username_env", "username_file", "password_env", "password_file"),
    "oauth2-client-credentials": (
        "token_url",
        "scope",
        "client_id",
        "client_id_env",
        "client_id_file",
        "client_secret_env",
        "client_secret_file",
        "client_authentication",
    ),
    "client-certificate": (),
}
_SECRETS: Mapping[str, tuple[str, ...]] = {
    "api-key": ("value",),
    "bearer": ("token",),
    "basic": ("username", "password"),
    "oauth2-client-credentials": ("client_id", "client_secret"),
}

_HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")
_QUERY_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}\Z")
_ENV_NAME = re.compile(r"INTEROP_[A-Z0-9_]{1,100}\Z")
_PATH = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]{1,3})?\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is found: exactly one of an environment variable and a file, or a plain public value."""

    env: str = ""
    file: Path | None = None
    value: str = ""

    def describe(self) -> str:
        return self.env or (f"the file {self.file}" if self.file else "the target file")


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests are let in. Holds references to secrets, never a secret."""

    kind: str = "none"
    location: str = ""
    name: str = ""
    token_url: str = ""
    scope: str = ""
    client_authentication: str = "header"
    references: Mapping[str, Reference] = field(default_factory=dict)
    certificate_file: Path | None = None
    key_file: Path | None = None

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"kind": self.kind}
        if self.kind == "api-key":
            shown |= {"in": self.location, "name": self.name}
        if self.certificate_file is not None and self.kind != "client-certificate":
            shown["client_certificate"] = True
        return shown

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Auth:
        return cls(kind=str(value["kind"]), location=str(value.get("in", "")), name=str(value.get("name", "")))


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much, how often. Seconds and bytes; every one has a bound."""

    timeout: float = 30.0
    """One attempt at one exchange, from the first byte sent to the last received, redirects included."""
    connect_timeout: float = 10.0
    max_body_bytes: int = 32 * 1024 * 1024
    """After decoding; what comes over the wire has the same bound, headers and framing on top."""
    max_redirects: int = 5
    max_attempts: int = 3
    """Sends of one request answered 429 or 503, the first included."""
    max_wait: float = 30.0
    """The longest Retry-After that is waited for."""
    wait_budget: float = 120.0
    """All such waits of a run together."""
    give_up_after: int = 10
    """Exchanges in a row without any answer after which the rest are not sent, but for a trial now and then."""
    rate: float | None = None
    workers: int | None = None

    def as_json(self) -> dict[str, int]:
        return {
            "timeout_ms": round(self.timeout * 1000),
            "connect_timeout_ms": round(self.connect_timeout * 1000),
            "max_body_bytes": self.max_body_bytes,
            "max_redirects": self.max_redirects,
            "max_attempts": self.max_attempts,
            "max_wait_ms": round(self.max_wait * 1000),
            "wait_budget_ms": round(self.wait_budget * 1000),
            "give_up_after": self.give_up_after,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Limits:
        return cls(
            timeout=int(value["timeout_ms"]) / 1000,
            connect_timeout=int(value["connect_timeout_ms"]) / 1000,
            max_body_bytes=int(value["max_body_bytes"]),
            max_redirects=int(value["max_redirects"]),
            max_attempts=int(value["max_attempts"]),
            max_wait=int(value["max_wait_ms"]) / 1000,
            wait_budget=int(value["wait_budget_ms"]) / 1000,
            give_up_after=int(value["give_up_after"]),
        )


_LIMITS: Mapping[str, tuple[float, float]] = {
    "timeout": (0.05, 600),
    "connect_timeout": (0.05, 120),
    "max_body_bytes": (1024, 1024**3),
    "max_redirects": (0, 20),
    "max_attempts": (1, 10),
    "max_wait": (0, 600),
    "wait_budget": (0, 3600),
    "give_up_after": (1, 10_000),
    "rate": (0.01, 10_000),
    "workers": (1, 64),
}
_WHOLE_LIMITS = frozenset({"max_body_bytes", "max_redirects", "max_attempts", "give_up_after", "workers"})


@dataclass(frozen=True, slots=True)
class Implementation:
    """One supplier's product at one address, and what it claims."""

    base_url: str
    supplier: str = NOT_STATED
    product: str = NOT_STATED
    version: str = NOT_STATED
    environment: str = "test"
    auth: Auth = Auth()
    claims: Mapping[str, bool] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    ca_file: Path | None = None
    proxy: str | None = None
    authorised_by: str = ""
    declarations: Mapping[str, bool] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        return self.base_url.partition(":")[0]

    @property
    def host(self) -> str:
        """The host in its ASCII form, an IPv6 address without brackets."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or (443 if self.scheme == "https" else 80)

    @property
    def path(self) -> str:
        """The base path, empty when there is none; no trailing slash."""
        return urlsplit(self.base_url).path

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def development_endpoint(self) -> bool:
        """Loopback over plain HTTP: HTTPS cannot be asked of it, and the certificate says so."""
        return self.scheme == "http" and self.loopback

    def as_json(self) -> dict[str, Any]:
        """For the evidence header and the plan: no secret, no path of this machine, no proxy."""
        return {
            "supplier": self.supplier,
            "product": self.product,
            "version": self.version,
            "environment": self.environment,
            "base_url": self.base_url,
            "auth": self.auth.as_json(),
            "claims": dict(sorted(self.claims.items())),
            "declarations": dict(sorted(self.declarations.items())),
            "facts": dict(sorted(self.facts.items())),
            "limits": self.limits.as_json(),
            "authorised_by": self.authorised_by,
        }

    @classmethod
    def from_json(cls, value: Any) -> Implementation:
        """Rebuild what :meth:`as_json` gave. Raises EvidenceError when it did not."""
        try:
            return cls(
                base_url=check_base_url(_str(value["base_url"])),
                supplier=_str(value["supplier"]),
                product=_str(value["product"]),
                version=_str(value["version"]),
                environment=_str(value["environment"]),
                auth=Auth.from_json(value["auth"]),
                claims={_str(name): _bool(said) for name, said in value["claims"].items()},
                facts=dict(value["facts"]),
                limits=Limits.from_json(value["limits"]),
                authorised_by=_str(value["authorised_by"]),
                declarations={_str(name): _bool(said) for name, said in value["declarations"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, TargetError) as error:
            raise EvidenceError("evidence-target", f"the evidence does not describe its target: {error}") from error


def load_target(
    target: str,
    *,
    claims: Iterable[str] = (),
    authorised_by: str | None = None,
    environment: str | None = None,
    timeout: float | None = None,
    rate: float | None = None,
    workers: int | None = None,
) -> Implementation:
    """The target that a URL or a file names, with what the command line adds. Raises TargetError.

    ``claims`` are ``CLASS=true`` or ``CLASS=false``, and override the file's.
    """
    if _looks_like_url(target):
        base_url = check_base_url(target)
        found = Implementation(
            base_url, environment="development" if is_loopback(urlsplit(base_url).hostname or "") else "test"
        )
    else:
        path = Path(target)
        found = parse_target(_read_text(path), target, path.parent)
    limits = found.limits
    for name, given in (("timeout", timeout), ("rate", rate), ("workers", workers)):
        if given is not None:
            limits = replace(limits, **{name: _limit(name, given, f"--{name}")})
    found = replace(
        found,
        limits=limits,
        claims={**found.claims, **dict(_claim(text) for text in claims)},
        authorised_by=_plain_text(authorised_by, "--authorised-by") if authorised_by else found.authorised_by,
        environment=_one_of(environment, ENVIRONMENTS, "--environment") if environment else found.environment,
    )
    _check_whole(found)
    return found


def check_base_url(text: str) -> str:
    """The base URL in its one form: lower-case ASCII host, no default port, no trailing slash. Or TargetError."""
    if any(ord(character) <= 32 or ord(character) == 127 for character in text):
        raise TargetError("target-url", "The base URL contains a space or a control character.")
    if "\\" in text:
        raise TargetError("target-url", "The base URL contains a backslash.")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise TargetError("target-url", f"The base URL cannot be read: {error}.") from error
    if parts.scheme not in ("http", "https"):
        raise TargetError(
            "target-url", "The base URL must start with https:// or http://.", f"It reads {_shown(text)}."
        )
    if "@" in parts.netloc:
        raise TargetError(
            "target-userinfo",
            "The base URL holds a user name or password.",
            "Take it out and use auth with kind basic: the password belongs in an environment variable.",
        )
    if not host or ("[" in parts.netloc and ":" not in host):
        raise TargetError("target-url", "The base URL has no host.")
    if port == 0:
        raise TargetError("target-url", "The base URL names port 0.")
    if "?" in text or "#" in text:
        raise TargetError("target-url", "The base URL must not have a query (?) or a fragment (#).")
    return f"{parts.scheme}://{_netloc(host, port, parts)}{_base_path(parts.path)}"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, judged by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ascii_host(host: str) -> str:
    """The host's ASCII form: IDNA for international names, compressed form for IPv6. Raises TargetError."""
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).compressed
        except ValueError as error:
            raise TargetError("target-url", f"{_shown(host)} is not an IPv6 address.") from error
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise TargetError("target-url", f"The host {_shown(host)} is not a valid name.") from error
    host = host.lower()
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_HOST_LABEL.match(label) for label in labels):
        raise TargetError("target-url", f"The host {_shown(host)} is not a valid name.")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        # 127.1 and 0x7f000001 are addresses to some resolvers and names to others.
        try:
            return ipaddress.IPv4Address(host).compressed
        except ValueError as error:
            raise TargetError("target-url", f"{_shown(host)} is not an IPv4 address.") from error
    return host


def _netloc(host: str, port: int | None, parts: SplitResult) -> str:
    name = ascii_host(host)
    shown = f"[{name}]" if ":" in name else name
    default = 443 if parts.scheme == "https" else 80
    return shown if port in (None, default) else f"{shown}:{port}"


def _base_path(path: str) -> str:
    if not _PATH.match(path):
        raise TargetError(
            "target-url",
            "The path of the base URL has a character that must be percent-encoded.",
            "Write it as it goes over the wire.",
        )
    if any(part in (".", "..") or part.lower() in ("%2e", "%2e%2e") for part in path.split("/")):
        raise TargetError("target-url", "The path of the base URL has a . or .. segment.")
    return path.rstrip("/")


def _looks_like_url(target: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", target) is not None


def _check_whole(target: Implementation) -> None:
    if target.development_endpoint and target.environment != "development":
        raise TargetError(
            "target-environment",
            f"A plain-HTTP endpoint on this machine is a development endpoint, not {target.environment}.",
            "Set environment: development, or test the real address.",
        )
    if not target.loopback and not target.authorised_by:
        raise TargetError(
            "target-authorisation",
            f"Nobody is named as having allowed a test of {target.host}.",
            "Say who did: authorised_by in the target file, or --authorised-by WHO. "
            "The suite sends malformed requests; it must not be pointed at anybody's service without consent.",
        )
    if target.scheme == "http" and not target.loopback and target.auth.kind != "none":
        raise TargetError(
            "target-credentials-in-clear",
            "Credentials would travel over plain HTTP, readable by anybody on the way.",
            "Use the https:// address of the service.",
        )


def _claim(text: str) -> tuple[str, bool]:
    name, equals, value = text.partition("=")
    if value.lower() not in ("true", "false") if equals else False:
        raise TargetError("target-claim", f"--claim {_shown(text)} is not a claim.", "Write CLASS=true or CLASS=false.")
    return _name(name, "--claim"), value.lower() != "false"


# --- the target file -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A YAML scalar as written: ``version: 3.10`` stays ``3.10``."""

    text: str
    plain: bool

    def json(self) -> Any:
        if not self.plain:
            return self.text
        if self.text in ("", "~", "null"):
            return None
        if self.text in ("true", "false"):
            return self.text == "true"
        if _INTEGER.match(self.text):
            return int(self.text)
        if _FLOAT.match(self.text):
            number = float(self.text)
            if math.isfinite(number):
                return number
        return self.text


def parse_target(text: str, name: str, folder: Path) -> Implementation:
    """What the text of a target file says; its paths are relative to ``folder``. Raises TargetError."""
    tree = _read_yaml(text, name)
    if not isinstance(tree, dict):
        raise TargetError("target-file", f"{name} is not a target file: it holds no keys.")
    _known_keys(tree, TOP_KEYS, "the target file")
    if "base_url" not in tree:
        raise TargetError("target-key", f"{name} does not say base_url.", "Add the address under test.")
    base_url = check_base_url(_scalar(tree["base_url"], "base_url").text)
    loopback = is_loopback(urlsplit(base_url).hostname or "")

    def words(name: str, otherwise: str = NOT_STATED) -> str:
        if name not in tree:
            return otherwise
        return _plain_text(_scalar(tree[name], name).text, name) or otherwise

    environment = words("environment", "development" if loopback else "test")
    return Implementation(
        base_url=base_url,
        supplier=words("supplier"),
        product=words("product"),
        version=words("version"),
        environment=_one_of(environment, ENVIRONMENTS, "environment"),
        auth=_auth(tree.get("auth"), folder),
        claims=_answers(tree.get("claims"), "claims"),
        facts=_facts(tree.get("facts")),
        limits=_limits(tree.get("limits")),
        ca_file=_file(tree["ca_file"], "ca_file", folder) if "ca_file" in tree else None,
        proxy=check_proxy(_scalar(tree["proxy"], "proxy").text) if _given(tree.get("proxy")) else None,
        authorised_by=words("authorised_by", ""),
        declarations=_answers(tree.get("declarations"), "declarations"),
    )


def check_proxy(text: str) -> str:
    """A proxy's address in its one form. Raises TargetError."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise TargetError("target-proxy", f"The proxy address cannot be read: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetError(
            "target-proxy", "A proxy is written http://host:port or https://host:port.", "SOCKS is not supported."
        )
    if "@" in parts.netloc:
        raise TargetError(
            "target-proxy",
            "The proxy address holds a user name or password.",
            "Put user:password into the environment variable INTEROP_PROXY_CREDENTIALS.",
        )
    name = ascii_host(parts.hostname)
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}:{port or (443 if parts.scheme == 'https' else 80)}"


def _auth(tree: Any, folder: Path) -> Auth:
    if not _given(tree):
        return Auth()
    if isinstance(tree, _Scalar):
        tree = {"kind": tree}
    if not isinstance(tree, dict) or "kind" not in tree:
        raise TargetError("target-auth", "auth must say its kind.", f"One of: {', '.join(AUTH_KINDS)}.")
    kind = _one_of(_scalar(tree["kind"], "auth.kind").text, AUTH_KINDS, "auth.kind")
    _no_inline_secrets(tree)
    allowed = ("kind", *AUTH_KEYS[kind], *(CERTIFICATE_KEYS if kind != "none" else ()))
    _known_keys(tree, allowed, f"auth with kind {kind}")
    references = {name: _reference(tree, name, folder) for name in _SECRETS.get(kind, ())}
    certificate = (
        _file(tree["certificate_file"], "auth.certificate_file", folder) if ("certificate_file" in tree) else None
    )
    key = _file(tree["key_file"], "auth.key_file", folder) if "key_file" in tree else None
    if kind == "client-certificate" and certificate is None:
        raise TargetError("target-auth", "auth with kind client-certificate needs certificate_file (and key_file).")
    if key is not None and certificate is None:
        raise TargetError("target-auth", "auth has a key_file without a certificate_file.")
    if "key_password_env" in tree or "key_password_file" in tree:
        references["key_password"] = _reference(tree, "key_password", folder)

    def text(name: str) -> str:
        return _plain_text(_scalar(tree[name], f"auth.{name}").text, f"auth.{name}") if name in tree else ""

    location, name = text("in") or "header", text("name") or "X-API-Key"
    if kind == "api-key":
        _one_of(location, ("header", "query", "form"), "auth.in")
        pattern = _HEADER_NAME if location == "header" else _QUERY_NAME
        if not pattern.match(name):
            raise TargetError("target-auth", f"auth.name {_shown(name)} cannot be the name of a {location} field.")
    token_url = ""
    if kind == "oauth2-client-credentials":
        token_url = _token_url(text("token_url"))
    authentication = text("client_authentication") or "header"
    _one_of(authentication, ("header", "body"), "auth.client_authentication")
    return Auth(
        kind=kind,
        location=location if kind == "api-key" else "",
        name=name if kind == "api-key" else "",
        token_url=token_url,
        scope=text("scope"),
        client_authentication=authentication,
        references=references,
        certificate_file=certificate,
        key_file=key or certificate,
    )


def _token_url(text: str) -> str:
    if not text:
        raise TargetError("target-auth", "auth with kind oauth2-client-credentials needs token_url.")
    address, _, query = text.partition("?")
    checked = check_base_url(address)
    if address.endswith("/"):
        checked += "/"
    if checked.startswith("http://") and not is_loopback(urlsplit(checked).hostname or ""):
        raise TargetError(
            "target-credentials-in-clear", "auth.token_url is plain HTTP.", "A client secret needs https://."
        )
    return f"{checked}?{query}" if query else checked


def _no_inline_secrets(tree: Mapping[str, Any]) -> None:
    for name in ("value", "token", "password", "client_secret", "secret", "key", "key_password", "api_key"):
        if name in tree:
            raise TargetError(
                "target-secret",
                f"auth.{name} puts a secret into the target file.",
                f"Use {name}_env: INTEROP_… or {name}_file: PATH instead; change the secret if the file was shared.",
            )


def _reference(tree: Mapping[str, Any], name: str, folder: Path) -> Reference:
    given = [suffix for suffix in ("", "_env", "_file") if f"{name}{suffix}" in tree]
    if len(given) != 1:
        ways = f"{name}_env (an environment variable) or {name}_file"
        if not given:
            raise TargetError("target-auth", f"auth does not say where its {name} is.", f"Add {ways}.")
        raise TargetError("target-auth", f"auth says twice where its {name} is.", f"Keep one of {ways}.")
    where = f"auth.{name}{given[0]}"
    if given[0] == "_file":
        return Reference(file=_file(tree[f"{name}_file"], where, folder))
    text = _plain_text(_scalar(tree[f"{name}{given[0]}"], where).text, where)
    if not given[0]:
        return Reference(value=text)
    if not _ENV_NAME.match(text):
        raise TargetError(
            "target-env-name",
            f"{where} names the variable {_shown(text)}.",
            f"Variables that the harness reads start with {ENV_PREFIX} and are in capitals.",
        )
    return Reference(env=text)


def _limits(tree: Any) -> Limits:
    if not _given(tree):
        return Limits()
    if not isinstance(tree, dict):
        raise TargetError("target-limits", "limits must be a mapping.")
    _known_keys(tree, tuple(_LIMITS), "limits")
    values = {name: _limit(name, _scalar(value, name).json(), f"limits.{name}") for name, value in tree.items()}
    return replace(Limits(), **values)


def _limit(name: str, value: Any, where: str) -> Any:
    low, high = _LIMITS[name]
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not low <= value <= high or (name in _WHOLE_LIMITS and value != int(value)):
        kind = "a whole number" if name in _WHOLE_LIMITS else "a number"
        raise TargetError("target-limits", f"{where} must be {kind} from {low:g} to {high:g}.")
    return int(value) if name in _WHOLE_LIMITS else float(value)


def _answers(tree: Any, where: str) -> dict[str, bool]:
    if not _given(tree):
        return {}
    if not isinstance(tree, dict):
        raise TargetError("target-answers", f"{where} must be a mapping of names to true or false.")
    answers: dict[str, bool] = {}
    for name, value in tree.items():
        said = value.json() if isinstance(value, _Scalar) else None
        if not isinstance(said, bool):
            raise TargetError("target-answers", f"{where}.{_shown(name)} must be true or false.")
        answers[_name(name, where)] = said
    return answers


def _facts(tree: Any) -> dict[str, Any]:
    if not _given(tree):
        return {}
    if not isinstance(tree, dict):
        raise TargetError("target-facts", "facts must be a mapping.")
    return {_name(name, "facts"): _json(value) for name, value in tree.items()}


def _json(tree: Any) -> Any:
    if isinstance(tree, _Scalar):
        return tree.json()
    if isinstance(tree, dict):
        return {name: _json(value) for name, value in tree.items()}
    return [_json(value) for value in tree]


def _given(tree: Any) -> bool:
    return tree is not None and not (isinstance(tree, _Scalar) and tree.json() is None)


def _scalar(tree: Any, where: str) -> _Scalar:
    if not isinstance(tree, _Scalar):
        raise TargetError("target-type", f"{where} must be a single value.")
    return tree


def _file(tree: Any, where: str, folder: Path) -> Path:
    text = _scalar(tree, where).text
    if not text or "\0" in text:
        raise TargetError("target-type", f"{where} must be the path of a file.")
    return folder / Path(text).expanduser()


def _name(text: str, where: str) -> str:
    if not _NAME.match(text):
        raise TargetError("target-name", f"{where} has a name that is not one: {_shown(text)}.")
    return text


def _plain_text(text: str, where: str) -> str:
    """Printable text of bounded length: it will stand on a certificate."""
    text = " ".join(text.split())
    if len(text) > MAX_TEXT:
        raise TargetError("target-text", f"{where} is longer than {MAX_TEXT} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") for character in text):
        raise TargetError("target-text", f"{where} has an invisible or control character in it.")
    return text


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise TargetError("target-value", f"{where} is {_shown(value)}.", _suggestion(value, allowed))
    return value


def _known_keys(tree: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for name in tree:
        if name not in allowed:
            raise TargetError(
                "target-key",
                f"{where[0].upper()}{where[1:]} has an unknown key {_shown(name)}.",
                _suggestion(name, allowed),
            )


def _suggestion(word: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    close = difflib.get_close_matches(word[:100], names, n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(names)}."


def _shown(text: str) -> str:
    short = text if len(text) <= 60 else text[:57] + "..."
    return ascii(short) if not short.isprintable() else f'"{short}"'


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TargetError(
            "target-file",
            f"The target file {path} cannot be read: {reason}.",
            "Give a URL, or a file written by: interop init",
        ) from error
    if len(data) > MAX_FILE:
        raise TargetError("target-file", f"{path} is larger than {MAX_FILE // 1024} KiB.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TargetError("target-file", f"{path} is not UTF-8 text.") from error


def _read_yaml(text: str, name: str) -> Any:
    """One YAML document of mappings, lists and scalars; no tag, anchor, alias or duplicate key."""
    import yaml

    try:
        return _Builder(name).build(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise TargetError("target-yaml", f"{name}, line {line}: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TargetError("target-yaml", f"{name} is not YAML: {str(error).splitlines()[0]}.") from error


class _Builder:
    """Builds plain values from YAML events, refusing everything that a target file does not need."""

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, events: Iterable[Any]) -> Any:
        import yaml

        root: list[Any] = []
        stack: list[tuple[Any, list[Any]]] = [(root, [])]
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise self._refuse(line, "anchors (&) and aliases (*) are not allowed")
            if getattr(event, "tag", None):
                raise self._refuse(line, "tags (!) are not allowed")
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(line, "there is a second document (---)")
            elif isinstance(event, yaml.ScalarEvent):
                self._put(stack, _Scalar(event.value, event.style is None), line)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                self._put(stack, value, line)
                stack.append((value, []))
                if len(stack) > MAX_DEPTH:
                    raise self._refuse(line, "it is nested too deeply")
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                stack.pop()
        return root[0] if root else None

    def _put(self, stack: list[tuple[Any, list[Any]]], value: Any, line: int) -> None:
        holder, pending = stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif pending:
            holder[pending.pop()] = value
        elif not isinstance(value, _Scalar):
            raise self._refuse(line, "a key must be a single value")
        elif value.text in holder:
            raise self._refuse(line, f"the key {_shown(value.text)} stands there twice")
        else:
            # Reserve the place, so that a repetition is seen whatever stands between.
            holder[value.text] = None
            pending.append(value.text)

    def _refuse(self, line: int, why: str) -> TargetError:
        return TargetError("target-yaml", f"{self._name}, line {line}: {why}.")


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false expected")
    return value
