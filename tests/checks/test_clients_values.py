"""Defeat devices in the values: what other clients are told, with the same members, kinds and identifiers."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interop_harness.execution.run import replay
from interop_harness.profile import load
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from tests.checks.test_clients import ALIKE, BROWSER, Change, run, verdicts


def changed(answer: SandboxResponse, change: Callable[[Any], Any]) -> SandboxResponse:
    """The answer with something done to the body's object, or to every record of its list."""
    if answer.status != 200 or not answer.body.startswith(b"{"):
        return answer
    return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())


def stamped(value: Any, **more: Any) -> Callable[[Any], Any]:
    return lambda body: {**body, "stamp": value, **more}


def stranger(request: SandboxRequest) -> bool:
    return not request.header("user-agent").startswith("python-httpx")


def other_numbers(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    body = re.sub(rb'"number":"[^"]*"', b'"number":"0000"', answer.body)
    body = body.replace(b'"name":"', b'"name":"The ')
    return replace(answer, body=body) if stranger(request) else answer


def no_descriptions(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    body = re.sub(rb'"(name|description)":"[^"]*"', rb'"\1":"Please telephone."', answer.body)
    return replace(answer, body=body) if stranger(request) else answer


class Lies:
    """Others get another text each time: no two bad answers agree."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        told = b'"name":"%d ' % self.count
        return replace(answer, body=answer.body.replace(b'"name":"', told)) if stranger(request) else answer


@pytest.mark.parametrize("change", [other_numbers, no_descriptions, Lies()])
def test_other_values_for_other_clients_are_found(change: Change) -> None:
    made = run(change)
    assert verdicts(made)["01"] == "fail" and verdicts(made)["02"] == "pass"
    findings = next(row["findings"] for row in made.report["requirements"] if row["id"] == "GOV-CLIENT-01")
    assert any("holds another value" in finding["observed"] for finding in findings)
    assert not any("telephone." in finding["observed"] or "0000" in finding["observed"] for finding in findings)
    assert replay(made.evidence_gz, load).report_bytes == made.report_bytes


@pytest.mark.parametrize("fault", ["withheld-from-others", "behaves-where-the-examiner-was"])
def test_faults_that_withhold_values_are_flagged(fault: str) -> None:
    made = run(lambda request, answer: answer, fault)
    assert verdicts(made)["01"] == "fail" and verdicts(made)["02"] == "pass"
    assert made.report["run"]["disguised_probe"] == "fail"
    finding = next(row for row in made.report["requirements"] if row["id"] == "GOV-CLIENT-01")["findings"][0]
    assert "holds another value" in finding["observed"] and "withheld" not in finding["observed"]


def test_a_volatile_member_does_not_hide_another_value() -> None:
    count = iter(range(10**6))

    def both(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return changed(other_numbers(request, answer), stamped(next(count), request=f"r-{next(count)}"))

    assert verdicts(run(both))["01"] == "fail"


class Clock:
    """A time at some resolution, which passes with the requests; ``at`` shifts where it turns."""

    def __init__(self, every: int, at: int = 0) -> None:
        self.every, self.count = every, at

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        return changed(answer, stamped(f"2026-11-02T10:{self.count // self.every % 60:02d}:00Z"))


class Coin:
    """One of two machines answers and says which, by chance or by turns."""

    def __init__(self, seed: int, sides: int = 2) -> None:
        self.chance, self.sides, self.count = random.Random(seed), sides, 0

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        side = self.count % -self.sides if self.sides < 0 else self.chance.randrange(self.sides)
        return changed(answer, stamped(side))


class Shuffled:
    """Every list in an order of its own."""

    def __init__(self) -> None:
        self.chance = random.Random(7)

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        def mixed(body: Any) -> Any:
            if isinstance(body.get("contents"), list):
                self.chance.shuffle(body["contents"])
            return {**body, self.chance.choice("abcdefgh"): 1}

        return changed(answer, mixed)


def echoing(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    said = request.header("user-agent")
    return changed(answer, stamped(f"Hello {said}", client=said, language=request.header("accept-language") or "-"))


def first_time(seen: set[str]) -> Change:
    """Whoever asks for an address first is told that nobody asked before."""

    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        address = f"{request.path}?{request.raw_query}"
        known = address in seen
        seen.add(address)
        return changed(answer, stamped("kept" if known else "made"))

    return change


class Cache:
    """Keeps a copy for each value of some headers, and may say so in Vary; each says when it was made."""

    def __init__(self, *names: str, vary: bool = True) -> None:
        self.names, self.kept, self.count, self.vary = names, dict[Any, SandboxResponse](), 0, vary

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        said = tuple(request.header(name) for name in self.names)
        fresh = changed(answer, stamped(f"made {self.count}"))
        fresh = fresh.with_header("Vary", ", ".join(self.names)) if self.vary else fresh
        return self.kept.setdefault((request.method, request.path, request.raw_query, said), fresh)


@pytest.mark.parametrize(
    "change",
    [
        *(Clock(1), Clock(3), Clock(7), Clock(60, 0), Clock(60, 25), Clock(60, 45)),
        *(Coin(0), Coin(1), Coin(0, -2), Coin(0, -3)),
        *(Shuffled(), echoing, first_time(set())),
        *(
            Cache("User-Agent"),
            Cache("Accept-Encoding", vary=False),
            Cache("accept-language", "User-Agent", "Accept-Encoding"),
        ),
    ],
)
def test_values_that_change_for_everybody_accuse_nobody(change: Change) -> None:
    """What comes by time, chance, turn or copy is no matter of who asks, and the rest can still be told."""
    assert verdicts(run(change)) == ALIKE


def test_a_language_is_negotiated_and_a_device_behind_it_is_not() -> None:
    def welsh(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        """Welsh unless English is asked for, and not all of it is translated."""
        if request.header("accept-language"):
            return answer.with_header("Vary", "Accept-Language")
        body = answer.body.replace(b'"name":"', b'"name":"Gwasanaeth ')
        body = re.sub(rb'"description":"[^"]*"', b'"description":""', body)
        return replace(answer, body=body).with_header("Vary", "Accept-Language")

    assert verdicts(run(welsh)) == ALIKE

    def behind(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        """Browsers are told something else than the suite is when it asks in their language."""
        asked = welsh(request, answer)
        return no_descriptions(request, asked) if request.header("sec-fetch-mode") else asked

    assert verdicts(run(behind)) == {**ALIKE, "03": "fail"}


def test_only_browsers_meet_other_values() -> None:
    def browsers(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return no_descriptions(request, answer) if request.header("user-agent").startswith(BROWSER) else answer

    assert verdicts(run(browsers)) == {"01": "fail", "02": "pass", "03": "fail"}


def test_a_header_that_all_send_alike_excuses_nothing_by_standing_in_vary() -> None:
    def by_order(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        names = [name.lower() for name, _ in request.headers]
        usual = "user-agent" not in names[: names.index("accept")]
        told = answer if usual else replace(answer, body=answer.body.replace(b'"name":"', b'"name":"The '))
        return told.with_header("Vary", "Accept, Accept-Encoding, Connection, User-Agent")

    assert verdicts(run(by_order))["02"] == "fail"
