"""Who somebody is: what they declare stands before what a metafield tells, and counts from that second on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from plugin import news
from plugin.ingest.events import Answered, CustomersMerged, ShopChanged
from plugin.profile import identity, shopper_facts
from plugin.profile.apply import apply
from plugin.profile.load import load_many
from plugin.segment import membership, saved
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.evaluate import belongs
from plugin.segment.explain import explain
from plugin.segment.format import sentence
from plugin.segment.membership import Cause
from plugin.segment.sql import members
from plugin.segment.suggest import suggestions
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_shop
from tests.segment.behaviour import Life
from tests.segment.membership.world import inside
from tests.segment.population import Someone, settle
from tests.segment.told import Kept, Told

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BEN = "b" * 16
"""A visitor, whom Shopify does not know."""


def day(year: int, month: int, of_month: int) -> datetime:
    return datetime(year, month, of_month, 12, tzinfo=UTC)


def told(gender: str | None, born: datetime | None) -> Told:
    fields = [Kept(("facts", "gender"), (gender,))] if gender else []
    fields += [Kept(("facts", "birth_date"), ("a day",), at=born)] if born else []
    return Told(metafields=tuple(fields))


PEOPLE = {
    "Ann": Someone(told=told("female", day(1989, 11, 19))),
    "Ben": Someone(
        told=told("female", day(1990, 11, 19)),
        life=Life(said=(("gender", "male", NOON, None), ("birthday", "2010-01-02", NOON, day(2010, 1, 2)))),
    ),
    "Cleo": Someone(
        told=told("diverse", day(1980, 5, 5)),
        life=Life(said=(("birthday", "in spring", NOON, None), ("profession", "Nurse", NOON, None))),
    ),
    "Dot": Someone(
        life=Life(
            said=(
                ("gender", "male", NOON - DAY, None),
                ("gender", "female", NOON, None),
                ("birthday", "2000-02-29", NOON - DAY, day(2000, 2, 29)),
                ("birthday", "2001-03-01", NOON, day(2001, 3, 1)),
            )
        )
    ),
    "Eve": Someone(),
}


def who(tx: Tx, shop_id: int, query: str, now: datetime = NOON) -> str:
    """The initials of the members by SQL, whom Python agrees on."""
    ids = settle(tx, shop_id, list(PEOPLE.values()))
    named = dict(zip(ids, PEOPLE, strict=True))
    checked = compile_segment(query, now=now, timezone="UTC")
    found = set(tx.execute(members(checked, shop_id)).scalars())
    assert found == {one.person_id for one in load_many(tx, shop_id, ids) if belongs(checked, one)}
    return "".join(sorted(named[one][0] for one in found))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("gender = 'female'", "AD"),
        ("gender = 'male'", "B"),
        ("gender != 'female'", "BCE"),
        ("gender IN ('diverse', 'male')", "BC"),
        ("gender IS NULL", "E"),
        ("profession = 'Nurse'", "C"),
        ("profession = 'nurse'", ""),
        ("birthday = 1989-11-19", "A"),
        ("birthday BETWEEN 2010-01-01 AND 2010-12-31", "B"),
        ("birthday = 1980-05-05", "C"),  # what names no day is no birthday: the metafield's counts
        ("birthday = 2000-02-29", ""),
        ("birthday > 2001-02-28", "BD"),
        ("birthday IS NULL", "E"),
        ("birthday != 1989-11-19", "BCDE"),
        ("anniversary('birthday') = 2026-01-02", "B"),
        ("age = 36", "A"),
        ("age = 35", ""),
        ("age BETWEEN 16 AND 35", "BD"),
        ("age BETWEEN 35 AND 16", ""),
        ("age >= 36", "AC"),
        ("age > 36", "C"),
        ("age < 25", "B"),
        ("age <= 25", "BD"),
        ("age != 36", "BCDE"),
        ("age IS NULL", "E"),
        ("age IS NOT NULL AND NOT age < 150", ""),
        ("customer.metafields.facts.gender = 'female'", "AB"),  # the metafield itself stays what it is
    ],
)
def test_what_somebody_declares_stands_before_the_metafield(tx: Tx, shop_id: int, query: str, found: str) -> None:
    assert who(tx, shop_id, query) == found


def test_a_declared_fact_stands_whatever_metafield_the_merchant_names(tx: Tx, shop_id: int) -> None:
    shopper_facts.choose(tx, shop_id, {"gender": "custom.sex"})
    assert who(tx, shop_id, "gender IS NOT NULL") == "BD"


def says(question: str, answer: str, at: datetime, number: int = 1) -> Answered:
    return Answered(f"answer-{number}", BEN, question, answer, at)


def test_an_answer_brings_in_at_once_a_visitor_too_and_the_ledger_says_why(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    men = saved.create(tx, shop_id, "Men", "gender = 'male'", at_noon)
    news.take(tx, shop_id, [says("Gender", "male", at_noon)], at_noon)
    [ben] = inside(tx, men)
    news.take(tx, shop_id, [says("gender", "rather not say", at_noon + MINUTE, 2)], at_noon + MINUTE)
    assert inside(tx, men) == []
    changes = reversed(membership.changes_of(tx, shop_id, segment_id=men, person_id=ben))
    assert [(one.kind, one.at, one.cause) for one in changes] == [
        ("entered", at_noon, Cause("event", "an answer: Gender")),
        ("left", at_noon + MINUTE, Cause("event", "an answer: gender")),
    ]


@pytest.mark.parametrize("answer", ["19.11.1990", "1990-02-30", "19901119", "1990-W47-1", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_of_a_calendar_is_no_birthday(tx: Tx, shop_id: int, at_noon: datetime, answer: str) -> None:
    news.take(tx, shop_id, [says("birthday", answer, at_noon)], at_noon)
    assert tx.execute(select(tables.answers.c.noon)).scalars().all() == [None]


def test_a_declared_birthday_moves_with_the_shops_clocks_and_with_the_person(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    born = saved.create(tx, shop_id, "That day", "birthday = 1990-11-19", at_noon)
    news.take(tx, shop_id, [says("birthday", "1990-11-19", at_noon)], at_noon)
    far = ShopChanged("Vanta", "GBP", "Pacific/Kiritimati", None, at_noon + MINUTE)
    news.take(tx, shop_id, [far], at_noon + MINUTE)
    assert tx.execute(select(tables.answers.c.noon)).scalar_one() == datetime(1990, 11, 19, 22, tzinfo=UTC)
    for customer_id in (None, 7):
        identity.person_of(tx, shop_id, visitor=BEN, customer_id=customer_id, now=at_noon + MINUTE)
    news.take(tx, shop_id, [CustomersMerged(7, 8, at_noon + 2 * MINUTE)], at_noon + 2 * MINUTE)
    [ben] = inside(tx, born)
    assert tx.execute(select(tables.people.c.customer_id).where(tables.people.c.id == ben)).scalar_one() == 8


def test_the_same_day_is_declared_before_and_after_the_shop_moved(tx: Tx) -> None:
    said, moved = says("birthday", "1990-11-19", NOON), ShopChanged("Vanta", "GBP", "Asia/Kathmandu", None, NOON)
    for number, events in enumerate(([said, moved], [moved, said], [said, moved, said])):
        shop_id = make_shop(tx, f"shop-{number}.myshopify.com")
        for event in events:
            apply(tx, shop_id, [event], now=NOON)
        mine = select(tables.answers.c.noon).where(tables.answers.c.shop_id == shop_id)
        assert tx.execute(mine).scalar_one() == datetime(1990, 11, 19, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "turns"),
    [
        ("2008-11-19", datetime(2026, 11, 19, 5, tzinfo=UTC)),
        ("2009-07-04", datetime(2027, 7, 4, 4, tzinfo=UTC)),  # summer time
        ("2012-02-29", datetime(2030, 3, 1, 5, tzinfo=UTC)),
    ],
)
def test_somebody_turns_18_at_midnight_of_the_shops_on_their_birthday(
    tx: Tx, at_noon: datetime, born: str, turns: datetime
) -> None:
    shop_id = make_shop(tx, timezone="America/New_York")
    grown = saved.create(tx, shop_id, "Grown up", "age >= 18", at_noon)
    teens = saved.create(tx, shop_id, "Seventeen and less", "age < 18", at_noon)
    news.take(tx, shop_id, [says("birthday", born, at_noon)], at_noon)
    [ben] = inside(tx, teens)
    tick = timedelta(microseconds=1)
    for at in (turns - tick, turns):
        while rung := membership.due(tx, at, 100, 100):
            for shop, ids in rung:
                membership.catch_up(tx, shop, ids, at)
        assert inside(tx, grown) == ([] if at < turns else [ben])
        assert who_is_it(tx, shop_id, "age >= 18", at) == inside(tx, grown)
    [change] = membership.changes_of(tx, shop_id, segment_id=grown, person_id=ben)
    assert (change.at, change.cause) == (turns, Cause("time", "age >= 18"))


def who_is_it(tx: Tx, shop_id: int, query: str, at: datetime) -> list[int]:
    """By SQL."""
    timezone = tx.execute(select(tables.shops.c.timezone).where(tables.shops.c.id == shop_id)).scalar_one()
    found = tx.execute(members(compile_segment(query, now=at, timezone=timezone), shop_id)).scalars()
    return sorted(found)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("age >= 18", "are aged at least 18"),
        ("age BETWEEN 18 AND 25", "are aged between 18 and 25"),
        ("age != 18", "are aged not exactly 18 (or nobody knows)"),
        ("age IS NULL", "do not have an age that is known"),
    ],
)
def test_an_age_is_said_in_years(query: str, words: str) -> None:
    assert sentence(compile_segment(query, now=NOON, timezone="UTC")) == f"People who {words}."


def test_an_explanation_says_the_age_and_the_birthday(tx: Tx, shop_id: int) -> None:
    ids = settle(tx, shop_id, [PEOPLE["Ann"]])
    [verdict] = explain(compile_segment("age > 36", now=NOON, timezone="UTC"), load_many(tx, shop_id, ids)[0], NOON)
    assert (verdict.holds, verdict.value) == (False, "age is 36, born on 19 November 1989")
    assert verdict.turn is not None
    assert verdict.turn.at == datetime(2026, 11, 19, tzinfo=UTC)


def test_a_date_at_the_end_of_all_calendars_is_one_like_any_other(tx: Tx, shop_id: int) -> None:
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    [last] = load_many(tx, shop_id, settle(tx, shop_id, [Someone(told=told(None, end))]))
    for query, holds in (("birthday > today", True), ("age >= 0", False), ("anniversary('birthday') = today", False)):
        checked = compile_segment(query, now=NOON, timezone="Asia/Kathmandu")
        assert [one.holds for one in explain(checked, last, NOON)] == [holds]


@pytest.mark.parametrize("years", ["-1", "151", "18.5", "'18'", "today"])
def test_an_age_is_a_whole_number_of_years(years: str) -> None:
    with pytest.raises(SegmentError, match="age takes"):
        compile_segment(f"age > {years}", now=NOON, timezone="UTC")


def test_values_of_both_are_offered(tx: Tx, shop_id: int) -> None:
    settle(tx, shop_id, list(PEOPLE.values()))
    assert [one.value for one in suggestions(tx, shop_id, "gender", "")] == ["diverse", "female", "male"]
    assert [one.value for one in suggestions(tx, shop_id, "gender", "fe")] == ["female"]
    assert [one.value for one in suggestions(tx, shop_id, "profession", "nu")] == ["Nurse"]
