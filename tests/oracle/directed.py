"""Every filter, each of its parameters with each of its operators, by itself: what chance alone might leave out."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from tests.oracle import judge, wording
from tests.oracle.catalogue import CATALOGUE
from tests.oracle.kinds import ANNIVERSARY, DATE
from tests.oracle.rows import Rows
from tests.oracle.stores import World
from tests.oracle.subjects import Filter, Function, Question

TRIES = 60
"""So many values are looked through for one that parts the people."""


class Asked(NamedTuple):
    """`parameter` is empty of what has none; of a question `operator` is NOT or nothing; `anniversary` a kind of
    operator of a date."""

    name: str
    parameter: str
    operator: str
    yearly: bool = False


def everything() -> Iterator[Asked]:
    for name, entry in (*CATALOGUE.items(), *((wording.METAFIELDS, one) for one in wording.METAFIELD.values())):
        match entry:
            case Filter():
                yield from (Asked(name, entry.kind.name, operator) for operator in entry.kind.operators)
                if entry.kind is DATE:
                    yield from (Asked(name, entry.kind.name, each, yearly=True) for each in ANNIVERSARY.operators)
            case Function():
                for each, parameter in entry.parameters.items():
                    yield from (Asked(name, each, operator) for operator in wording.within(parameter.kind))
            case Question():
                yield from (Asked(name, "", operator) for operator in ("", "NOT"))
    yield from (Asked("in_segment", "", operator) for operator in ("", "NOT"))


def clause(r: Random, world: World, shop: dict[str, Any], asked: Asked) -> str:
    """A query that asks so, with some value."""
    name, parameter, operator, yearly = asked
    entry = CATALOGUE.get(name)
    if name == wording.METAFIELDS:
        [entry] = [one for one in wording.METAFIELD.values() if one.kind.name == parameter]
        name = f"{name}.{r.choice(world.pools['paths'])}"
    match entry:
        case Filter() if yearly:
            return " ".join([f"anniversary('{name}')", *wording.test(r, world, shop, wording.YEARLY, operator)])
        case Filter():
            return " ".join([name, *wording.test(r, world, shop, entry, operator)])
        case Function():
            told = wording.test(r, world, shop, entry.parameters[parameter], operator)
            return f"{name} MATCHES ({' '.join([parameter, *told])})"
    return f"{operator} {wording.question(r, world, name)}"


def parting(r: Random, world: World, shop: dict[str, Any], rows: Rows, asked: Asked) -> tuple[str, bool]:
    """A query whose answer is neither everybody nor nobody, if one is found; else any."""
    alive = sum(person["customer_deleted_at"] is None for person in rows.tables["people"])
    for _ in range(TRIES):
        query = clause(r, world, shop, asked)
        if 0 < len(judge.members(query, rows, world.now, world.segments)) < alive:
            return query, True
    return query, False
