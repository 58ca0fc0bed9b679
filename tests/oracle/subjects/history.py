"""What follows of somebody's orders and looks: sums, the usual gap, scores among all who ordered, favourites.

Everything is reckoned here from the rows, by docs/segments.md. `late` orders came after the night's measures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.oracle.almanac import instant
from tests.oracle.rows import Row, Rows

Of = Callable[[Row, Rows], Any]


def kept(reckon: Of) -> Of:
    """`reckon`, once for each person."""
    return lambda person, rows: rows.once((reckon, person["id"]), lambda: reckon(person, rows))


def counts(order: Row) -> bool:
    return not order["test"] and order["deleted_at"] is None


def counting(person: Row, rows: Rows) -> list[Row]:
    return [order for order in rows.of(person["id"], "orders") if counts(order)]


def net(order: Row) -> int:
    return int(order["total"] - order["refunded"])


class Sums(NamedTuple):
    number: int
    spent: int


def sums(person: Row, rows: Rows, *, at_night: bool = False) -> Sums:
    """What all orders come to; where Shopify told its own sums, these and what happened since."""
    return rows.once(("sums", person["id"], at_night), lambda: _sums(person, rows, at_night=at_night))


def _sums(person: Row, rows: Rows, *, at_night: bool) -> Sums:
    told_at = instant(person.get("told_at"))
    number, spent = (person["told_orders"], person["told_spent"]) if told_at else (0, 0)
    for order in rows.of(person["id"], "orders"):
        if order["test"] or (at_night and order.get("late")):
            continue
        gone = instant(order["deleted_at"])
        if told_at is None or order["customer_id"] is None or _after(order["placed_at"], told_at):
            number, spent = (number, spent) if gone else (number + 1, spent + net(order))
            continue
        refunds = rows.of(order["order_id"], "refunds", "order_id")  # Shopify's sums have the order
        since = sum(one["amount"] for one in refunds if _after(one["refunded_at"], told_at))
        if gone is None:
            spent -= since
        elif gone > told_at:
            number, spent = number - 1, spent - net(order) - since
    return Sums(max(number, 0), spent)


def _after(at: Any, told_at: datetime) -> bool:
    found = instant(at)
    return found is not None and found > told_at


def average(person: Row, rows: Rows) -> int | None:
    """Cut to the smallest coin."""
    number, spent = sums(person, rows)
    return int(Fraction(spent, number)) if number else None


def instants(person: Row, rows: Rows, *, at_night: bool = False) -> list[datetime]:
    """When the orders that count were placed, the first one first."""
    return rows.once(("instants", person["id"], at_night), lambda: _instants(person, rows, at_night=at_night))


def _instants(person: Row, rows: Rows, *, at_night: bool) -> list[datetime]:
    placed = [instant(one["placed_at"]) for one in counting(person, rows) if not (at_night and one.get("late"))]
    return sorted(at for at in placed if at is not None)


def foreseen(person: Row, rows: Rows, gaps: int) -> datetime | None:
    """So many usual gaps after the last order; None with fewer than three visits to the shop."""
    placed = instants(person, rows)
    visits: list[datetime] = []
    for at in placed:
        if not visits or at >= visits[-1] + timedelta(days=1):
            visits.append(at)
    if len(visits) < 3:
        return None
    return placed[-1] + gaps * median(later - sooner for sooner, later in pairwise(visits))


@kept
def expected(person: Row, rows: Rows) -> datetime | None:
    return foreseen(person, rows, 1)


@kept
def overdue(person: Row, rows: Rows) -> datetime | None:
    return foreseen(person, rows, 2)


class Night(NamedTuple):
    """Of all who had ordered: their last orders, numbers of orders, amounts; and how many pieces of goods were sold at
    which price."""

    last: list[datetime]
    numbers: list[int]
    amounts: list[int]
    pieces: Counter[int]


def night(rows: Rows) -> Night | None:
    """None where the shop was never measured, or nobody had ordered."""
    return rows.once(("night",), lambda: _night(rows))


def _night(rows: Rows) -> Night | None:
    people = [one for one in rows.tables.get("people", ()) if one["customer_deleted_at"] is None]
    ordered = [one for one in people if sums(one, rows, at_night=True).number > 0]
    if not rows.shop["measured"] or not ordered:
        return None
    orders = {one["order_id"] for one in rows.tables.get("orders", ()) if counts(one) and not one.get("late")}
    goods = [one for one in rows.tables.get("order_lines", ()) if one["order_id"] in orders and one["product_id"]]
    pieces: Counter[int] = Counter()
    for line in goods:
        pieces[line["price"]] += line["quantity"]
    return Night(
        [at[-1] for one in ordered if (at := instants(one, rows, at_night=True))],
        [sums(one, rows, at_night=True).number for one in ordered],
        [sums(one, rows, at_night=True).spent for one in ordered],
        pieces,
    )


def score(value: Any, among: list[Any]) -> int:
    """1 to 5, by the share of those who have less; no value is the least."""
    if value is None or not among:
        return 1
    return 1 + min(4, 5 * sum(one < value for one in among) // len(among))


@kept
def group(person: Row, rows: Rows) -> str | None:
    """The group of today's values by the borders of the last night."""
    number, spent = sums(person, rows)
    if number == 0:
        return "PROSPECTS"
    measured = night(rows)
    if measured is None:
        return None
    placed = instants(person, rows)
    recency = score(placed[-1] if placed else None, measured.last)
    fm = Fraction(score(number, measured.numbers) + score(spent, measured.amounts), 2)
    return next(name for name, r, low, high in GROUPS if recency in r and low <= fm < high)


