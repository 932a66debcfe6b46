"""How a run says where it is."""

from __future__ import annotations

import io
import threading

import pytest

from interop_harness.rendering.progress import PlainProgress, Progress, TerminalProgress, progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_lines_come_at_phases_and_every_few_seconds() -> None:
    stream, clock = io.StringIO(), Clock()
    shown = PlainProgress(stream, clock=clock)
    shown.phase("Preflight", 1)
    shown.advance(1, "dns")
    shown.phase("Cases", 1412)
    for second in range(1, 13):
        clock.now = float(second)
        shown.advance(100, "GET /services\x1b[2J")
    shown.done()
    shown.done()
    assert stream.getvalue().splitlines() == [
        "Preflight: 1 to do",
        "Preflight: done, 1 in 0.0 seconds",
        "Cases: 1,412 to do",
        "Cases: 500 of 1,412, GET /services[U+001B][2J",
        "Cases: 1,000 of 1,412, GET /services[U+001B][2J",
        "Cases: done, 1,200 in 12 seconds",
    ]


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    with progress(stream, quiet=True) as shown:
        shown.phase("Cases", 3)
        shown.advance()
    assert stream.getvalue() == ""
    assert type(shown) is Progress


def test_a_stream_decides_which_form() -> None:
    assert isinstance(progress(io.StringIO()), PlainProgress)
    assert isinstance(progress(io.StringIO(), terminal=True), TerminalProgress)


def test_an_interrupt_ends_the_display() -> None:
    stream = io.StringIO()
    shown = progress(stream, terminal=True)
    with pytest.raises(KeyboardInterrupt), shown:
        shown.phase("Cases", 10)
        shown.advance(1, "[bold red]x[/] \x1b[2J\u202e")
        raise KeyboardInterrupt
    assert "Cases" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
    shown.advance()
    shown.done()


def test_many_threads_may_count() -> None:
    stream = io.StringIO()
    shown = PlainProgress(stream, clock=Clock())
    shown.phase("Cases", 4000)
    threads = [threading.Thread(target=lambda: [shown.advance() for _ in range(1000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown.done()
    assert "done, 4,000 in" in stream.getvalue()


def test_a_closed_stream_does_not_end_a_run() -> None:
    stream = io.StringIO()
    shown = PlainProgress(stream)
    stream.close()
    shown.phase("Cases", 1)
    shown.done()


def test_a_phase_of_unknown_length() -> None:
    stream = io.StringIO()
    with progress(stream, terminal=True) as shown:
        shown.phase("Reading")
        shown.advance(3)
    with progress(stream, terminal=False) as plain:
        plain.phase("Reading")
    assert "Reading" in stream.getvalue()
