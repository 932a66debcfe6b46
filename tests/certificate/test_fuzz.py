"""Changed bytes: none accepted, none crashes. A sample here; everything with INTEROP_FUZZ=full (minutes)."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop_harness.certificate import grammar
from interop_harness.errors import VerificationError
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, data_of, failed, genuine, p256
from tests.certificate.check import check, refusal

FULL = os.environ.get("INTEROP_FUZZ") == "full"
CODES = {3, 4, 5, 6, 7}


def test_every_single_byte_change() -> None:
    data = failed()
    places = range(len(data)) if FULL else random.Random(7).sample(range(len(data)), 500)
    for place in places:
        for other in {data[place] ^ 1, data[place] ^ 0x20, 0x0A} - {data[place]}:
            error = refusal(data[:place] + bytes([other]) + data[place + 1 :])
            assert error.exit_code in CODES, place


def test_every_single_byte_removed_or_doubled() -> None:
    data = genuine()
    places = range(len(data)) if FULL else random.Random(8).sample(range(len(data)), 800)
    for place in places:
        refusal(data[:place] + data[place + 1 :])
        refusal(data[:place] + data[place : place + 1] + data[place:])


def mutated(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place, size = chance.randrange(len(out)), chance.randint(0, 40)
        match chance.randint(0, 4):
            case 0:
                out[place] = chance.randrange(256)
            case 1:
                del out[place : place + size]
            case 2:
                out[place:place] = chance.randbytes(size)
            case 3:
                out[place:place] = out[place : place + size]
            case _:
                other = chance.randrange(len(out))
                out[place : place + size] = out[other : other + size]
        if not out:
            return b""
    return bytes(out)


def test_random_mutations() -> None:
    chance = random.Random(9)
    genuine_ones = (genuine(), failed(), p256())
    for number in range(100_000 if FULL else 1500):
        data = genuine_ones[number % 3]
        changed = mutated(data, chance)
        if changed != data:
            refusal(changed)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_end_in_a_refusal(data: bytes) -> None:
    for whole in (data, b"PK\x03\x04" + data, grammar.BEGIN + data, b"<!doctype html>\n" + data + b"</html>\n"):
        refusal(whole)


words = st.text(max_size=60)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words, words, words, words, st.sampled_from(made.OUTCOMES))
def test_whatever_a_supplier_writes_signs_and_verifies(
    supplier: str, product: str, observed: str, reason: str, outcome: str
) -> None:
    """Any text in a report gives a certificate that verifies, or is refused in words; and it stays ASCII."""
    read = made.failing()
    read["implementation"] |= {"supplier": supplier, "product": product}
    for row in read["requirements"]:
        row["reason"] = reason
        for finding in row["findings"]:
            finding["observed"] = observed
    read["requirements"].append(made.row("EX-ZZZZ-01", outcome, level="MAY"))
    data = made.issued(read)
    try:
        result = check(data, trust=made.store(profiles=(made.known(read),)))
    except VerificationError as error:
        pytest.fail(f"{error.code}: {error.message}")
    assert result.predicate["implementation"]["version"] == "4.2"
    assert data.isascii()


@pytest.mark.skipif(not FULL, reason="INTEROP_FUZZ=full")
def test_mutations_of_what_a_dishonest_signer_makes() -> None:
    chance = random.Random(10)
    for name in ATTACKS:
        data = data_of(name)
        if 0 < len(data) < 100_000:
            for _ in range(20):
                refusal(mutated(data, chance), hours=ATTACKS[name].hours, expect=ATTACKS[name].expect)
