"""Numbers to SVG coordinates. Templates draw; the same numbers stand beside each plot as words or a table."""

from __future__ import annotations

from collections.abc import Sequence


def line(values: Sequence[int], *, width: int = 100, height: int = 36) -> str:
    """The `points` of a polyline through `values`; flat at the bottom when there is nothing to see."""
    if not values:
        return f"0,{height - 1} {width},{height - 1}"
    low = min(0, *values)
    span = (max(values) - low) or 1
    step = width / max(1, len(values) - 1)
    values = [values[0], *values] if len(values) == 1 else values
    return " ".join(
        f"{at * step:.2f},{height - 1 - (value - low) * (height - 2) / span:.2f}" for at, value in enumerate(values)
    )


def top(values: Sequence[int]) -> int:
    """A round number at or above the highest value, for the axis."""
    highest = max([*values, 1])
    size: int = 10 ** (len(str(highest)) - 1)
    return next(size * step for step in (1, 2, 3, 4, 5, 6, 8, 10) if size * step >= highest)


def area(values: Sequence[int], *, width: int = 100, height: int = 100, highest: int | None = None) -> tuple[str, str]:
    """Line and filled area of a plot whose axis runs from 0 to `highest`, or to `top(values)`."""
    highest, step = highest or top(values), width / max(1, len(values) - 1)
    points = [f"{at * step:.2f},{height - value * height / highest:.2f}" for at, value in enumerate(values)]
    return " ".join(points), " ".join([f"0,{height}", *points, f"{width},{height}"])


def beside(part: Sequence[int], whole: Sequence[int]) -> tuple[tuple[str, str], tuple[str, str]]:
    """Two areas on the axis of the greater one."""
    highest = top(whole)
    return area(part, highest=highest), area(whole, highest=highest)
