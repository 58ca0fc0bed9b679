"""Where somebody stands in their life as a customer, what they seem to like, and lists that the merchant made."""

from __future__ import annotations

from typing import Any

from tests.oracle.almanac import Almanac
from tests.oracle.kinds import (
    DATE,
    MONEY,
    TRUTH,
    WHOLE,
    Kind,
    Shop,
    choice,
    compare,
    identity,
    is_whole,
    moving,
    ordered,
    text,
    whole_id,
)
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Piece, Refused
from tests.oracle.subjects import Filter, Question, Verdict, history

GROUPS = (
    "CHAMPIONS LOYAL ACTIVE NEW PROMISING NEEDS_ATTENTION AT_RISK ALMOST_LOST PREVIOUSLY_LOYAL DORMANT PROSPECTS"
).split()
STAGES = ("NEW", "ACTIVE", "REPEAT", "POWER", "DORMANT", "LAPSED", "NEVER_ORDERED")
RISKS = ("LOW", "MEDIUM", "HIGH")


def days_since(at: Any, almanac: Almanac) -> int:
    """Whole days of the shop's that have begun since."""
    return (almanac.local_day(almanac.now) - almanac.local_day(at)).days


def _fits(value: Piece, shop: Shop) -> bool:
    if not is_whole(value, shop):
        return False
    shop.almanac.day(("shift", (-int(value[1]), "d")))
    return True


DAYS_SINCE = ordered("days", lambda mine, value, shop: compare(days_since(mine, shop.almanac), value[1]), _fits)


def stage(known: tuple[int, Any], almanac: Almanac) -> str | None:
    """Of the number of orders and the last one's instant."""
    count, last = known
    if count <= 0:
        return "NEVER_ORDERED"
    if last is None:
        return None
    days = days_since(last, almanac)
    if days > 365:
        return "LAPSED"
    if days > 180:
        return "DORMANT"
    if count >= 5:
        return "POWER"
    return "REPEAT" if count >= 2 else "ACTIVE" if days > 30 else "NEW"


def risk(known: tuple[Any, Any], almanac: Almanac) -> str | None:
    """Of when the next order is expected, and overdue."""
    expected, overdue = known
    if expected is None:
        return None
    if days_since(expected, almanac) <= 0:
        return "LOW"
    return "MEDIUM" if days_since(overdue, almanac) <= 0 else "HIGH"


def in_list(values: tuple[Piece, ...], _: Shop) -> Verdict:
    if len(values) != 1:
        raise Refused("one name")
    key = " ".join(text(values[0]).split()).casefold()

    def asked(person: Row, rows: Rows) -> bool:
        lists = {one["id"] for one in rows.tables.get("lists", ()) if " ".join(one["name"].split()).casefold() == key}
        return any(row["list_id"] in lists for row in rows.of(person["id"], "list_members"))

    return asked


def _plain(name: str) -> Kind:
    return identity(name, text, nulls=True)


def last_order(person: Row, rows: Rows) -> Any:
    return max(history.instants(person, rows), default=None)


VENDOR = history.favourite_of_goods(lambda product: product["vendor"])
SORT = history.favourite_of_goods(history.sort)
HOUR = history.favourite_of_orders(lambda clock: clock.hour)
WEEKDAY = history.favourite_of_orders(lambda clock: clock.isoweekday())
ENTRIES: dict[str, Filter | Question] = {
    "days_since_first_order": Filter(
        DAYS_SINCE, lambda person, rows: min(history.instants(person, rows), default=None), "days"
    ),
    "days_since_last_order": Filter(DAYS_SINCE, last_order, "days"),
    "life_cycle_stage": Filter(
        moving(choice("stage", *STAGES), stage),
        lambda person, rows: (history.sums(person, rows).number, last_order(person, rows)),
    ),
    "churn_risk": Filter(
        moving(choice("risk", *RISKS), risk),
        lambda person, rows: (history.expected(person, rows), history.overdue(person, rows)),
    ),
    "average_order_value": Filter(MONEY, history.average, "money"),
    "lifetime_value": Filter(MONEY, lambda person, rows: history.sums(person, rows).spent, "money"),
    "expected_next_order_date": Filter(DATE, history.expected),
    "overdue_order_date": Filter(DATE, history.overdue),
    "rfm_group": Filter(choice("group", *GROUPS), history.group),
    "favourite_category": Filter(_plain("category"), SORT, "favourites"),
    "favourite_vendor": Filter(_plain("vendor"), VENDOR, "vendors"),
    "favourite_price_band": Filter(choice("price band", *history.BANDS), history.price_band),
    "favourite_hour": Filter(WHOLE, HOUR, "hours"),
    "favourite_weekday": Filter(WHOLE, WEEKDAY, "weekdays"),
    "most_viewed_product": Filter(identity("id", whole_id, nulls=True), history.most_viewed, "products"),
    "discount_buyer": Filter(TRUTH, history.discount_buyer),
    "in_list": Question(in_list, ("lists",)),
}
