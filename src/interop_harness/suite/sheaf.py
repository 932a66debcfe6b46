"""What many answers hold, opened one answer at a time: all of an exhaustive run's records would fill the memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
Leaf = TypeVar("Leaf")


@dataclass(frozen=True, slots=True)
class Sheaf(Generic[Answer, Leaf]):
    """The leaves of these answers in order, read anew each time they are gone through and kept by nobody.

    ``opened`` gives what one answer holds, nothing where it cannot be read, and the same each time.
    """

    answers: Iterable[Answer]
    opened: Callable[[Answer], Iterable[Leaf]]

    def __iter__(self) -> Iterator[Leaf]:
        for answer in self.answers:
            yield from self.opened(answer)

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
