"""Who people are: metafields and what they say, or what shoppers said themselves; companies, store credit."""

from __future__ import annotations

import calendar
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.oracle.almanac import YEARS, Almanac
from tests.oracle.kinds import (
    DATE,
    HELD,
    MONEY,
    NULLS,
    NUMBER,
    TOLD_TRUTH,
    Kind,
    Shop,
    compare,
    held,
    identity,
    is_whole,
    ordered,
    text,
    whole_id,
)
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Piece, Refused
from tests.oracle.subjects import Filter, Function, Parameter
from tests.oracle.subjects.behaviour import COUNT
from tests.oracle.subjects.elsewhere import standing

Path = tuple[str, str]
TEXT = identity("metafield's text", text, nulls=True)
TEXTS = held("metafield's texts", HELD, text)
KEPT = ("single_line_text_field", "id", "number_integer", "number_decimal", "boolean", "date", "date_time")
"""Types whose values can be compared; of each a list, too."""
FACTS = ("birthday", "gender", "income_band", "profession", "education")


class Said(NamedTuple):
    """A metafield: its texts as they are written, and what the first of them is."""

    texts: list[str]
    type: str


def said(person: Row, rows: Rows, path: Path) -> Said | None:
    """None where there is none that can be compared."""
    for one in rows.of(person["id"], "metafields"):
        type_ = one["type"].removeprefix("list.")
        if (one["namespace"], one["key"]) == path and type_ in KEPT:
            texts = [str(each) for each in json.loads(one["value"])] if type_ != one["type"] else [one["value"]]
            return Said(texts, type_) if texts else None
    return None


def number(one: Said, _: ZoneInfo) -> float | None:
    return float(one.texts[0]) if one.type.startswith("number_") else None


def truth(one: Said, _: ZoneInfo) -> bool | None:
    return one.texts[0] == "true" if one.type == "boolean" else None


def instant(one: Said, zone: ZoneInfo) -> datetime | None:
    """A day is known by its noon on the shop's clocks; what has a time is told in UTC."""
    if one.type == "date":
        day = date.fromisoformat(one.texts[0])
        return datetime.combine(day, time(12), zone if day.year in YEARS else UTC).astimezone(UTC)
    return datetime.fromisoformat(one.texts[0]).replace(tzinfo=UTC) if one.type == "date_time" else None


def first(one: Said, _: ZoneInfo) -> str:
    return one.texts[0]


def of_path(kind: Kind, path: Path, meant: Callable[[Said, ZoneInfo], Any], pool: str = "") -> Filter:
    def value(person: Row, rows: Rows) -> Any:
        found = said(person, rows, path)
        return meant(found, ZoneInfo(rows.shop["timezone"])) if found else None

    return Filter(kind, value, pool)


def metafield(name: str, operator: str, values: tuple[Piece, ...]) -> Filter | None:
    """The filter of `customer.metafields.custom.level`, as it is compared with these values; None for other names."""
    steps = name.split(".")
    if len(steps) != 4 or steps[:2] != ["customer", "metafields"] or max(map(len, steps)) > 255:
        return None
    path = steps[2], steps[3]
    if operator in HELD:
        listed = of_path(TEXTS, path, lambda one, _: one.texts)
        return Filter(TEXTS, lambda person, rows: listed.value(person, rows) or [])
    match values[:1]:
        case (("number", _),):
            return of_path(NUMBER, path, number)
        case (("day" | "second" | "shift", _),):
            return of_path(DATE, path, instant)
        case (("truth", _),):
            return of_path(TOLD_TRUTH, path, truth)
    return of_path(TEXT, path, first)


def fact(name: str) -> Filter:
    """What they declared, else what the metafield of the merchant's choice tells."""
    default = "birth_date" if name == "birthday" else name
    kind, meant = (DATE, instant) if name == "birthday" else (TEXT, first)

    def value(person: Row, rows: Rows) -> Any:
        zone = ZoneInfo(rows.shop["timezone"])
        for answer in standing(person, rows):
            if answer["question"].casefold() == name and (name != "birthday" or is_day(answer["answer"])):
                return meant(Said([answer["answer"]], "date"), zone)
        chosen = rows.shop["facts"].get(name, ("facts", default))
        return of_path(kind, chosen, meant).value(person, rows)

    return Filter(kind, value, "levels")


def birthdays(born: datetime, almanac: Almanac) -> int:
    """How many they had; of 29 February it is 1 March when there is no 29th."""
    there, today = almanac.local_day(born), almanac.local_day(almanac.now)
    leaps = (there.month, there.day) == (2, 29) and not calendar.isleap(today.year)
    this_year = date(today.year, 3, 1) if leaps else there.replace(year=today.year)
    return today.year - there.year - (today < this_year)


def _years(value: Piece, shop: Shop) -> bool:
    return is_whole(value, shop) and 0 <= value[1] <= 150


AGE = ordered("years", lambda mine, value, shop: compare(birthdays(mine, shop.almanac), value[1]), _years)


def is_day(answer: str) -> bool:
    """`1990-11-19`, of the years that segments know."""
    try:
        return len(answer) == 10 and date.fromisoformat(answer).year in YEARS
    except ValueError:
        return False


def currency(value: Piece) -> str:
    code = text(value)
    if len(code) != 3 or not all("A" <= letter <= "Z" for letter in code):
        raise Refused("no currency")
    return code


ENTRIES: dict[str, Filter | Function] = {
    **{name: fact(name) for name in FACTS},
    "age": Filter(AGE, fact("birthday").value, "ages"),
    "companies": Filter(
        held("company", ("=", "!=", *NULLS), whole_id),
        lambda person, rows: {one["company_id"] for one in rows.of(person["id"], "companies")},
        "company_ids",
    ),
    "store_credit_accounts": Function(
        lambda person, rows: rows.of(person["id"], "credits"),
        {
            "balance": Parameter(MONEY, lambda account, _: account["balance"], "money"),
            "currency": Parameter(
                identity("currency", currency, nulls=False), lambda account, _: account["currency"], "currencies"
            ),
            "count": COUNT,
        },
    ),
}
