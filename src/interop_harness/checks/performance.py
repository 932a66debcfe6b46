"""How long answers take: told, never judged."""

from __future__ import annotations

from collections.abc import Sequence

from interop_harness.evidence import Exchange

STEPS = ((1_000, "1 second"), (3_000, "3 seconds"), (10_000, "10 seconds"))


def latency(exchanges: Sequence[Exchange]) -> str:
    """In rough steps, so that two runs over the same service say the same; the evidence holds the milliseconds."""
    answered = [exchange for exchange in exchanges if exchange.response is not None]
    if not answered:
        return "no answer came"
    times = sorted(exchange.elapsed_ms for exchange in answered)
    slowest = next((f"under {words}" for limit, words in STEPS if times[-1] < limit), "10 seconds or more")
    typical = next((f"under {words}" for limit, words in STEPS if times[len(times) // 2] < limit), "10 seconds or more")
    few = f"{len(answered)} answer{'' if len(answered) == 1 else 's'}"
    if typical == slowest:
        return f"{few}, each in {slowest}"
    return f"{few}, typically in {typical}, the slowest in {slowest}"
