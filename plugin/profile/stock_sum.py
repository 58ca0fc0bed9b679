"""What a variant's stock comes to, from everything that was told of it.

Two tell how many pieces there are: the product (all locations together, products/* and the history) and each
location (inventory_levels/update). They come apart and out of order, each with its own instant. The product's newest
total is the anchor; what locations told after it is added as differences:

    total + Σ (a location's newest level − its level when the total was told)

A location whose level at that moment is not known would leave a hole in the sum: then the stock is the sum of the
locations that we have heard of. The product tells a new total with every change of stock, so either way it is
mended by the next news.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .news import NEVER

SLACK = timedelta(seconds=5)
"""One sale changes a level and the product within moments: a level told so soon after a total is in it already."""
KEPT = 20
"""Levels of one location that are kept at most; one that is older than so many is not missed."""


@dataclass(frozen=True, slots=True)
class Level:
    """Pieces at one location at an instant; `available` None: not counted."""

    location_id: int
    available: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """The newest of each kind of news of one variant."""

    quantity: int | None = None
    quantity_at: datetime | None = None
    tracked: bool | None = None
    tracked_at: datetime | None = None
    in_stock_at: datetime | None = None
    out_of_stock_at: datetime | None = None
    inventory_item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """`inventory` None: not counted. `since`: when it went out of stock or came back, None where nobody told."""

    inventory: int | None
    in_stock: bool
    since: datetime | None


def reckon(told: Told, levels: Sequence[Level], *, sold_without: bool) -> Stock:
    """`sold_without`: the merchant sells on when there is none left."""
    inventory, at = _inventory(told, levels)
    in_stock = inventory is None or inventory > 0 or sold_without
    came, went = told.in_stock_at or NEVER, told.out_of_stock_at or NEVER
    turned = max(came, went)
    if turned != NEVER and at <= turned + SLACK and (went > came or in_stock):
        in_stock = came >= went  # Shopify's own word, when nothing newer contradicts it
    since = told.in_stock_at if in_stock else told.out_of_stock_at
    return Stock(inventory, in_stock, since if since == turned else None)


def needed(levels: Iterable[Level], told_at: datetime | None) -> list[Level]:
    """Those that can still matter, of each location: the newest that the total contains, and all that came after.

    Totals only become newer, so one that is not needed now is never needed again.
    """
    kept: list[Level] = []
    for of_one in _by_location(levels).values():
        contained = [level for level in of_one if told_at is not None and level.at <= told_at + SLACK]
        kept += [*contained[-1:], *of_one[len(contained) :]][-KEPT:]
    return kept


def _inventory(told: Told, levels: Sequence[Level]) -> tuple[int | None, datetime]:
    """The pieces, and the instant of the newest news of them."""
    located = _by_location(levels)
    newest = [of_one[-1] for of_one in located.values()]
    at = max([told.quantity_at or NEVER, *(level.at for level in newest)])
    if _tracked(told, newest) is False or (told.quantity is None and not newest):
        return None, at
    if told.quantity is None or told.quantity_at is None:
        return sum(level.available or 0 for level in newest), at
    until = told.quantity_at + SLACK
    later = [level for level in newest if level.at > until]
    before = {location: level for location, of_one in located.items() for level in of_one if level.at <= until}
    if any(level.location_id not in before for level in later):
        return sum(level.available or 0 for level in newest), at
    moved = sum((level.available or 0) - (before[level.location_id].available or 0) for level in later)
    return told.quantity + moved, at


def _tracked(told: Told, newest: Sequence[Level]) -> bool | None:
    """As the newest word says; a level says it too, by having a number or none."""
    said = [(level.at, level.available is not None) for level in newest]
    if told.tracked is not None and told.tracked_at is not None:
        said.append((told.tracked_at, told.tracked))
    return max(said)[1] if said else None


def _by_location(levels: Iterable[Level]) -> dict[int, list[Level]]:
    """Each location's levels, the oldest first."""
    found: dict[int, list[Level]] = {}
    for level in sorted(levels, key=lambda level: level.at):
        found.setdefault(level.location_id, []).append(level)
    return found
