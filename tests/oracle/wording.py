"""Invents queries as text: any spelling that the language allows, values that the store has or nearly has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from tests.oracle.catalogue import CATALOGUE
from tests.oracle.judge import COINS
from tests.oracle.kinds import Kind
from tests.oracle.stores import World
from tests.oracle.subjects import Filter, Function, Parameter

SPACES = (" ", " ", " ", "  ", "\n", "\t", "\u00a0", " \n ")


def query(r: Random, world: World, shop: dict[str, Any], names: Sequence[str] = tuple(CATALOGUE)) -> str:
    """One to five clauses of `names` in a random tree."""
    return _tree(r, [_clause(r, world, shop, r.choice(names)) for _ in range(r.choice((1, 1, 1, 2, 2, 3, 4, 5)))])


def _tree(r: Random, clauses: list[str]) -> str:
    if len(clauses) == 1:
        return _wrapped(r, clauses[0], 0.1)
    cut = r.randrange(1, len(clauses))
    joined = _joined(r, _tree(r, clauses[:cut]), keyword(r, r.choice(("AND", "OR"))), _tree(r, clauses[cut:]))
    return _wrapped(r, joined, 0.4)


def _wrapped(r: Random, text: str, chance: float) -> str:
    while r.random() < chance:
        text = f"({_gap(r)}{text}{_gap(r)})"
        chance = 0.15
    return text


def _joined(r: Random, *words: str) -> str:
    """Words with white space between them, at least where they would run together."""
    text = words[0]
    for word in words[1:]:
        glued = not (_sticks(text[-1]) and _sticks(word[0])) and r.random() < 0.3
        text += ("" if glued else r.choice(SPACES)) + word
    return text


def _sticks(letter: str) -> bool:
    return letter.isalnum() or letter in "_.'+-:"


def _gap(r: Random) -> str:
    return r.choice(SPACES) if r.random() < 0.2 else ""


def keyword(r: Random, word: str) -> str:
    """In any case."""
    return r.choice((word, word, word.lower(), word.title(), "".join(r.choice((x.lower(), x.upper())) for x in word)))


def _clause(r: Random, world: World, shop: dict[str, Any], name: str) -> str:
    entry = CATALOGUE[name]
    if isinstance(entry, Filter):
        return _joined(r, name, *_test(r, world, shop, entry, r.choice(entry.kind.operators)))
    return _older(r, world, shop, name, entry) if r.random() < 0.25 else _matches(r, world, shop, name, entry)


def _matches(r: Random, world: World, shop: dict[str, Any], name: str, entry: Function) -> str:
    tests = [
        _joined(r, each, *_test(r, world, shop, parameter, r.choice(_asked(parameter.kind))))
        for each, parameter in _some(r, entry)
    ]
    words = [*((keyword(r, "NOT"),) if r.random() < 0.35 else ()), keyword(r, "MATCHES")]
    return _joined(r, name, *words, "(" + _gap(r) + f"{_gap(r)},{_gap(r)}".join(tests) + _gap(r) + ")")


def _some(r: Random, entry: Function) -> list[tuple[str, Parameter]]:
    every = list(entry.parameters.items())
    return r.sample(every, min(len(every), r.choice((0, 1, 1, 1, 2, 2, 3, 4))))


def _asked(kind: Kind) -> list[str]:
    return [operator for operator in kind.operators if not operator.startswith("IS ")]


def _older(r: Random, world: World, shop: dict[str, Any], name: str, entry: Function) -> str:
    arguments: list[str] = []
    for each, parameter in _some(r, entry):
        colon = f"{each}{_gap(r)}:{_gap(r)}"
        if each == "date" and r.random() < 0.4:
            bounds = r.choice((("since",), ("until",), ("since", "until")))
            arguments += [f"{bound}:{_gap(r)}{value(r, world, shop, parameter)}" for bound in bounds]
        elif "IN" in parameter.kind.operators and r.random() < 0.4:
            arguments.append(colon + "(" + ", ".join(value(r, world, shop, parameter) for _ in range(2)) + ")")
        elif "BETWEEN" in parameter.kind.operators and r.random() < 0.3:
            arguments.append(colon + _joined(r, *_test(r, world, shop, parameter, "BETWEEN")))
        else:
            arguments.append(colon + value(r, world, shop, parameter))
    operator, truth = r.choice(("=", "=", "!=")), keyword(r, r.choice(("true", "false")))
    return _joined(r, name, "(" + f"{_gap(r)},{_gap(r)}".join(arguments) + ")", operator, truth)


def _test(r: Random, world: World, shop: dict[str, Any], entry: Filter | Parameter, operator: str) -> list[str]:
    words = [keyword(r, word) for word in operator.split()]
    if operator.startswith("IS "):
        return words
    if operator == "BETWEEN":
        return [*words, value(r, world, shop, entry), keyword(r, "AND"), value(r, world, shop, entry)]
    if operator in ("IN", "NOT IN"):
        values = [value(r, world, shop, entry) for _ in range(r.choice((1, 1, 2, 3)))]
        return [*words, "(" + _gap(r) + f"{_gap(r)},{_gap(r)}".join(values) + _gap(r) + ")"]
    return [*words, value(r, world, shop, entry)]


def value(r: Random, world: World, shop: dict[str, Any], entry: Filter | Parameter) -> str:
    kind, pool = entry.kind, world.pools.get(entry.pool) or [0]
    if kind.choices:
        return quoted(r.choice(kind.choices))
    match kind.name:
        case "whole":
            return str(r.choice(pool) + r.choice((0, 0, 0, 1, -1)))
        case "id":
            return str(max(0, min(2**63 - 1, r.choice(pool) + r.choice((0, 0, 0, 0, 1, -1)))))
        case "money":
            return _money(r, r.choice(pool), COINS.get(shop["currency"], 100))
        case "date":
            return dated(r, world)
        case "truth":
            return keyword(r, r.choice(("true", "false")))
        case "countries":
            return quoted(r.choice(pool))
    return quoted(_nearly(r, r.choice(pool)))


def _nearly(r: Random, word: str) -> str:
    """The same tag in another case, or another one."""
    return r.choice((word, word, word.upper(), word.lower(), word.swapcase(), word.title(), word + " "))


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _money(r: Random, coins: int, per_unit: int) -> str:
    """The amount, or a fraction of a coin beside it; exact."""
    amount = Fraction(coins, per_unit) + r.choice((0, 0, 0, 1, -1)) * Fraction(
        1, r.choice((per_unit, 200, 1000, 10_000))
    )
    whole, part = divmod(int(min(abs(amount), 10**15) * 10_000), 10_000)
    text = f"{whole}.{part:04}".rstrip("0") if part else f"{whole}{r.choice(('', '', '.0', '.00'))}"
    return "-" + text if amount < 0 else text


def dated(r: Random, world: World) -> str:
    match r.randrange(8):
        case 0 | 1:
            return r.choice(world.days).isoformat()
        case 2:
            clock = r.choice(("00:00:00", "00:00:01", "23:59:59", "12:00:00", "01:30:00", "02:30:00"))
            return f"{_beside(r, r.choice(world.days))}T{clock}"
        case 3:
            return keyword(r, r.choice(("today", "yesterday")))
        case 4:
            count, unit = r.choice(((7, "day"), (30, "day"), (90, "day"), (12, "month"), (1, "month"), (1, "year")))
            return f"{count}_{unit}{r.choice(('s', 's', ''))}_ago"
        case 5:
            return r.choice("+-") + str(r.choice((0, 1, 2, 3, 6, 12))) + r.choice("mMyw")
    return "-" + str(r.choice((0, 1, 2, 7, 14, 29, 30, 31, 90, 365, 366, 400))) + "d"


def _beside(r: Random, day: date) -> str:
    return (day + timedelta(days=r.choice((-1, 0, 0, 1)))).isoformat()
