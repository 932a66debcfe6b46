"""``make bench``: the figures that the README quotes."""

from __future__ import annotations

import argparse

from benchmarks import measures


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the harness; every figure is a ratio taken in this run.")
    parser.add_argument("--rounds", type=int, default=3, help="measure each figure this often; the median is shown")
    parser.add_argument("--only", action="append", help="only this measure; may be repeated")
    chosen = parser.parse_args()
    for name, measure in measures.ALL.items():
        if not chosen.only or name in chosen.only:
            for line in measure(chosen.rounds):
                print(line, flush=True)


if __name__ == "__main__":
    main()
