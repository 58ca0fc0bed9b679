"""Kinds of values, and what a value means.

Everything that has an order means a half-open range on a line: `2026-11-18` is the instants from one midnight of the
shop's to the next (23, 24 or 25 hours), 3 is the whole numbers from 3 up to but not including 4, 100.005 is, in a
currency with two decimals, the empty range between 10,000 and 10,001 pence. Operators then only know ranges, and a day,
a second and an amount need no rules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum, auto
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from .ast import Offset

Point = TypeVar("Point")


class Family(Enum):
    """What has the same operators."""

    ORDERED = auto()
    SINCE = auto()
    """Days since a date: more days are an earlier date."""
    AGED = auto()
    """Years since a birthday, likewise."""
    YEARLY = auto()
    """A day of the year."""
    IDENTITY = auto()
    LABEL = auto()
    LIST = auto()
    FLAG = auto()


class Takes(Enum):
    """What a value of a kind looks like in a query."""

    WHOLE = auto()
    DECIMAL = auto()
    MONEY = auto()
    ID = auto()
    DATE = auto()
    DAYS = auto()
    YEARS = auto()
    TEXT = auto()
    TRUTH = auto()


class Unfit(Exception):
    """The value does not fit. `str(unfit)` goes on after the attribute's name: "takes a whole number such as 3."."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its name in docs/segments.md, its operators, and how to write one.

    A subject that has a kind of its own makes it with `choice`, `label` or `labels`."""

    name: str
    family: Family
    takes: Takes
    example: str
    choices: tuple[str, ...] = ()
    """The only values of the kind, where these are few."""
    key: Callable[[str], Any] = str
    """Of texts: what is compared. Raises Unfit."""
    quoted: bool = True
    """Of texts: does a sentence put quotes around one?"""
    begins: Callable[[str], str] | None = None
    """Of texts whose beginnings can be asked: what of a beginning is compared. Raises Unfit."""

    INTEGER: ClassVar[Kind]
    FLOAT: ClassVar[Kind]
    """A float64 (column Double), as Shopify's decimal metafields."""
    AMOUNT: ClassVar[Kind]
    """Minor units of the shop's currency in the rows."""
    DATE: ClassVar[Kind]
    DAYS_SINCE: ClassVar[Kind]
    """Of an instant that `sql` and `read` give: how many of the shop's days have begun since."""
    AGE: ClassVar[Kind]
    """Of an instant: how many years they have who were born then."""
    ANNIVERSARY: ClassVar[Kind]
    """Of an instant: its day of each year."""
    ID: ClassVar[Kind]
    TEXT: ClassVar[Kind]
    """One text, case and spaces count."""
    TAG: ClassVar[Kind]
    TAGS: ClassVar[Kind]
    LABELS: ClassVar[Kind]
    """Several texts, case and spaces count."""
    COUNTRIES: ClassVar[Kind]
    BOOLEAN: ClassVar[Kind]
    EMAIL_STATUS: ClassVar[Kind]
    SMS_STATUS: ClassVar[Kind]


def choice(example: str, choices: tuple[str, ...], name: str = "status") -> Kind:
    """One of a few words, case counts: `example` is "a group", `choices` ("CHAMPIONS", …). `=` `!=` `IN` `NOT IN`."""
    said = f"{example} in single quotes such as '{choices[0]}'"
    return Kind(name, Family.IDENTITY, Takes.TEXT, said, choices, quoted=False)


def label(example: str, *, fold: bool = False, name: str = "text") -> Kind:
    """Of rows that have any number of texts, such as a product's tags: `=` and `!=`. `fold`: case does not count."""
    return Kind(name, Family.LABEL, Takes.TEXT, example, key=str.casefold if fold else str)


def labels(
    example: str,
    *,
    fold: bool = False,
    key: Callable[[str], str] | None = None,
    begins: Callable[[str], str] | None = None,
    name: str = "list",
) -> Kind:
    """Any number of texts a person: `CONTAINS`, `NOT CONTAINS`. `key` makes of a text what is compared, or raises
    Unfit; `fold` is short for casefold; `begins` is as in Kind."""
    return Kind(name, Family.LIST, Takes.TEXT, example, key=key or (str.casefold if fold else str), begins=begins)


