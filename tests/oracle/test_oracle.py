"""Generated segments on generated stores: SQL, Python and the oracle name the same people, on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from random import Random

import pytest

from plugin.store.engine import engine
from tests.oracle import directed, mutations, wording
from tests.oracle.bridge import ASKED, Bench
from tests.oracle.fillers import invent
from tests.oracle.stores import World
from tests.oracle.telling import settle

STORES, QUERIES, SPOILED = 6, 30, 2
"""Invented stores of two shops; queries of each shop; stores of which spoiled queries are asked."""
SHARE = 150
"""Of all that can be asked, in one shop."""


Asking = Callable[[Random, World, Bench], Iterable[str]]


def judged(seed: int, asking: Asking, *, refused: bool = False, explained: bool = False) -> list[str]:
    """The disagreements over one invented store about what is asked of each of its shops; where nothing is to be
    `refused`, refusals of both too; where clauses stand alone, they may be `explained`. Nothing stays in the
    database."""
    r = Random(seed)
    world = invent(r)
    wording.segments(r, world, ASKED)
    stories: list[str] = []
    with engine().connect() as tx:
        settle(tx, world)
        for bench in (Bench(tx, shop, world) for shop in world.shops):
            for query in asking(r, world, bench):
                answers = bench.ask(query)
                good = answers.agree and (refused or answers.oracle is not None)
                if not good or (explained and not bench.explained(query, answers)):
                    stories.append(f"seed {seed}: {bench.story(query, answers)}")
    return stories


def agreed(stories: list[str]) -> None:
    if stories:
        pytest.fail("\n\n".join(stories), pytrace=False)


def at_random(r: Random, world: World, bench: Bench) -> Iterator[str]:
    """One to five clauses each."""
    return (wording.query(r, world, bench.shop, (*ASKED, "in_segment")) for _ in range(QUERIES))


def spoiled(r: Random, world: World, bench: Bench) -> Iterator[str]:
    return (mutations.spoiled(r, query, ASKED) for _ in range(5) for query in at_random(r, world, bench))


def test_sql_python_and_the_oracle_name_the_same_people(store: str) -> None:
    for seed in range(STORES):
        agreed(judged(seed, at_random))


def test_they_do_of_each_filter_with_each_parameter_and_operator(store: str) -> None:
    left = list(directed.everything())

    def one_by_one(r: Random, world: World, bench: Bench) -> Iterator[str]:
        mine = [left.pop() for _ in range(min(SHARE, len(left)))]
        return (directed.parting(r, world, bench.shop, bench.rows, one)[0] for one in mine)

    for seed in range(STORES, STORES + 4):  # other stores than above
        agreed(judged(seed, one_by_one, explained=store.startswith("sqlite")))  # nothing that a database does
    assert left == []


def test_spoiled_queries_are_refused_by_both_or_mean_the_same_to_both(store: str) -> None:
    for seed in range(SPOILED):
        agreed(judged(seed, spoiled, refused=True))


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_they_do_over_many_stores_that_nobody_saw_before(store: str) -> None:
    first = secrets.randbelow(10**9)
    for seed in range(first, first + 500):
        agreed(judged(seed, at_random))
