"""Credentials in memory: read from the places a target names, added to requests, never written."""

from __future__ import annotations

import base64
import json
import math
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

from interop_harness.errors import TargetError
from interop_harness.evidence import FailureKind, Redactor, Secret
from interop_harness.evidence.redaction import is_drawn
from interop_harness.implementation import Auth, Implementation, Reference, refuse_clear_text
from interop_harness.transport.failures import Trouble, printable
from interop_harness.transport.ordinary import refuse_common, stands_in
from interop_harness.transport.pacing import PutOff, Unsent
from interop_harness.transport.parts import parts
from interop_harness.transport.proxies import UNISSUED, Proxy, in_the_way, proxy_for

MAX_SECRET = 64 * 1024
REMEMBER_FAILURE = 10.0
"""Seconds for which a token endpoint that failed is not asked again."""
MAX_TOKEN = 16 * 1024
"""Characters of an access token: more than servers take as one header, most of them no more than half of it."""
SHORT_LIFE = 10.0
"""Seconds: a token that is said to last for less is used until it is refused.

How long one lasts is advice (RFC 6749, 5.1), and 0 says that of a token which the service may well accept for an hour.
Heeded, it would have every request or so ask for a token of its own.
"""
MOST_TOKENS = 100
MOST_ISSUED = 512 * 1024
"""Tokens that are taken in one run, and characters of all that came with them: each is looked for in every answer."""
_TOKEN = re.compile(r"[\x21-\x7e]+\Z")
_ERROR_CODE = re.compile(r"[a-z_]{1,60}\Z")

Post = Callable[[str, tuple[tuple[str, str], ...], bytes], tuple[int, bytes]]
"""Sends a form to a URL and gives status and body; raises Trouble."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    certificate_file: Path
    key_file: Path
    password: bytes = field(default=b"", repr=False)


class NoWay(Unsent):
    """There was no way to the token endpoint: no fault of the credentials, and nothing was sent.

    That is the proxy's doing, or where no connection could be opened directly, the network's.
    """

    def __init__(self, why: str, kind: FailureKind = FailureKind.PROXY) -> None:
        super().__init__(kind, f"{UNISSUED}{why}")


class NoToken(Trouble):
    """No token was issued. ``met`` is what kept the endpoint from answering, where it gave no answer at all.

    ``status`` is that of its answer, where it gave one; ``todo`` what to do, where that does not follow from these.
    """

    def __init__(self, why: str, met: Trouble | None = None, status: int = 0, todo: str = "") -> None:
        super().__init__(FailureKind.CREDENTIALS, f"{UNISSUED}{why}")
        self.why = why
        self.met = met
        self.status = status
        self.todo = todo


class TokenSource:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): one token for all threads, renewed before and on expiry.

    ``proxy`` is the one through which the endpoint is asked, if any: it may be another than the service's.
    """

    def __init__(self, auth: Auth, client_id: str, client_secret: str, proxy: Proxy | None = None) -> None:
        self.url = auth.token_url
        self.proxy = proxy
        self._scope = auth.scope
        self._in_body = auth.client_authentication == "body"
        self._client_id = client_id
        self._client_secret = client_secret
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0
        self._failed: tuple[float, Trouble] | None = None
        """Until when it is not asked again, and why."""
        self._learnt = 0
        """Characters of all that was issued."""
        self.renewals = 0

    def token(self, post: Post, learn: Callable[[Secret], None], *, not_this: str = "") -> str:
        """A token that is good now and is not the one just refused. Raises Trouble."""
        with self._lock:
            now = time.monotonic()
            if self._token and now < self._expires and self._token != not_this:
                return self._token
            if self._failed is not None and now < self._failed[0]:
                known = self._failed[1]
                if isinstance(known, NoToken):
                    raise NoToken(known.why, known.met, known.status, known.todo)
                again = Unsent if isinstance(known, Unsent) else Trouble
                raise again(known.kind, known.message)
            if self.renewals >= MOST_TOKENS or self._learnt >= MOST_ISSUED:
                # The last one may be good for longer than was said.
                if self._token and self._token != not_this:
                    return self._token
                raise _no_more(self.renewals, self._learnt)
            try:
                self._token, seconds = self._ask(post, learn)
            except PutOff as trouble:
                self._failed = (time.monotonic() + max(REMEMBER_FAILURE, trouble.seconds), trouble)
                raise
            except NoWay as trouble:
                self._failed = (time.monotonic() + REMEMBER_FAILURE, trouble)
                raise
            except Unsent:
                raise
            except Trouble as trouble:
                if trouble.kind is not FailureKind.LIMIT:
                    self._failed = (time.monotonic() + REMEMBER_FAILURE, trouble)
                raise
            self._failed = None
            # Renewed a little early, so that a token does not expire on its way.
            self._expires = now + seconds - min(30.0, seconds * 0.1) if seconds >= SHORT_LIFE else math.inf
            self.renewals += 1
            return self._token

    def _ask(self, post: Post, learn: Callable[[Secret], None]) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"}
        if self._scope:
            form["scope"] = self._scope
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if self._in_body:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        else:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
            headers.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
        try:
            status, body = post(self.url, tuple(headers), urlencode(form).encode())
        except Unsent:
            raise
        except Trouble as trouble:
            if trouble.kind is FailureKind.LIMIT:
                # What the user allowed is used up: that says nothing of the credentials.
                raise
            if self.proxy is not None and (why := in_the_way(self.proxy.url, trouble)):
                raise NoWay(why) from trouble
            told = f"the token endpoint gave no answer: {trouble.message}"
            if trouble.kind is FailureKind.CONNECT:
                raise NoWay(told, trouble.kind) from trouble
            raise NoToken(told, trouble) from trouble
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise NoToken(f"the token endpoint answered {status} without a JSON object.", status=status)
        if status != 200:
            code = answer.get("error")
            named = f" {code}" if isinstance(code, str) and _ERROR_CODE.match(code) else ""
            raise NoToken(f"the token endpoint answered {status}{named}.", status=status)
        token, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
        usable = isinstance(token, str) and len(token) <= MAX_TOKEN and _TOKEN.match(token) is not None
        bearer = isinstance(kind, str) and kind.lower() == "bearer"
        for name in ("access_token", "refresh_token", "id_token"):
            value, sent = answer.get(name), name == "access_token" and usable and bearer
            # What is never sent may be any text: it is looked for only where it can be nothing but a token.
            if isinstance(value, str) and (sent or is_drawn(value)):
                self._learnt += len(value)
                learn(Secret(value, name, issued=True, sent=sent))
        if isinstance(token, str) and len(token) > MAX_TOKEN:
            raise NoToken(
                f"the token endpoint issued an access token of {len(token):,} characters, "
                f"and no more than {MAX_TOKEN:,} are sent.",
                status=status,
                todo="Servers refuse headers of that length: let the token endpoint put less into its tokens.",
            )
        if not isinstance(token, str) or not usable:
            raise NoToken("the token endpoint's answer holds no usable access_token.", status=status)
        if not bearer:
            why = f"the token is of the type {printable(kind)}, and only Bearer is supported."
            raise NoToken(why, status=status)
        return token, _seconds(answer.get("expires_in"))