def _country(code: str) -> str:
    meant = _MISTAKEN.get(code.upper(), code.upper())
    if code == meant and re.fullmatch("[A-Z]{2}", code):
        return code
    hint = f" Did you mean '{meant}'?" if re.fullmatch("[A-Z]{2}", meant) else ""
    raise Unfit(f"takes {Kind.COUNTRIES.example}.{hint}")


_MISTAKEN = {"UK": "GB"}
_STATUSES = ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "REDACTED")

Kind.INTEGER = Kind("whole number", Family.ORDERED, Takes.WHOLE, "a whole number such as 3")
Kind.FLOAT = Kind("number", Family.ORDERED, Takes.DECIMAL, "a number such as 3 or 2.5")
Kind.AMOUNT = Kind("amount", Family.ORDERED, Takes.MONEY, "an amount such as 99.50")
Kind.DATE = Kind("date", Family.ORDERED, Takes.DATE, "a date such as 2026-11-18, -30d or today")
Kind.DAYS_SINCE = Kind("days", Family.SINCE, Takes.DAYS, "a number of days such as 30")
Kind.AGE = Kind("years", Family.AGED, Takes.YEARS, "a number of years such as 18")
Kind.ANNIVERSARY = Kind("anniversary", Family.YEARLY, Takes.DATE, "a day such as today, +7d or 2026-11-18")
Kind.ID = Kind("id", Family.IDENTITY, Takes.ID, "an id such as 1234")
Kind.TEXT = Kind("text", Family.IDENTITY, Takes.TEXT, "a text in single quotes such as 'gold'")
Kind.TAG = label("a tag in single quotes such as 'vip'", fold=True, name="tag")
Kind.TAGS = labels("a tag in single quotes such as 'vip'", fold=True, name="tags")
Kind.LABELS = labels("a text in single quotes such as 'gold'")
Kind.COUNTRIES = Kind(
    "countries",
    Family.LIST,
    Takes.TEXT,
    "a country's two capital letters in single quotes such as 'GB'",
    key=_country,
    quoted=False,
)
Kind.BOOLEAN = Kind("yes or no", Family.FLAG, Takes.TRUTH, "true or false")
Kind.EMAIL_STATUS = choice("a status", (*_STATUSES, "INVALID"))
Kind.SMS_STATUS = choice("a status", _STATUSES)


@dataclass(frozen=True, slots=True)
class Range(Generic[Point]):
    """`start` and what follows it, up to but not including `end`."""

    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Money:
    """An amount. What it means in minor units depends on the shop's currency."""

    amount: Decimal

    def minor(self, decimals: int) -> Range[int]:
        """The minor units that equal the amount: one, or none when the currency has no such coin."""
        exact = self.amount.scaleb(decimals)
        return Range(int(exact.to_integral_value(ROUND_CEILING)), int(exact.to_integral_value(ROUND_FLOOR)) + 1)


@dataclass(frozen=True, slots=True)
class Years:
    """The same days of many years, as ranges."""

    ranges: tuple[Range[datetime], ...]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A place on the Earth in degrees, north and east."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Aged:
    """The birthdays of those who are so many years old today."""

    years: int


Moving: TypeAlias = Offset | Aged
"""What covers other instants tomorrow."""
Meaning: TypeAlias = Range[int] | Range[float] | Range[datetime] | Years | Money | Coordinates | int | str | bool


@dataclass(frozen=True, slots=True)
class Operand:
    """A checked value: what it means, and how a sentence says it."""

    meaning: Meaning
    words: str
    offset: Moving | None = None
    """What the meaning is made of anew as time goes by, where it is."""


def in_currency(meaning: Meaning, decimals: int) -> Any:
    """What an operator's Python is given."""
    return meaning.minor(decimals) if isinstance(meaning, Money) else meaning
