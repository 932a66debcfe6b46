"""A secret that is learnt only after it was written: the files that a run directory holds by then are freed of it.

A recorded exchange becomes what it had been if the secret had been known when it came, so that the run can go on from
its journal without asking for it again. Files that are made at the end of a run are removed: they are made again.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from interop_harness.errors import EvidenceError, HarnessError, UsageError
from interop_harness.evidence import Exchange, Failure, Probe, Redactor, Response
from interop_harness.evidence.crowd import crowd
from interop_harness.evidence.lines import line, unpacked
from interop_harness.execution.replacing import replace_file

MADE_AT_THE_END = ("report.json", "evidence.jsonl.gz", "report.html", "junit.xml", "summary.md")
PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Swept:
    """What held a secret: which files, and what became of the journal (``rewritten``, ``removed`` or nothing)."""

    files: tuple[str, ...] = ()
    journal: str = ""


def sweep(journal: Path, redactor: Redactor) -> Swept:
    """Free a journal, and the files beside it, of every secret known. Raises UsageError when that cannot be done."""
    try:
        others = [name for name in MADE_AT_THE_END if holds(journal.with_name(name), redactor)]
        for name in others:
            journal.with_name(name).unlink(missing_ok=True)
        done = _sweep_journal(journal, redactor)
    except OSError as error:
        raise UsageError(
            "secret-stays",
            f"{journal.parent} holds a credential that was not known when it was written, and cannot be freed of it: "
            f"{error.strerror}.",
            "Remove the directory.",
        ) from error
    return Swept((*([journal.name] if done else []), *others), done)


def _sweep_journal(path: Path, redactor: Redactor) -> str:
    at = _first(path, redactor)
    if at is None:
        return ""
    if at == 0:
        # The plan itself, which every exchange belongs to.
        path.unlink()
        return "removed"
    try:
        with path.open("rb") as journal:
            replace_file(path, _freed(journal, redactor))
    except OSError:
        # No room for a second file: what came before the secret is kept, and the rest is asked for again.
        try:
            os.truncate(path, at)
        except OSError:
            path.unlink()
            return "removed"
    return "rewritten"


def holds(path: Path, redactor: Redactor) -> bool:
    """Whether a secret stands in a file; False when there is no such file."""
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                return _found(unpacked(file.read()), redactor)
            return _found(iter(lambda: file.read(PIECE), b""), redactor)
    except (OSError, zlib.error):
        return False


def _found(pieces: Iterable[bytes], redactor: Redactor) -> bool:
    try:
        redactor.refuse_leak(pieces, "")
    except HarnessError:
        return True
    return False


def _first(path: Path, redactor: Redactor) -> int | None:
    """Where the first line begins that holds a secret."""
    if not holds(path, redactor):
        return None
    at = 0
    with path.open("rb") as journal:
        for piece in journal:
            if redactor.holds(piece):
                return at
            at += len(piece)
    return None


def _freed(journal: IO[bytes], redactor: Redactor) -> Iterator[bytes]:
    for piece in journal:
        if not redactor.holds(piece):
            yield piece
            continue
        told = _told(piece, redactor)
        # What cannot be told without the secret is asked for again.
        if told and not redactor.holds(told):
            yield told


def _told(piece: bytes, redactor: Redactor) -> bytes:
    try:
        record = json.loads(piece)
        if record.get("type") == "exchange":
            exchange = redacted(Exchange.from_json(record), redactor)
            # A masked number is a bracket more: what nobody would read from the evidence is asked for again.
            if exchange.response is None or not crowd(exchange.response.body):
                return line(exchange.as_json())
        if record.get("type") == "probes":
            seen = [Probe.from_json(redactor.values(probe)).as_json() for probe in record["probes"]]
            return line({"type": "probes", "probes": seen})
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, EvidenceError):
        pass
    return b""


def redacted(exchange: Exchange, redactor: Redactor) -> Exchange:
    """The exchange as it had been kept if every secret had been known when it came."""
    request, response, failure = exchange.request, exchange.response, exchange.failure
    return replace(
        exchange,
        request=replace(
            request,
            target=redactor.text(request.target),
            headers=redactor.headers(request.headers),
            body=redactor.data(request.body),
        ),
        response=response
        and Response(
            response.status,
            redactor.headers(response.headers),
            redactor.data(response.body),
            http_version=response.http_version,
            reason=redactor.wire(response.reason),
            redirects=tuple((status, redactor.wire(to)) for status, to in response.redirects),
        ),
        failure=failure and Failure(failure.kind, redactor.text(failure.message)),
    )
