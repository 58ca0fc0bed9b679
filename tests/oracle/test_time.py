"""Whoever is judged by the product is told until when that holds: until then the oracle never says anything else."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from random import Random

import pytest

from plugin.profile.load import load_many
from plugin.segment.compile import compile_segment
from plugin.segment.judge import bench
from plugin.store.engine import engine
from tests.oracle import judge, wording
from tests.oracle.bridge import ASKED
from tests.oracle.fillers import invent
from tests.oracle.rows import Rows
from tests.oracle.stores import World
from tests.oracle.telling import settle
from tests.oracle.test_oracle import agreed

FAR, MICROSECOND = timedelta(days=800), timedelta(microseconds=1)


def watched(seed: int, queries: int) -> list[str]:
    """Where the product's answer, or how long it holds, is not what the oracle says over time."""
    r = Random(seed)
    world = invent(r)
    wording.segments(r, world, ASKED)
    shop = world.shops[0]
    asked = [wording.query(r, world, shop, (*ASKED, "in_segment")) for _ in range(queries)]
    with engine().connect() as tx:
        settle(tx, world, shops=1)
        rows = Rows(shop, world.tables)
        profiles = load_many(tx, shop["id"], [person["id"] for person in rows.tables["people"]])
    told = {
        number: compile_segment(query, now=world.now, timezone=shop["timezone"], segments=world.segments)
        for number, query in enumerate(asked)
    }
    judges = bench(told, shop["currency"], shop["timezone"])
    stories: list[str] = []
    for profile in profiles:
        for number, answer in judges.judge(profile, world.now).items():
            for at in _instants(r, world.now, answer.until):
                if _oracle(asked[number], rows, world, at, profile.person_id) is not answer.holds:
                    told_so = f"{asked[number]!r} at {world.now} for person {profile.person_id}: {answer}"
                    stories.append(f"seed {seed}, {shop}: {told_so}, not so at {at}")
                    break
    return stories


def _instants(r: Random, now: datetime, until: datetime) -> list[datetime]:
    """Now, the last microsecond before `until`, and some between."""
    end = min(until, now + FAR)
    if end <= now:
        return [now]
    between = [now + (end - now) * r.random() for _ in range(3)]
    return [now, *(min(at, end - MICROSECOND) for at in between), end - MICROSECOND]


def _oracle(query: str, rows: Rows, world: World, at: datetime, person_id: int) -> bool:
    verdict = judge.understood(query, judge.shop_of(rows.shop, at), world.segments)
    [person] = rows.of(person_id, "people", "id")
    return person["customer_deleted_at"] is None and verdict(person, rows)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_an_answer_holds_until_the_instant_that_stands_beside_it(store: str) -> None:
    for seed in range(12):
        agreed(watched(seed, 15))


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_it_does_in_many_stores_that_nobody_saw_before(store: str) -> None:
    first = secrets.randbelow(10**9)
    for seed in range(first, first + 300):
        agreed(watched(seed, 30))
