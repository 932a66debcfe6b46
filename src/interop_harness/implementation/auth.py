"""The ``auth`` of a target file: a kind, and where its secrets are to be found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from interop_harness.errors import TargetError
from interop_harness.implementation.address import check_base_url, is_loopback
from interop_harness.implementation.hostile_yaml import Scalar, file_at, given, scalar
from interop_harness.implementation.model import AUTH_KINDS, Auth, Reference
from interop_harness.implementation.words import known_keys, one_of, plain_text, shown

ENV_PREFIX = "INTEROP_"

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

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")

_QUERY_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}\Z")

_ENV_NAME = re.compile(r"INTEROP_[A-Z0-9_]{1,100}\Z")


def read_auth(tree: Any, folder: Path) -> Auth:
    if not given(tree):
        return Auth()
    if isinstance(tree, Scalar):
        tree = {"kind": tree}
    if not isinstance(tree, dict) or "kind" not in tree:
        raise TargetError("target-auth", "auth must say its kind.", f"One of: {', '.join(AUTH_KINDS)}.")
    kind = one_of(scalar(tree["kind"], "auth.kind").text, AUTH_KINDS, "auth.kind")
    _no_inline_secrets(tree)
    allowed = ("kind", *AUTH_KEYS[kind], *(CERTIFICATE_KEYS if kind != "none" else ()))
    known_keys(tree, allowed, f"auth with kind {kind}")
    references = {name: _reference(tree, name, folder) for name in _SECRETS.get(kind, ())}
    certificate = (
        file_at(tree["certificate_file"], "auth.certificate_file", folder) if ("certificate_file" in tree) else None
    )
    key = file_at(tree["key_file"], "auth.key_file", folder) if "key_file" in tree else None
    if kind == "client-certificate" and certificate is None:
        raise TargetError("target-auth", "auth with kind client-certificate needs certificate_file (and key_file).")
    if key is not None and certificate is None:
        raise TargetError("target-auth", "auth has a key_file without a certificate_file.")
    if "key_password_env" in tree or "key_password_file" in tree:
        references["key_password"] = _reference(tree, "key_password", folder)

    def text(name: str) -> str:
        return plain_text(scalar(tree[name], f"auth.{name}").text, f"auth.{name}") if name in tree else ""

    location, name = text("in") or "header", text("name") or "X-API-Key"
    if kind == "api-key":
        one_of(location, ("header", "query", "form"), "auth.in")
        pattern = _HEADER_NAME if location == "header" else _QUERY_NAME
        if not pattern.match(name):
            raise TargetError("target-auth", f"auth.name {shown(name)} cannot be the name of a {location} field.")
    token_url = ""
    if kind == "oauth2-client-credentials":
        token_url = _token_url(text("token_url"))
    authentication = text("client_authentication") or "header"
    one_of(authentication, ("header", "body"), "auth.client_authentication")
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
        return Reference(file=file_at(tree[f"{name}_file"], where, folder))
    text = plain_text(scalar(tree[f"{name}{given[0]}"], where).text, where)
    if not given[0]:
        return Reference(value=text)
    if not _ENV_NAME.match(text):
        raise TargetError(
            "target-env-name",
            f"{where} names the variable {shown(text)}.",
            f"Variables that the harness reads start with {ENV_PREFIX} and are in capitals.",
        )
    return Reference(env=text)
