"""Mutants of services that read a request more kindly than the rules allow: other forms of a date, codes, numbers.

Only one member is read so: whoever is lenient everywhere is noticed sooner.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.decisions import about_question
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest

BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
SHORT = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)\Z", re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T.*\Z", re.ASCII)
NUMBER = re.compile(r"-?\d{1,9}\Z", re.ASCII)


@rule("decisions.refusals")
def read_kindly(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What a row wants refused is understood all the same, at one member and in one way."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    used = set(ground.clean.results[case.id].exchanges)
    known = {str(code) for codes in ground.profile.parameters.get("codelists", {}).values() for code in codes}
    for exchange in ground.clean.exchanges.values():
        content = _read(exchange.request.body)
        if exchange.id not in used or exchange.ok or not isinstance(content, dict):
            continue
        for path in dict.fromkeys(path for path, _ in bodies.walk(content)):
            for kind, (told, kindly) in readings(known).items():
                if bodies.changed(content, path, kindly) == content:
                    continue
                place = "/".join(path)
                yield mutant(
                    operation.id,
                    kind,
                    place,
                    EVERY,
                    f"{operation.path}: {told} is accepted at {place}",
                    about_question(ground, case, exchange.request.body),
                    asking(_readable, _reading(path, kindly)),
                )


def readings(known: set[str]) -> Mapping[str, tuple[str, Callable[[Any], Any]]]:
    """Ways to take what is written otherwise for what was meant: what each takes, and the doing."""
    return {
        "date-without-hyphens": ("a date without hyphens", _text(lambda old: BASIC.sub(r"\1-\2-\3", old))),
        "date-without-noughts": ("a date without noughts", _text(lambda old: SHORT.sub(_padded, old))),
        "date-with-time": ("a moment for a date", _text(lambda old: MOMENT.sub(r"\1", old))),
        "number-read-from-text": (
            "a number written as text",
            _text(lambda old: int(old) if NUMBER.match(old) else old),
        ),
        "code-trimmed": ("a code between blanks", _text(lambda old: old.strip() if old.strip() in known else old)),
        "code-folded": ("a code in small letters", _text(lambda old: old.upper() if old.upper() in known else old)),
        "first-alone-read": ("whatever follows a first code", _first),
    }


def _text(change: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda old: change(old) if isinstance(old, str) else old


def _padded(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"


def _first(old: Any) -> Any:
    return old[:1] if isinstance(old, list) else old


def _readable(request: SandboxRequest) -> bool:
    return isinstance(_read(request.body), dict)


def _reading(path: bodies.Path, kindly: Callable[[Any], Any]) -> Callable[[SandboxRequest], SandboxRequest]:
    def made(request: SandboxRequest) -> SandboxRequest:
        body = json.dumps(bodies.changed(_read(request.body), path, kindly), ensure_ascii=False).encode()
        kept = tuple(pair for pair in request.headers if pair[0].lower() != "content-length")
        return replace(request, headers=kept, body=body)

    return made


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
