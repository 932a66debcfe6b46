"""Many answers take little memory; few are not packed at all; either way they are what came."""

from __future__ import annotations

import threading

import pytest

from interop_harness.evidence import Response
from interop_harness.evidence.shelf import LITTLE, Shelf
from interop_harness.transport.bodies import Store

BODY = b'{"name": "Aylesbury"}' * 1000


def some(count: int, body: bytes = BODY) -> list[Response]:
    return [Response(200, (), body + b"%d" % number) for number in range(count)]


def put(answers: list[Response]) -> Shelf:
    shelf = Shelf()
    for answer in answers:
        shelf.add(answer)
    return shelf


def test_few_answers_are_held_as_they_came() -> None:
    shelf = put(some(5))
    assert shelf.held == shelf.bytes == 5 * len(BODY) + 5


def test_many_answers_take_little_memory_and_stay_what_they_were() -> None:
    answers = some(2 * LITTLE // len(BODY))
    shelf = put(answers)
    assert shelf.bytes > 1.9 * LITTLE
    assert shelf.held == sum(answer.held for answer in answers) < shelf.bytes / 20
    assert [answer.body for answer in answers] == [answer.body for answer in some(len(answers))]


def test_small_bodies_are_never_packed() -> None:
    shelf = put(some(LITTLE // 1000, b"x" * 1000) + some(20))
    assert shelf.held > LITTLE


@pytest.mark.parametrize("count", [1, 2 * LITTLE // len(BODY)], ids=["loose", "packed"])
def test_what_is_removed_no_longer_counts(count: int) -> None:
    answers = some(count)
    shelf = put(answers)
    before = shelf.bytes, shelf.held
    extra = Response(200, (), BODY)
    shelf.add(extra)
    shelf.remove(extra)
    assert (shelf.bytes, shelf.held) == before


def test_a_body_can_be_read_while_it_is_packed() -> None:
    wrong: list[bytes] = []
    for answer in some(200):
        reader = threading.Thread(target=lambda one=answer: wrong.append(one.body) if one.body[:1] != b"{" else None)
        reader.start()
        answer.pack()
        reader.join()
    assert not wrong


def test_answers_that_are_nearly_empty_are_refused_before_they_make_a_bomb() -> None:
    """Evidence of them would unpack to very much more than its size, and nobody would open it."""
    store = Store()
    taken = [store.add(Response(200, (), bytes(4 * 1024**2))) for _ in range(20)]
    assert taken[:9] == [True] * 9
    assert not any(taken[10:])