def _no_more(tokens: int, characters: int) -> NoToken:
    issued = f"{tokens} tokens" if tokens >= MOST_TOKENS else f"tokens of {characters:,} characters together"
    return NoToken(
        f"the token endpoint has issued {issued} in this run, and is not asked for more. Let it issue tokens that last "
        "longer, or see in the service's log why it refuses them."
    )


def _seconds(value: object) -> float:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
        return float(value)
    return 1e9


@dataclass(frozen=True)
class Credentials:
    """Everything that lets a request in, and the proxy on the way to the service. Has no printable form."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[str, str] | None = field(default=None, repr=False)
    form: tuple[str, str] | None = field(default=None, repr=False)
    """A key that goes with submitted forms only, as one more field."""
    tokens: TokenSource | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = None
    proxy: Proxy | None = None
    secrets: tuple[Secret, ...] = ()

    @property
    def present(self) -> bool:
        return bool(self.headers or self.query or self.form or self.tokens or self.certificate)

    def redactor(self) -> Redactor:
        """A redactor that knows every one of these secrets, and the header that carries the key."""
        return Redactor(self.secrets, headers=(name for name, _ in self.headers))

    def target(self, target: str) -> str:
        """The target with the API key added, its own bytes unchanged."""
        if self.query is None:
            return target
        pair = f"{quote(self.query[0], safe='')}={quote(self.query[1], safe='')}"
        if pair in target:
            return target
        return f"{target}{'&' if '?' in target else '?'}{pair}"

    def body(self, body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
        """The body with the API key added where it is a form."""
        if self.form is None or not _is_form(headers):
            return body
        pair = f"{quote(self.form[0], safe='')}={quote(self.form[1], safe='')}".encode()
        return body + b"&" + pair if body else pair


def _is_form(headers: tuple[tuple[str, str], ...]) -> bool:
    return any(
        name.lower() == "content-type" and value.lower().startswith("application/x-www-form-urlencoded")
        for name, value in headers
    )


def load_credentials(implementation: Implementation, environ: Mapping[str, str] | None = None) -> Credentials:
    """Read the secrets that the target refers to. Raises TargetError when one is missing or unusable."""
    environ = os.environ if environ is None else environ
    # Asked when the target was read, and again of whatever it has become since: nothing is sent yet.
    refuse_clear_text(implementation)
    auth = implementation.auth
    found = {name: _read(reference, f"auth.{name}", environ) for name, reference in auth.references.items()}
    proxy = proxy_for(implementation, environ)
    secrets = [
        Secret(found[name], f"auth.{name}")
        for name, reference in auth.references.items()
        if not reference.value and name not in ("username", "client_id")
    ]
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[str, str] | None = None
    form: tuple[str, str] | None = None
    tokens: TokenSource | None = None
    if auth.kind == "api-key" and auth.location in {"query", "form"}:
        query = (auth.name, found["value"]) if auth.location == "query" else None
        form = (auth.name, found["value"]) if auth.location == "form" else None
        # A key too short to be looked for everywhere is still looked for beside its name.
        pair = f"{quote(auth.name)}={quote(found['value'], safe='')}"
        secrets += [Secret(f"{before}{pair}", "auth.value") for before in ("", "?", "&")]
    elif auth.kind == "api-key":
        headers = ((auth.name, _header_value(found["value"], "auth.value")),)
    elif auth.kind == "bearer":
        headers = (("Authorization", f"Bearer {_header_value(found['token'], 'auth.token')}"),)
    elif auth.kind == "basic":
        if ":" in found["username"]:
            raise TargetError("credential-unusable", "auth.username has a colon, which basic cannot carry.")
        pair = f"{found['username']}:{found['password']}"
        secrets.append(Secret(pair, "auth.password"))
        headers = (("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"),)
    elif auth.kind == "oauth2-client-credentials":
        pair = f"{quote_plus(found['client_id'])}:{quote_plus(found['client_secret'])}"
        secrets.append(Secret(pair, "auth.client_secret"))
        own = proxy_for(implementation, environ, auth.token_url)
        tokens = TokenSource(auth, found["client_id"], found["client_secret"], own)
        # As the token endpoint is sent it: what an echo of that holds in base64.
        secrets.append(Secret(quote_plus(found["client_secret"]), "auth.client_secret"))
    certificate = None
    if auth.certificate_file is not None and auth.key_file is not None:
        certificate = ClientCertificate(auth.certificate_file, auth.key_file, found.get("key_password", "").encode())
        secrets += _key_secrets(auth.key_file)
    for way in dict.fromkeys((proxy, tokens.proxy if tokens is not None else None)):
        if way is not None and way.password:
            secrets.append(Secret(way.password, "the proxy's password"))
            secrets.append(Secret(f"{way.username}:{way.password}", "the proxy's password"))
    sent_in = auth.name if auth.kind == "api-key" and auth.location == "header" else ""
    pieces = [
        (part, Secret(part.value, f"auth.{name}"))
        for name in ("value", "token")
        if name in found
        for part in parts(found[name], sent_in)
    ]
    secrets += [secret for part, secret in pieces if part.plain or not stands_in(secret, implementation)]
    refuse_common(secrets, implementation)
    return Credentials(headers, query, form, tokens, certificate, proxy, tuple(secrets))


def _read(reference: Reference, where: str, environ: Mapping[str, str]) -> str:
    if reference.env:
        value = environ.get(reference.env, "")
        if not value:
            raise TargetError(
                "credential-missing",
                f"The environment variable {reference.env} for {where} is not set.",
                f"Set it in the shell that runs this: export {reference.env}=…",
            )
    elif reference.file is not None:
        try:
            with reference.file.open("rb") as stream:
                data = stream.read(MAX_SECRET + 1)
            value = data.decode("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
            raise TargetError(
                "credential-missing", f"The file {reference.file} for {where} cannot be read: {reason}."
            ) from error
        if not value or len(data) > MAX_SECRET:
            raise TargetError("credential-unusable", f"The file {reference.file} for {where} is empty or too large.")
    else:
        value = reference.value
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise TargetError(
            "credential-unusable", f"{where} from {reference.describe()} has a control character or line break."
        )
    return value


def _header_value(value: str, where: str) -> str:
    if not value.isascii() or value != value.strip():
        raise TargetError(
            "credential-unusable", f"{where} has a character that an HTTP header cannot carry, or spaces around it."
        )
    return value


def _key_secrets(key_file: Path) -> list[Secret]:
    """The private key as text, so that it can be looked for in what a run writes."""
    try:
        text = key_file.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return []
    secrets = []
    for block in re.findall(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", text, re.DOTALL):
        lines = [line for line in block.split() if re.fullmatch(r"[A-Za-z0-9+/=]+", line)]
        # The first line of a key is much the same in all keys; the others are its own.
        own = [line for line in dict.fromkeys((*lines[1:2], *lines[-1:])) if len(line) >= 16]
        secrets += [Secret(line, "auth.key_file") for line in (own or lines[:1])]
        # Whoever has most of it has all of it: it is looked for in part, however its lines are broken.
        secrets.append(Secret("".join(lines), "auth.key_file", in_part=True))
    return [secret for secret in secrets if secret.value]
