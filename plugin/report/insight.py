"""What sets a segment apart: a segment's people beside everybody, counted by steps from one state of the database.

Each step is a few set-based statements over the segment's own condition, whatever the number of people. What is
counted is a value that turns to JSON and back, kept by insight_kept.py; how it is said is the panel's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select

from plugin.segment import saved
from plugin.segment.compile import compile_segment
from plugin.segment.sql import condition
from plugin.store.engine import Tx
from plugin.store.tables import people, shops

from .insight_statistics import Lift, lift

SHAPE: Final = 1
"""Of what is kept: numbers of another shape are counted anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a comparison: so many of the segment's, so many of everybody's."""

    key: str
    here: int
    everywhere: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`of` is what is counted, by plugin/report/insight_parts.py's name. `here` and `everywhere` are all that were
    counted, `people` how many of the segment's stand behind them. `whole`: the parts add up to that."""

    of: str
    here: int
    everywhere: int
    people: int
    whole: bool
    parts: tuple[Part, ...]

    def lift(self, part: Part) -> Lift | None:
        """None where there are too few people to say anything."""
        return lift(part.here, self.here, part.everywhere, self.everywhere, self.people)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another segment: how many are in it, and in both."""

    segment_id: int
    name: str
    size: int
    both: int


@dataclass(frozen=True, slots=True)
class Week:
    """From a Monday on: orders and revenue (minor units) of the segment's people, and of everybody."""

    begins: str
    orders: int
    revenue: int
    all_orders: int
    all_revenue: int


@dataclass(frozen=True, slots=True)
class Sales:
    """All orders that Beckon holds of some people: who ordered, how often, for how much."""

    people: int
    buyers: int
    orders: int
    revenue: int


@dataclass(frozen=True, slots=True)
class Push:
    """Of some people: who can be reached; messages of the last ninety days, and what came of them."""

    people: int
    reachable: int
    sent: int
    shown: int
    clicked: int


@dataclass(frozen=True, slots=True)
class Insight:
    """Everything that was counted."""

    sales: Sales
    all_sales: Sales
    push: Push
    all_push: Push
    comparisons: tuple[Comparison, ...]
    overlaps: tuple[Overlap, ...]
    weeks: tuple[Week, ...]

    @property
    def members(self) -> int:
        return self.sales.people

    @property
    def everybody(self) -> int:
        return self.all_sales.people


@dataclass(slots=True)
class Counting:
    """A count under way. `here` holds for people of the segment, `alive` for everybody; `found` grows step by step."""

    shop_id: int
    segment_id: int
    query: str
    timezone: str
    now: datetime
    here: ColumnElement[bool]
    alive: ColumnElement[bool]
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def mine(self) -> Select[tuple[int]]:
        """The ids of the segment's people."""
        return select(people.c.id).where(self.here)

    @property
    def all(self) -> Select[tuple[int]]:
        return select(people.c.id).where(self.alive)

    def told(self) -> dict[str, Any]:
        """What was found, as JSON."""
        return {"shape": SHAPE} | {
            name: [asdict(one) for one in value] if isinstance(value, list | tuple) else asdict(value)
            for name, value in self.found.items()
        }


def begin(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> Counting:
    """Reads the segment as it means now. Raises NotFound, SegmentError."""
    segment = saved.find(tx, shop_id, segment_id)
    timezone = tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one()
    checked = compile_segment(segment.query, now=now, timezone=timezone, segments=saved.queries(tx, shop_id))
    everybody = compile_segment("", now=now, timezone=timezone)
    return Counting(
        shop_id=shop_id,
        segment_id=segment_id,
        query=segment.query,
        timezone=timezone,
        now=now,
        here=condition(checked, shop_id),
        alive=condition(everybody, shop_id),
    )


def read(told: Mapping[str, Any] | None) -> Insight | None:
    """What was kept; None when nothing was, or in another shape."""
    if not told or told.get("shape") != SHAPE:
        return None
    return Insight(
        sales=Sales(**told["sales"]),
        all_sales=Sales(**told["all_sales"]),
        push=Push(**told["push"]),
        all_push=Push(**told["all_push"]),
        comparisons=tuple(
            Comparison(**(one | {"parts": tuple(Part(**part) for part in one["parts"])})) for one in told["comparisons"]
        ),
        overlaps=tuple(Overlap(**one) for one in told["overlaps"]),
        weeks=tuple(Week(**one) for one in told["weeks"]),
    )


Step = Callable[[Tx, Counting], None]


def count_people(tx: Tx, where: ColumnElement[bool]) -> int:
    """How many people a condition holds for."""
    return tx.execute(select(func.count()).select_from(people).where(where)).scalar_one()
