"""Generated segments on generated stores: SQL, Python and the oracle name the same people, on both databases."""

from __future__ import annotations

import secrets
from random import Random

import pytest

from plugin.store.engine import engine
from tests.oracle import mutations, wording
from tests.oracle.bridge import ASKED, Bench, read_back, settle
from tests.oracle.fillers import invent

STORES, QUERIES, SPOILED = 30, 25, 10


def judged(seed: int, queries: int, *, spoil: bool = False) -> list[str]:
    """The disagreements over one invented store; nothing stays in the database."""
    r = Random(seed)
    world = invent(r)
    wording.segments(r, world, ASKED)
    stories: list[str] = []
    with engine().connect() as tx:
        settle(tx, world)
        tables = read_back(tx)
        benches = [Bench(tx, shop, tables, world) for shop in world.shops]
        for _ in range(queries):
            bench = r.choice(benches)
            query = wording.query(r, world, bench.shop, (*ASKED, "in_segment"))
            if spoil:
                query = mutations.spoiled(r, query, ASKED)
            answers = bench.ask(query)
            if not answers.agree or (answers.oracle is None and not spoil):
                stories.append(f"seed {seed}: {bench.story(query, answers)}")
    return stories


def agreed(stories: list[str]) -> None:
    if stories:
        pytest.fail("\n\n".join(stories), pytrace=False)


def test_sql_python_and_the_oracle_name_the_same_people(store: str) -> None:
    for seed in range(STORES):
        agreed(judged(seed, QUERIES))


def test_spoiled_queries_are_refused_by_both_or_mean_the_same_to_both(store: str) -> None:
    for seed in range(SPOILED):
        agreed(judged(seed, 100, spoil=True))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_they_do_over_many_stores_that_nobody_saw_before(store: str) -> None:
    first = secrets.randbelow(10**9)
    for seed in range(first, first + 1_000):
        agreed(judged(seed, 50))
