"""How what was counted of a segment is said: rows with their labels, sentences on what stands out, bars' lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import log
from typing import Final

from plugin.report.insight import Comparison, Insight, Part
from plugin.report.insight_statistics import ENOUGH, Lift, share

from . import words

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHANNELS: Final = {
    "web": "Online store",
    "pos": "Point of sale",
    "shopify_draft_order": "Draft order",
    "iphone": "Shopify for iPhone",
    "android": "Shopify for Android",
}
SHOWN: Final = 12
"""Rows of one card: those that differ most, then the most frequent."""
HEADLINES: Final = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """How one comparison is said. `base` is what a share is of; `headline` is a sentence's middle, with the label."""

    title: str
    base: str
    headline: str
    label: Callable[[str], str] = str
    in_order: bool = False
    """Its rows have an order of their own, and are drawn as columns."""


KINDS: Final[dict[str, Kind]] = {
    "product_type": Kind("Types they buy", "people who bought anything", "bought {0}"),
    "vendor": Kind("Vendors they buy from", "people who bought anything", "bought from {0}"),
    "country": Kind("Countries", "people with an address", "have an address in {0}"),
    "device": Kind("Devices they come with", "people whose visits are known", "came with a {0}"),
    "hour": Kind("Hours of their orders", "orders", "of the orders came at {0}", lambda key: f"{int(key):02}:00", True),
    "weekday": Kind(
        "Weekdays of their orders", "orders", "of the orders came on a {0}", lambda key: WEEKDAYS[int(key) - 1], True
    ),
    "channel": Kind("Channels", "orders", "of the orders came by {0}", lambda key: CHANNELS.get(key, key)),
    "discount": Kind(
        "Discounts",
        "orders",
        "of the orders were {0}",
        lambda key: "with a discount" if key == "yes" else "without a discount",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A part as a page shows it; shares are of 1."""

    label: str
    here: int
    everywhere: int
    share: float
    of_all: float
    lift: Lift | None
    said: str
    """2.4 × (2.1–2.8), as everybody, too few."""


@dataclass(frozen=True, slots=True)
class Card:
    """A comparison as a page shows it. `note` says what is left out, or why nothing can be said."""

    name: str
    kind: Kind
    comparison: Comparison
    rows: tuple[Row, ...]
    top: float
    """The longest bar's share."""
    note: str


def cards(insight: Insight) -> list[Card]:
    """The comparisons in which there is anything to compare."""
    return [_card(one) for one in insight.comparisons if len(one.parts) > 1 and one.of in KINDS]


def headlines(insight: Insight) -> list[str]:
    """What sets the segment apart most, in sentences; only what is more than chance."""
    found: list[tuple[float, str]] = []
    for card in cards(insight):
        rows = [_row(card.kind, card.comparison, part) for part in card.comparison.parts]
        found += [(_weight(row), _headline(card.kind, row)) for row in rows if _weight(row)]
    return [sentence for _, sentence in sorted(found, key=lambda one: -one[0])[:HEADLINES]]


def week(begins: str) -> str:
    """ "2026-11-23" → "23 Nov"."""
    day = date.fromisoformat(begins)
    return f"{day.day} {day:%b}"


def percent(part: float) -> str:
    """0.613 → "61 %"; small shares keep a decimal."""
    return words.percent(round(part * 100_000), 100_000)


def said(lift: Lift | None) -> str:
    """A lift with its interval; "as everybody" when chance explains it."""
    if lift is None:
        return "too few"
    if not lift.stands_out:
        return "as everybody"
    return f"{lift.value:.1f} × ({lift.low:.1f}–{lift.high:.1f})"


def _headline(kind: Kind, row: Row) -> str:
    what = f"{percent(row.share)} {kind.headline.format(row.label)}"
    if row.share >= row.of_all and row.of_all:
        return f"{what}: {row.share / row.of_all:.1f} times as often as everybody ({percent(row.of_all)})."
    return f"Only {what}; of everybody {percent(row.of_all)}."


def _card(comparison: Comparison) -> Card:
    kind = KINDS[comparison.of]
    rows = [_row(kind, comparison, part) for part in comparison.parts]
    if kind.in_order:
        rows = _every_place(comparison.of, kind, rows)
        shown = rows
    else:
        ranked = sorted(rows, key=lambda row: (-_weight(row), -row.everywhere))
        shown = sorted(ranked[:SHOWN], key=lambda row: (-row.share, row.label))
    top = max((max(row.share, row.of_all) for row in shown), default=0.0) or 1.0
    return Card(comparison.of, kind, comparison, tuple(shown), top, _note(comparison, len(rows) - len(shown)))


def _row(kind: Kind, comparison: Comparison, part: Part) -> Row:
    lift = comparison.lift(part)
    mine, all_ = share(part.here, comparison.here), share(part.everywhere, comparison.everywhere)
    return Row(kind.label(part.key), part.here, part.everywhere, mine, all_, lift, said(lift))


def _every_place(name: str, kind: Kind, rows: list[Row]) -> list[Row]:
    """Twenty-four hours or seven days, also those at which nobody ordered."""
    told = {row.label: row for row in rows}
    keys = range(24) if name == "hour" else range(1, 8)
    empty = Row("", 0, 0, 0.0, 0.0, None, "too few")
    labels = [kind.label(str(key)) for key in keys]
    return [told.get(label, Row(label, *_rest(empty))) for label in labels]


def _rest(row: Row) -> tuple[int, int, float, float, Lift | None, str]:
    return row.here, row.everywhere, row.share, row.of_all, row.lift, row.said


def _weight(row: Row) -> float:
    """How much of a difference a row makes: 0 where chance explains it."""
    if row.lift is None or not row.lift.stands_out:
        return 0.0
    return abs(log(max(row.lift.value, 0.01))) * max(row.share, row.of_all)


def _note(comparison: Comparison, hidden: int) -> str:
    said = f"{words.plural(hidden, 'more row is', 'more rows are')} not shown. " if hidden else ""
    if comparison.people < ENOUGH:
        few = words.plural(comparison.people, "person stands", "people stand")
        return f"{said}Only {few} behind the segment’s numbers: too few to say that they differ."
    return said
