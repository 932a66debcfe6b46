"""The ``curl`` line that asks again what the harness asked, for a POSIX shell.

Credentials are never in it: they stand as ``$INTEROP_…`` variables. Everything else is quoted, so that no
identifier a supplier chose can end the quotation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from interop_harness.evidence import Exchange

MAX_BODY = 1000
"""A longer request body is not repeated: it stands in the evidence."""
MASK = "[redacted]"
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+\Z")
_ODD = re.compile(r"[^\x20-\x7e]")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


def arguments(exchange: Exchange, base_url: str, auth: Mapping[str, Any] | None = None) -> list[str]:
    """The words of the command, quoted. ``auth`` is how the target is let in, as ``Auth.as_json`` gives it."""
    request = exchange.request
    words = ["curl", "-i"]
    if request.method == "HEAD":
        words = ["curl", "--head"]
    elif request.method != "GET":
        words.append(f"-X {shell(request.method)}")
    if exchange.response is not None and exchange.response.redirects:
        words.append("-L")
    url = quote(base_url + request.target, safe=_URL_SAFE, errors="surrogatepass")
    if re.search(r"[\[\]{}]", url):
        words.append("--globoff")
    if re.search(r"/\.\.?(/|$)", url.partition("?")[0]):
        words.append("--path-as-is")
    for name, value in request.headers:
        words.append(f"-H {_header(name, value)}")
    url_word = shell(url)
    if auth is not None and request.auth != "none":
        words += _credentials(auth)
        if auth.get("kind") == "api-key" and auth.get("in") == "query":
            joint = "&" if "?" in url else "?"
            url_word = shell(f"{url}{joint}{quote(str(auth.get('name')), safe='')}=") + '"$INTEROP_API_KEY"'
    if request.body:
        words += _body(exchange)
        if auth is not None and request.auth != "none" and auth.get("in") == "form":
            words.append(f'--data-urlencode {shell(str(auth.get("name")) + "=")}"$INTEROP_API_KEY"')
    return [*words, url_word]


def line(exchange: Exchange, base_url: str, auth: Mapping[str, Any] | None = None) -> str:
    """The command on one line."""
    return " ".join(arguments(exchange, base_url, auth))


def folded(words: list[str], width: int, indent: str = "  ") -> list[str]:
    """The command over several lines with backslashes where it is wider than ``width``; it can still be copied."""
    lines: list[str] = []
    current = ""
    for word in words:
        wider = f"{current} {word}" if current else word
        if current and len(wider) > width - 2 and len(indent + word) <= width:
            lines.append(f"{current} \\")
            current = f"{indent}{word}"
        else:
            current = wider
    return [*lines, current]


def shell(text: str) -> str:
    """``text`` as one word of a POSIX shell; odd bytes as escapes in ``$'…'``, so that none reaches a terminal."""
    if _PLAIN.match(text):
        return text
    if not _ODD.search(text):
        return "'" + text.replace("'", "'\"'\"'") + "'"
    escaped = []
    for character in text:
        if character in "\\'":
            escaped.append(f"\\{character}")
        elif _ODD.match(character):
            escaped += [f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass")]
        else:
            escaped.append(character)
    return f"$'{''.join(escaped)}'"


def _header(name: str, value: str) -> str:
    if value.strip() == MASK:
        variable = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
        return f'{shell(f"{name}: ")}"$INTEROP_{variable}"'
    # curl takes "Name:" for "do not send it" and "Name;" for "send it empty".
    return shell(f"{name}: {value}" if value else f"{name};")


def _credentials(auth: Mapping[str, Any]) -> list[str]:
    kind = auth.get("kind")
    words = []
    if kind in {"bearer", "oauth2-client-credentials"}:
        words.append("-H 'Authorization: Bearer '\"$INTEROP_TOKEN\"")
    elif kind == "basic":
        words.append('-u "$INTEROP_USERNAME:$INTEROP_PASSWORD"')
    elif kind == "api-key" and auth.get("in") not in {"query", "form"}:
        words.append(f'-H {shell(str(auth.get("name")) + ": ")}"$INTEROP_API_KEY"')
    if kind == "client-certificate" or auth.get("client_certificate"):
        words.append('--cert "$INTEROP_CERTIFICATE" --key "$INTEROP_CERTIFICATE_KEY"')
    return words


def _body(exchange: Exchange) -> list[str]:
    body = exchange.request.body
    words = []
    if not any(name.lower() == "content-type" for name, _ in exchange.request.headers):
        words.append("-H 'Content-Type:'")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or len(body) > MAX_BODY:
        return [*words, f"--data-binary @{exchange.id}.body"]
    return [*words, f"--data-raw {shell(text)}"]
