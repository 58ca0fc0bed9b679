"""Is a difference more than chance? Shares, lifts and their intervals, said so that small numbers promise nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z: Final = 2.576
"""Of a 99 % interval: a page shows a hundred of them, and one in twenty would be wrong too often."""
ENOUGH: Final = 20
"""Fewer people than this say nothing of anybody else."""
WORTH_SAYING: Final = 0.05
"""A difference of less is no news, however certain."""


@dataclass(frozen=True, slots=True)
class Lift:
    """How many times as frequent as among everybody: `value`, between `low` and `high` with 99 % certainty."""

    value: float
    low: float
    high: float

    @property
    def stands_out(self) -> bool:
        """More, or less, than chance would make of it, and by enough to matter."""
        return (self.low > 1 or self.high < 1) and abs(self.value - 1) >= WORTH_SAYING


def share(part: int, whole: int) -> float:
    """0 to 1; of nothing: 0."""
    return part / whole if whole else 0.0


def wilson(share_found: float, people: float) -> tuple[float, float]:
    """Between which shares the true one lies when it was found among so many people: Wilson's score interval (1927)."""
    if not people:
        return 0.0, 1.0
    square = Z * Z
    middle = (share_found + square / (2 * people)) / (1 + square / people)
    half = Z / (1 + square / people) * sqrt(share_found * (1 - share_found) / people + square / (4 * people * people))
    return max(0.0, middle - half), min(1.0, middle + half)


def lift(here: int, of_here: int, everywhere: int, of_everywhere: int, people: int) -> Lift | None:
    """Of `of_here` counted things `here` are so, of everybody's `of_everywhere` `everywhere`. `people` is how many
    stand behind the segment's: ten orders of one person are one opinion. None where there are too few to tell."""
    base = share(everywhere, of_everywhere)
    if people < ENOUGH or not base:
        return None
    found = share(here, of_here)
    low, high = wilson(found, people)
    return Lift(found / base, low / base, high / base)
