"""What an error must not show: stack traces, source paths, queries, debugging pages.

The patterns are narrow on purpose. Ordinary words in a message ("exception", "query", "stack") match none of them.
All repetition is bounded, because the text is the supplier's.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_TEXT = 40_000
"""Characters that are searched: a stack trace stands near the top."""

_FRAME = r"^[ \t]{0,20}at [\w.`<>+\[\]]{1,300}\(.{0,300}\)"
_SOURCE = r"[\w@+.\-/]{1,300}\.(?:py|rb|php|java|go|cs|rs|jar|dll|js|ts|mjs)\b"
_UNTIL = r"(?:(?!SELECT)[^<>{}])"
_NO_LINK = r"(?<![\w:/.])(?<!src=[\"'])(?<!href=[\"'])"

_PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "a Python stack trace",
        (r"Traceback \(most recent call last\)", r"^[ \t]{0,20}File \"[^\"\n]{1,300}\.py\", line \d+"),
    ),
    (
        "a Java stack trace",
        (r"\bat (?:[\w$]{1,100}[./]){1,30}[\w$<>]{1,100}\((?:[\w$]{1,100}\.(?:java|kt|scala):\d+|Native Method)\)",),
    ),
    (
        "a Java exception",
        (
            r"\b(?:java|javax|jakarta|org\.springframework|org\.hibernate)(?:\.\w{1,100}){0,10}"
            r"\.\w{0,100}(?:Exception|Error)\b",
        ),
    ),
    ("a .NET stack trace", (rf"{_FRAME}[^\n]{{0,300}}\n{_FRAME}", r"\.(?:cs|vb|cshtml):line \d+")),
    ("a .NET exception", (r"\b(?:System|Microsoft)(?:\.\w{1,100}){0,10}\.\w{0,100}Exception\b",)),
    (
        "a JavaScript stack trace",
        (r"\bat (?:[\w.$<>\[\] ]{1,120} \()?(?:file://|node:|/|[A-Za-z]:\\)[^\s()]{1,300}:\d+:\d+",),
    ),
    (
        "a PHP error",
        (
            r"(?:Fatal error|Parse error|Warning|Notice)(?:</b>)?:[^\n]{0,300}? in [^\n]{0,200}?\.php(?:</b>)? on line",
            r"^#\d{1,3} [^\n]{0,200}?\.php\(\d+\)",
        ),
    ),
    ("a Ruby stack trace", (r"\.rb:\d+:in [`'\"]",)),
    ("a Go stack trace", (r"\bgoroutine \d+ \[\w[\w ]{0,40}\]:",)),
    (
        "a database error",
        (
            r"SQLSTATE\[\w+\]",
            r"\bORA-\d{5}\b",
            r"\bpsycopg2?\.\w",
            r"\bsqlalchemy\.(?:exc|orm)\b",
            r"You have an error in your SQL syntax",
            r"syntax error at or near \"",
            r"\bsqlite3\.\w{0,30}Error\b",
            r"\bSQLite3::\w",
            r"\bPG::\w{1,40}",
            r"Unclosed quotation mark after the character string",
            r"\b(?:MongoServerError|MySqlException|SqlException|NpgsqlException)\b",
        ),
    ),
    (
        "an SQL statement",
        (
            rf"\bSELECT\s{_UNTIL}{{1,300}}?\sFROM\s+[\w.\"`\[\]]{{1,80}}{_UNTIL}{{0,150}}?"
            r"\s(?:WHERE|LIMIT|JOIN|ORDER BY)\s",
            r"\bINSERT INTO\s+[\w.\"`\[\]]{1,80}\s*\([^<>{}]{1,300}?\)\s*VALUES\b",
        ),
    ),
    (
        "a path of a source file",
        (
            rf"{_NO_LINK}/(?:usr|home|var|srv|opt|app|root|Users|workspace|builds?)/{_SOURCE}",
            r"\b[A-Za-z]:\\(?:[\w .\-]{1,80}\\){1,20}[\w.\-]{1,80}\.(?:cs|cshtml|vb|php|py|js|ts|dll|config)\b",
        ),
    ),
    (
        "a framework's debugging page",
        (
            r"Werkzeug Debugger",
            r"You're seeing this error because you have <code>DEBUG = True",
            r"laravel-ignition",
            r"Whoops\\Exception",
            r"<title>Action Controller: Exception caught",
            r"Symfony Profiler",
        ),
    ),
)

INTERNALS = tuple((what, re.compile("|".join(f"(?:{text})" for text in texts), re.M)) for what, texts in _PATTERNS)


def internals(body: bytes, target: str) -> tuple[str, str] | None:
    """The first thing of the software's inside that the text shows, as (what it is, the words).

    What only repeats the request's own values is no inside.
    """
    text = body[: MAX_TEXT * 4].decode("utf-8", "replace")[:MAX_TEXT]
    for value in _own_words(target):
        text = text.replace(value, "…")
    # Inside a JSON string line ends, quotes and slashes are escaped.
    plain = text.replace("\\r", "").replace("\\n", "\n").replace("\\t", " ").replace('\\"', '"').replace("\\/", "/")
    for candidate in dict.fromkeys((text, plain, plain.replace("\\\\", "\\"))):
        for what, pattern in INTERNALS:
            found = pattern.search(candidate)
            if found:
                return what, " ".join(found.group().split())[:100]
    return None


def _own_words(target: str) -> list[str]:
    """The values of the query, and the last step of the path where it is more than a word."""
    parts = urlsplit(target)
    last = unquote(parts.path.rpartition("/")[2])
    values = [value for _, value in parse_qsl(parts.query)] + ([] if re.fullmatch(r"[\w.-]*", last) else [last])
    return sorted({value for value in values if len(value) > 3}, key=lambda value: (-len(value), value))
