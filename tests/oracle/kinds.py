"""What kinds of values there are: which operators they take, which values, and on which side of one a row stands.

A kind makes of (operator, values) a question: a function of a row's value (None: there is none) that is True or False.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from tests.oracle.almanac import Almanac
from tests.oracle.scanning import Piece, Refused

MOST = 2**63 - 1
MOST_MONEY = 10**15
LONGEST_LIST = 500

Question = Callable[[Any], bool]


@dataclass(frozen=True)
class Shop:
    """What a question needs to know of the shop: its calendar, and how many of its smallest coins are one unit."""

    almanac: Almanac
    coins: int


@dataclass(frozen=True)
class Kind:
    name: str
    operators: tuple[str, ...]
    ask: Callable[[str, tuple[Piece, ...], Shop], Question]
    choices: tuple[str, ...] = ()

    def question(self, operator: str, values: tuple[Piece, ...], shop: Shop) -> Question:
        if operator not in self.operators:
            raise Refused(f"{operator} is not for {self.name}")
        if len(values) > LONGEST_LIST:
            raise Refused("too long a list")
        return self.ask(operator, values, shop)


ORDER = ("=", "!=", ">", ">=", "<", "<=", "BETWEEN")
NULLS = ("IS NULL", "IS NOT NULL")
ONE_OF = ("=", "!=", "IN", "NOT IN")
HELD = ("CONTAINS", "NOT CONTAINS")


def ordered(name: str, side: Callable[[Any, Piece, Shop], int], fits: Callable[[Piece, Shop], bool]) -> Kind:
    """`side` says where a row's value stands: below (-1), on (0) or above (1) what was written."""

    def ask(operator: str, values: tuple[Piece, ...], shop: Shop) -> Question:
        if not all(fits(value, shop) for value in values):
            raise Refused(f"{values} do not fit {name}")
        match operator:
            case "IS NULL":
                return lambda mine: mine is None
            case "IS NOT NULL":
                return lambda mine: mine is not None
            case "!=":
                return lambda mine: mine is None or side(mine, values[0], shop) != 0
            case "BETWEEN":
                return lambda mine: (
                    mine is not None and side(mine, values[0], shop) >= 0 and side(mine, values[1], shop) <= 0
                )
        fine = {"=": (0,), ">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0)}[operator]
        return lambda mine: mine is not None and side(mine, values[0], shop) in fine

    return Kind(name, ORDER + NULLS, ask)


def compare(mine: Any, theirs: Any) -> int:
    return (mine > theirs) - (mine < theirs)


def is_whole(value: Piece, _: Shop) -> bool:
    return value[0] == "number" and value[1].denominator == 1 and abs(value[1]) <= MOST


def _is_money(value: Piece, _: Shop) -> bool:
    return value[0] == "number" and abs(value[1]) <= MOST_MONEY


def _is_date(value: Piece, shop: Shop) -> bool:
    if value[0] not in ("day", "second", "shift"):
        return False
    shop.almanac.side(shop.almanac.now, value)
    return True


def _is_number(value: Piece, _: Shop) -> bool:
    return value[0] == "number"


NUMBER = ordered("number", lambda mine, value, _: compare(mine, float(value[1])), _is_number)
"""As near as a float64 comes to what was written."""
WHOLE = ordered("whole", lambda mine, value, _: compare(mine, value[1]), is_whole)
MONEY = ordered("money", lambda mine, value, shop: compare(Fraction(mine, shop.coins), value[1]), _is_money)
DATE = ordered("date", lambda mine, value, shop: shop.almanac.side(mine, value), _is_date)


def _yearly(operator: str, values: tuple[Piece, ...], shop: Shop) -> Question:
    if any(value[0] not in ("day", "shift") or (value[0] == "shift" and value[1][1] == "h") for value in values):
        raise Refused(f"{values} are no days")
    low, high = values[0], values[-1]
    shop.almanac.day(low), shop.almanac.day(high)
    return lambda mine: mine is not None and shop.almanac.has_day_of_year(mine, low, high)


ANNIVERSARY = Kind("anniversary", ("=", "BETWEEN"), _yearly)


def identity(name: str, understood: Callable[[Piece], Any], *, nulls: bool, choices: tuple[str, ...] = ()) -> Kind:
    """Is it, is it not. `understood` gives what a written value stands for, or raises Refused."""

    def ask(operator: str, values: tuple[Piece, ...], _: Shop) -> Question:
        meant = {understood(value) for value in values}
        match operator:
            case "IS NULL":
                return lambda mine: mine is None
            case "IS NOT NULL":
                return lambda mine: mine is not None
            case "=" | "IN":
                return lambda mine: mine in meant
        return lambda mine: mine not in meant

    return Kind(name, ONE_OF + (NULLS if nulls else ()), ask, choices)


def whole_id(value: Piece) -> int:
    kind, number = value
    if kind != "number" or number.denominator != 1 or not 0 <= number <= MOST:
        raise Refused(f"{value} is no id")
    return int(number)


ID = identity("id", whole_id, nulls=False)


def choice(name: str, *choices: str) -> Kind:
    def understood(value: Piece) -> str:
        if value[0] != "text" or value[1] not in choices:
            raise Refused(f"{value} is none of {choices}")
        return str(value[1])

    return identity(name, understood, nulls=True, choices=choices)


def held(
    name: str, operators: tuple[str, ...], understood: Callable[[Piece], Any], choices: tuple[str, ...] = ()
) -> Kind:
    """Of a collection: is the one value in it, is it not."""

    def ask(operator: str, values: tuple[Piece, ...], _: Shop) -> Question:
        if operator == "IS NULL":
            return lambda mine: not mine
        if operator == "IS NOT NULL":
            return bool
        meant = {understood(value) for value in values}
        negated = operator in ("!=", "NOT CONTAINS", "NOT IN")
        return lambda mine: any(one in meant for one in mine) is not negated

    return Kind(name, operators, ask, choices)


BEGINS = ("STARTS WITH", "NOT STARTS WITH")


def beginning(kind: Kind, understood: Callable[[Piece], str]) -> Kind:
    """`kind`, of which it can also be asked how its text, or any of its texts, begins."""

    def ask(operator: str, values: tuple[Piece, ...], shop: Shop) -> Question:
        if operator not in BEGINS:
            return kind.ask(operator, values, shop)
        begun, wanted = understood(values[0]), operator == "STARTS WITH"

        def asked(mine: Any) -> bool:
            texts = [] if mine is None else [mine] if isinstance(mine, str) else mine
            return any(one[: len(begun)] == begun for one in texts) is wanted

        return asked

    return replace(kind, operators=kind.operators + BEGINS, ask=ask)


def text(value: Piece) -> str:
    if value[0] != "text":
        raise Refused(f"{value} is no text")
    return str(value[1])


def folded(value: Piece) -> str:
    return text(value).casefold()


def moving(kind: Kind, value: Callable[[Any, Almanac], Any]) -> Kind:
    """`kind` of what `value` makes of a row today."""

    def ask(operator: str, values: tuple[Piece, ...], shop: Shop) -> Question:
        question = kind.ask(operator, values, shop)
        return lambda mine: question(value(mine, shop.almanac))

    return replace(kind, ask=ask)


def country(value: Piece) -> str:
    code = text(value)
    if len(code) != 2 or not code.isascii() or not code.isalpha() or code != code.upper() or code == "UK":
        raise Refused(f"{code} is no country")
    return code


def _truth(operator: str, values: tuple[Piece, ...], _: Shop) -> Question:
    kind, wanted = values[0]
    if kind != "truth":
        raise Refused(f"{values[0]} is neither true nor false")
    return (lambda mine: bool(mine) is wanted) if operator == "=" else (lambda mine: bool(mine) is not wanted)


TRUTH = Kind("truth", ("=", "!="), _truth)


def _told_truth(operator: str, values: tuple[Piece, ...], shop: Shop) -> Question:
    question = _truth(operator, values, shop)
    return lambda mine: operator == "!=" if mine is None else question(mine)


TOLD_TRUTH = Kind("told truth", ("=", "!="), _told_truth)
"""Of what may be neither, since nobody told."""
TAG = held("tag", ("=", "!="), folded)
TAGS = held("tags", HELD + NULLS, folded)
COUNTRIES = held("countries", HELD + NULLS, country)
