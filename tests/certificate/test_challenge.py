"""What a challenge changes, and that anybody can work it out again: values, order, samples."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from interop_harness.assurance.selftest import reference_plan
from interop_harness.execution.live import LivePass
from interop_harness.generation.draws import draw_inputs, drawable
from interop_harness.generation.inputs import inputs_of, wire_valid
from interop_harness.generation.validation import Validators
from interop_harness.plan import derive_seed, make_plan
from interop_harness.profile import load

CHALLENGE = "council-tender-42-0123456789"
PROFILES = ("local-waste-services", "open-referral-uk", "open311-georeport", "shared-care-record")


def seed_of(challenge: str) -> str:
    return hashlib.sha256(f"interop-harness seed v1\n{challenge}".encode()).hexdigest()


def digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize("name", PROFILES)
def test_every_operation_gets_values_that_were_not_known_before(name: str) -> None:
    profile = load(name)
    compiled, drawn = inputs_of(profile)["operations"], draw_inputs(profile, seed_of(CHALLENGE))["operations"]
    assert set(drawn) == drawable(profile)
    assert sum(len(rows) for aspects in drawn.values() for rows in aspects.values()) > 0
    for operation, aspects in drawn.items():
        for aspect, rows in aspects.items():
            known = {(row["parameter"], row["value"]) for row in compiled.get(operation, {}).get(aspect, [])}
            assert not known & {(row["parameter"], row["value"]) for row in rows}
            assert len(rows) <= 3


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_called_valid_is_valid_and_what_is_called_invalid_is_not(name: str) -> None:
    profile = load(name)
    validators = Validators(profile.openapi)
    for number in range(5):
        drawn = draw_inputs(profile, seed_of(f"{CHALLENGE}-{number}"))["operations"]
        for identifier, aspects in drawn.items():
            operation = profile.operations[identifier]
            for aspect, rows in aspects.items():
                for row in rows:
                    parameter = operation.parameter(row["parameter"])
                    assert parameter is not None
                    assert wire_valid(parameter, row["value"], validators, identifier) == (aspect == "parameters"), row


@pytest.mark.parametrize("name", PROFILES)
def test_another_process_draws_the_same_and_another_challenge_does_not(name: str) -> None:
    program = (
        "import sys,json;from interop_harness.profile import load;"
        "from interop_harness.generation.draws import draw_inputs;"
        "print(json.dumps(draw_inputs(load(sys.argv[1]), sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, name, seed_of(CHALLENGE)],
        env={"PYTHONHASHSEED": "7", "PATH": "", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    profile = load(name)
    assert json.loads(done.stdout) == draw_inputs(profile, seed_of(CHALLENGE))
    assert draw_inputs(profile, seed_of(CHALLENGE)) != draw_inputs(profile, seed_of(CHALLENGE + "x"))


def test_the_rule_of_drawing_stays_as_it_was_released() -> None:
    """Evidence made years ago must be drawn again to the same values. A profile of its own, so that none moves it."""
    from interop_harness.generation.draws import Dice, _fitting, _unfit
    from interop_harness.profile import Parameter

    schemas = (
        {"type": "integer", "minimum": 1, "maximum": 50},
        {"type": "number"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "pattern": "^[A-Z]{2}[0-9]$"},
        {"type": "boolean"},
    )
    made = []
    for schema in schemas:
        parameter = Parameter(name="x", place="query", required=False, schema=schema)
        dice = Dice("seed", "operation", "x")
        made.append([*_unfit(parameter, ["AB1"], dice), *_fitting(parameter, ["AB1"], dice)])
    assert digest(made) == "986e4b2fae4ecbcd5edb009cce238251ea42e045323e37f6d7c0b81e0346e7a8"


def test_the_order_follows_from_the_challenge() -> None:
    profile = load("local-waste-services")
    implementation = reference_plan(profile).implementation

    def order(challenge: str) -> list[str]:
        drawn = draw_inputs(profile, derive_seed(profile, implementation, challenge))
        plan = make_plan(profile, implementation, challenge=challenge, inputs=inputs_of(profile), drawn=drawn)
        return [case.id for case in LivePass.order(plan)]

    first, other = order(CHALLENGE), order(CHALLENGE + "x")
    assert first == order(CHALLENGE)
    common = set(first) & set(other)
    assert [case for case in first if case in common] != [case for case in other if case in common]
