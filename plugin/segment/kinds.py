"""Kinds of values, and what a value means.

Everything that has an order means a half-open range on a line: `2026-11-18` is the instants from one midnight of the
shop's to the next (23, 24 or 25 hours), 3 is the whole numbers from 3 up to but not including 4, 100.005 is, in a
currency with two decimals, the empty range between 10,000 and 10,001 pence. Operators then only know ranges, and a day,
a second and an amount need no rules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum, auto
from typing import Any, Generic, TypeAlias, TypeVar

Point = TypeVar("Point")


class Family(Enum):
    """What has the same operators."""

    ORDERED = auto()
    IDENTITY = auto()
    LABEL = auto()
    LIST = auto()
    FLAG = auto()


_STATUSES = ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "REDACTED")


class Kind(Enum):
    """A kind of value: its family, and how to write one."""

    INTEGER = (Family.ORDERED, "a whole number such as 3")
    AMOUNT = (Family.ORDERED, "an amount such as 99.50")
    DATE = (Family.ORDERED, "a date such as 2026-11-18, -30d or today")
    ID = (Family.IDENTITY, "an id such as 1234")
    TAG = (Family.LABEL, "a tag in single quotes such as 'vip'")
    TAGS = (Family.LIST, "a tag in single quotes such as 'vip'")
    COUNTRIES = (Family.LIST, "a country's two capital letters in single quotes such as 'GB'")
    BOOLEAN = (Family.FLAG, "true or false")
    EMAIL_STATUS = (Family.IDENTITY, "a status in single quotes such as 'SUBSCRIBED'", (*_STATUSES, "INVALID"))
    SMS_STATUS = (Family.IDENTITY, "a status in single quotes such as 'SUBSCRIBED'", _STATUSES)

    def __init__(self, family: Family, example: str, choices: tuple[str, ...] = ()) -> None:
        self.family = family
        self.example = example
        self.choices = choices
        """The only values of the kind, where these are few."""


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


Meaning: TypeAlias = Range[int] | Range[datetime] | Money | int | str | bool


@dataclass(frozen=True, slots=True)
class Operand:
    """A checked value: what it means, and how a sentence says it."""

    meaning: Meaning
    words: str


def in_currency(meaning: Meaning, decimals: int) -> Any:
    """What an operator's Python is given."""
    return meaning.minor(decimals) if isinstance(meaning, Money) else meaning