GROUPS: tuple[tuple[str, tuple[int, ...], Fraction | int, Fraction | int], ...] = (
    ("CHAMPIONS", (5,), 4, 6),
    ("LOYAL", (3, 4), 4, 6),
    ("ACTIVE", (4, 5), 2, 4),
    ("NEEDS_ATTENTION", (3,), 2, 4),
    ("NEW", (5,), 0, 2),
    ("PROMISING", (3, 4), 0, 2),
    ("PREVIOUSLY_LOYAL", (1, 2), Fraction(9, 2), 6),
    ("AT_RISK", (1, 2), 3, Fraction(9, 2)),
    ("ALMOST_LOST", (2,), 0, 3),
    ("DORMANT", (1,), 0, 3),
)
"""The table of docs/segments.md: name, R, FM from, FM below."""


def favourite(told: Iterable[tuple[Any, int, datetime | None, int]]) -> Any:
    """Of (value, pieces, when, tie) the value with most pieces; of equals the one that came last, then the smallest
    tie."""
    pieces: dict[Any, int] = {}
    last: dict[Any, Any] = {}
    ties: dict[Any, int] = {}
    for value, count, at, tie in told:
        pieces[value] = pieces.get(value, 0) + count
        last[value] = max(at, last.get(value, at))
        ties[value] = min(tie, ties.get(value, tie))
    bought = [value for value, count in pieces.items() if count > 0]
    return max(bought, key=lambda value: (pieces[value], last[value], -ties[value]), default=None)


def goods(person: Row, rows: Rows) -> list[Row]:
    """Lines with a product, of orders that count."""
    orders = {order["order_id"] for order in counting(person, rows)}
    lines = rows.of(person["id"], "order_lines")
    return [line for line in lines if line["order_id"] in orders and line["product_id"] is not None]


def favourite_of_goods(told: Callable[[Row], str | None]) -> Of:
    """By what is told of the product; what is not told, or empty, is no favourite."""

    @kept
    def value(person: Row, rows: Rows) -> str | None:
        found = []
        for line in goods(person, rows):
            for product in rows.of(line["product_id"], "products", "product_id"):
                if told(product):
                    at = instant(line["placed_at"])
                    found.append((told(product), line["quantity"], at, line["product_id"]))
        return favourite(found)

    return value


def sort(product: Row) -> str | None:
    return product["product_type"] if product["category"] is None else product["category"]


BANDS = ("LOW", "MIDDLE", "HIGH")


@kept
def price_band(person: Row, rows: Rows) -> str | None:
    """The favourite third of all pieces, by how many of them were cheaper."""
    measured = night(rows)
    every = sum(measured.pieces.values()) if measured else 0
    if measured is None or not every:
        return None

    def band(price: int) -> int:
        return min(2, 3 * sum(pieces for other, pieces in measured.pieces.items() if other < price) // every)

    found = []
    for line in goods(person, rows):
        third = rows.once(("third", line["price"]), lambda price=line["price"]: band(price))
        found.append((third, line["quantity"], instant(line["placed_at"]), third))
    most = favourite(found)
    return None if most is None else BANDS[most]


def favourite_of_orders(of_clock: Callable[[datetime], int]) -> Of:
    @kept
    def value(person: Row, rows: Rows) -> int | None:
        zone = ZoneInfo(rows.shop["timezone"])
        told = [(of_clock(at.astimezone(zone)), 1, at) for at in instants(person, rows)]
        return favourite((*one, one[0]) for one in told)

    return value


@kept
def discount_buyer(person: Row, rows: Rows) -> bool:
    placed = counting(person, rows)
    cheaper = [one for one in placed if rows.of(one["order_id"], "order_discounts", "order_id")]
    return bool(placed) and len(cheaper) * 2 >= len(placed)


@kept
def most_viewed(person: Row, rows: Rows) -> int | None:
    looks = [one for one in rows.of(person["id"], "views") if one["kind"] == "product_viewed" and one["product_id"]]
    return favourite((one["product_id"], 1, instant(one["at"]), one["product_id"]) for one in looks)
