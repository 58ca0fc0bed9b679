"""Invents queries as text: any spelling that the language allows, values that the store has or nearly has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

from tests.oracle.catalogue import CATALOGUE
from tests.oracle.judge import COINS
from tests.oracle.kinds import ANNIVERSARY, BEGINS, DATE, NUMBER, TOLD_TRUTH, Kind
from tests.oracle.stores import World
from tests.oracle.subjects import Filter, Function, Parameter, Question
from tests.oracle.subjects.person import TEXT, TEXTS
from tests.oracle.subjects.place import KM_IN_MILE, haversine

SPACES = (" ", " ", " ", "  ", "\n", "\t", "\u00a0", " \n ")


def segments(r: Random, world: World, known: Sequence[str] = tuple(CATALOGUE)) -> None:
    """Gives the merchant three segments to ask for by name; a later one may ask for an earlier one."""
    world.pools["segments"] = names = ["VIPs", "Kids' club", "ß\\"]
    for name in names:
        asked = [*known, *(("in_segment",) * 3 if world.segments else ())]
        world.segments[name] = query(r, world, world.shops[0], asked)


def query(r: Random, world: World, shop: dict[str, Any], names: Sequence[str]) -> str:
    """One to five clauses of `names` in a random tree."""
    return _tree(r, [_clause(r, world, shop, r.choice(names)) for _ in range(r.choice((1, 1, 1, 2, 2, 3, 4, 5)))])


def _tree(r: Random, clauses: list[str]) -> str:
    if len(clauses) == 1:
        return _turned(r, _wrapped(r, clauses[0], 0.1), 0.1)
    cut = r.randrange(1, len(clauses))
    joined = _joined(r, _tree(r, clauses[:cut]), keyword(r, r.choice(("AND", "OR"))), _tree(r, clauses[cut:]))
    return _turned(r, _wrapped(r, joined, 0.4), 0.15)


def _turned(r: Random, text: str, chance: float) -> str:
    """With a NOT before it, now and then."""
    return _joined(r, keyword(r, "NOT"), text) if r.random() < chance else text


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
    entry = METAFIELD[r.choice(tuple(METAFIELD))] if name == METAFIELDS else CATALOGUE.get(name)
    if name == METAFIELDS:
        name = f"{METAFIELDS}.{r.choice(world.pools['paths'])}"
    match entry:
        case Filter() if entry.kind is DATE and r.random() < 0.3:
            operator = r.choice(ANNIVERSARY.operators)
            named = r.choice(("", "", f"date:{_gap(r)}", f"date{_gap(r)}={_gap(r)}"))
            name = r.choice((name, name.removeprefix("customer.")))
            return _joined(r, f"anniversary{_gap(r)}({named}'{name}')", *test(r, world, shop, YEARLY, operator))
        case Filter():
            return _joined(r, name, *test(r, world, shop, entry, r.choice(entry.kind.operators)))
        case Question(named=True) if r.random() < 0.6:
            (north, east), km = _place(r, world)
            point = f"coordinates = ({north}, {east})" if r.random() < 0.3 else f"coordinates = '{north}, {east}'"
            negated = r.choice(("", "", keyword(r, "NOT") + " "))
            return f"{name} {negated}{keyword(r, 'MATCHES')} (distance_km = {km:.6f}, {point})"
        case Question() | None:
            return _joined(r, question(r, world, name), *_answered(r))
        case Function():
            bare = name == "event" and r.random() < 0.25
            spelled = _bare if bare else _older if r.random() < 0.25 else _matches
            return spelled(r, world, shop, name, entry)


def _bare(r: Random, world: World, shop: dict[str, Any], name: str, entry: Function) -> str:
    """`event('loyalty_points', value > 100)`."""
    first, others = (
        value(r, world, shop, entry.parameters["name"]),
        [one for one in _some(r, entry) if one[0] != "name"],
    )
    tests = [_joined(r, each, *test(r, world, shop, of, r.choice(within(of.kind)))) for each, of in others]
    return _joined(r, f"{name}({', '.join([first, *tests])})", *_answered(r))


def question(r: Random, world: World, name: str) -> str:
    """A question as a call, which is true or false of each."""
    entry = CATALOGUE.get(name)
    match entry:
        case Question(named=True):
            (north, east), km = _place(r, world)
            point = f"coordinates: ({north}, {east})" if r.random() < 0.5 else f"coordinates: '{north},{east}'"
            return f"{name}({point}, distance_mi: {km / KM_IN_MILE:.6f})"
        case Question():
            values = [quoted(r.choice(world.pools[pool])) for pool in entry.pools]
            return f"{name}{_gap(r)}({', '.join(values)})"
    return f"{name}({_gap(r)}{quoted(r.choice(list(world.segments)))})"  # in_segment


def _place(r: Random, world: World) -> tuple[tuple[float, float], float]:
    """A point, and a distance in kilometres two metres or more beside an edge: floats may differ by less."""
    north, east = r.choice(world.pools["points"])
    places = (*world.tables.get("addresses", ()), *world.tables.get("located", ()))
    known = [row for row in places if row["latitude"] is not None]
    row = r.choice(known) if known else {"latitude": 0, "longitude": 0}
    far = haversine((north, east), (row["latitude"], row["longitude"]))
    return (north, east), max(0.002, far + r.choice((-0.002, 0.002, 1, 100, -far + 5, -far + 30_000)))


def _answered(r: Random) -> list[str]:
    return [r.choice(("=", "=", "!=")), keyword(r, r.choice(("true", "false")))] if r.random() < 0.7 else []


def _matches(r: Random, world: World, shop: dict[str, Any], name: str, entry: Function) -> str:
    tests: list[str] = []
    for each, parameter in _some(r, entry):
        if each == "date" and r.random() < 0.2:
            tests += [_joined(r, bound, "=", value(r, world, shop, parameter)) for bound in _bounds(r)]
        else:
            tests.append(_joined(r, each, *test(r, world, shop, parameter, r.choice(within(parameter.kind)))))
    words = [*((keyword(r, "NOT"),) if r.random() < 0.35 else ()), keyword(r, "MATCHES")]
    return _joined(r, name, *words, "(" + _gap(r) + f"{_gap(r)},{_gap(r)}".join(tests) + _gap(r) + ")")


def _bounds(r: Random) -> tuple[str, ...]:
    return r.choice((("since",), ("until",), ("since", "until"), ("until", "since")))


def _some(r: Random, entry: Function) -> list[tuple[str, Parameter]]:
    every = list(entry.parameters.items())
    return r.sample(every, min(len(every), r.choice((0, 1, 1, 1, 2, 2, 3, 4))))


def within(kind: Kind) -> list[str]:
    """The operators that a parameter of the kind takes."""
    return [operator for operator in kind.operators if not operator.startswith("IS ")]


def _older(r: Random, world: World, shop: dict[str, Any], name: str, entry: Function) -> str:
    arguments: list[str] = []
    for each, parameter in _some(r, entry):
        if "=" not in parameter.kind.operators:
            continue
        colon = f"{each}{_gap(r)}:{_gap(r)}"
        if each == "date" and r.random() < 0.4:
            arguments += [f"{bound}:{_gap(r)}{value(r, world, shop, parameter)}" for bound in _bounds(r)]
        elif "IN" in parameter.kind.operators and r.random() < 0.4:
            arguments.append(colon + "(" + ", ".join(value(r, world, shop, parameter) for _ in range(2)) + ")")
        elif "BETWEEN" in parameter.kind.operators and r.random() < 0.3:
            arguments.append(colon + _joined(r, *test(r, world, shop, parameter, "BETWEEN")))
        else:
            arguments.append(colon + value(r, world, shop, parameter))
    return _joined(r, name, "(" + f"{_gap(r)},{_gap(r)}".join(arguments) + ")", *_answered(r))


def test(r: Random, world: World, shop: dict[str, Any], entry: Filter | Parameter, operator: str) -> list[str]:
    words = [keyword(r, word) for word in operator.split()]
    if operator.startswith("IS "):
        return words
    if operator == "BETWEEN":
        return [*words, value(r, world, shop, entry), keyword(r, "AND"), value(r, world, shop, entry)]
    if operator in ("IN", "NOT IN"):
        values = [value(r, world, shop, entry) for _ in range(r.choice((1, 1, 2, 3)))]
        return [*words, "(" + _gap(r) + f"{_gap(r)},{_gap(r)}".join(values) + _gap(r) + ")"]
    written = value(r, world, shop, entry)
    return [*words, _begun(r, written) if operator in BEGINS else written]


def _begun(r: Random, written: str) -> str:
    """The text as far as some place in it, not within what a backslash begins."""
    letters = re.findall(r"\\.|.", written[1:-1], re.DOTALL)
    return "'" + "".join(letters[: r.randint(1, len(letters) or 1)]) + "'"


def value(r: Random, world: World, shop: dict[str, Any], entry: Filter | Parameter) -> str:
    kind, pool = entry.kind, world.pools.get(entry.pool) or [0]
    if kind.choices:
        return quoted(r.choice(kind.choices))
    match kind.name:
        case "whole" | "days" | "years":
            return str(r.choice(pool) + r.choice((0, 0, 0, 1, -1)))
        case "number":
            return r.choice((*pool, str(r.randrange(-2, 130)), "0.5"))
        case "id" | "collection" | "company":
            return str(max(0, min(2**63 - 1, r.choice(pool) + r.choice((0, 0, 0, 0, 1, -1)))))
        case "money":
            return _money(r, r.choice(pool), COINS.get(shop["currency"], 100))
        case "date":
            return dated(r, world)
        case "anniversary":
            return dated(r, world, whole=True)
        case "truth" | "told truth":
            return keyword(r, r.choice(("true", "false")))
        case "countries" | "regions" | "language" | "cities" | "currency":
            return quoted(r.choice(pool))
    return quoted(_nearly(r, str(r.choice(pool))))


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


def dated(r: Random, world: World, *, whole: bool = False) -> str:
    """A date; a `whole` one is a day."""
    match r.randrange(9):
        case 0 | 1:
            return r.choice(world.days).isoformat()
        case 2 if not whole:
            clock = r.choice(("00:00:00", "00:00:01", "23:59:59", "12:00:00", "01:00:00", "01:30:00", "02:30:00"))
            return f"{r.choice(world.days)}T{clock}"
        case 3 if not whole:
            return r.choice(("-0h", "-1h", "-3h", "-24h", "+3h", "-48h", "3_hours_ago", "-720h", "-1H"))
        case 4:
            return keyword(r, r.choice(("today", "yesterday")))
        case 5:
            return r.choice("+-") + str(r.randrange(20)) + r.choice("dDwmMyY")
    return _spelled(r, r.choice(world.offsets))


def _spelled(r: Random, offset: str) -> str:
    """`-30d`, or `30_days_ago`."""
    if offset[0] == "+" or r.random() < 0.7:
        return offset
    unit = {"d": "day", "w": "week", "m": "month", "y": "year"}[offset[-1]]
    return f"{offset[1:-1]}_{unit}{r.choice(('s', 's', ''))}_ago"


def _untold(person: Any, rows: Any) -> None:
    """Here only the wording of a test matters."""


YEARLY = Filter(ANNIVERSARY, _untold)
METAFIELDS = "customer.metafields"
METAFIELD = {
    kind: Filter(kind, _untold, pool)
    for kind, pool in ((NUMBER, "numbers"), (DATE, ""), (TOLD_TRUTH, ""), (TEXT, "levels"), (TEXTS, "levels"))
}
"""What a metafield may be compared as, whatever it is."""
