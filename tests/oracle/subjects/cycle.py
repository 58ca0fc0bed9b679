"""Where somebody stands in their life as a customer, what they seem to like, and lists that the merchant made."""

from __future__ import annotations

from typing import Any

from tests.oracle.almanac import Almanac, instant
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
from tests.oracle.subjects import Filter, Question, Verdict

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


def stage(person: Row, almanac: Almanac) -> str | None:
    count, last = person["number_of_orders"], instant(person["last_order_at"])
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


def risk(person: Row, almanac: Almanac) -> str | None:
    expected, overdue = instant(person["expected_order_at"]), instant(person["overdue_at"])
    if expected is None or overdue is None:
        return None
    if days_since(expected, almanac) <= 0:
        return "LOW"
    return "MEDIUM" if days_since(overdue, almanac) <= 0 else "HIGH"


def habit(column: str) -> Any:
    return lambda person, rows: next((row[column] for row in rows.of(person["id"], "habits")), None)


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


ENTRIES: dict[str, Filter | Question] = {
    "days_since_first_order": Filter(DAYS_SINCE, lambda person, _: instant(person["first_order_at"]), "days"),
    "days_since_last_order": Filter(DAYS_SINCE, lambda person, _: instant(person["last_order_at"]), "days"),
    "life_cycle_stage": Filter(moving(choice("stage", *STAGES), stage), lambda person, _: person),
    "churn_risk": Filter(moving(choice("risk", *RISKS), risk), lambda person, _: person),
    "average_order_value": Filter(MONEY, lambda person, _: person["average_order"], "money"),
    "lifetime_value": Filter(MONEY, lambda person, _: person["amount_spent"], "money"),
    "expected_next_order_date": Filter(DATE, lambda person, _: instant(person["expected_order_at"])),
    "overdue_order_date": Filter(DATE, lambda person, _: instant(person["overdue_at"])),
    "rfm_group": Filter(choice("group", *GROUPS), lambda person, _: person["rfm_group"]),
    "favourite_category": Filter(_plain("category"), habit("category"), "types"),
    "favourite_vendor": Filter(_plain("vendor"), habit("vendor"), "vendors"),
    "favourite_price_band": Filter(choice("price band", "LOW", "MIDDLE", "HIGH"), habit("price_band")),
    "favourite_hour": Filter(WHOLE, habit("hour"), "hours"),
    "favourite_weekday": Filter(WHOLE, habit("weekday"), "weekdays"),
    "most_viewed_product": Filter(identity("id", whole_id, nulls=True), habit("most_viewed"), "products"),
    "discount_buyer": Filter(TRUTH, habit("discounts")),
    "in_list": Question(in_list, ("lists",)),
}
