"""Metafields, companies, store credit: lists that are told whole; of two customers who became one, one counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from plugin.ingest.events import Credit, CustomerChanged, CustomerPartsFound, CustomersMerged, ShopChanged
from plugin.ingest.metafields import Metafield
from plugin.profile.apply import apply
from plugin.profile.load import load
from plugin.profile.load_told import Field
from plugin.store.engine import Tx
from plugin.store.tables import person_companies, person_metafields, store_credits
from tests.conftest import NOON

ANN, BEN = 2**53 + 1, 2**53 + 2
HOUR = timedelta(hours=1)
BORN = Metafield("facts", "birth_date", "date", ("1990-04-05",), day=date(1990, 4, 5))
GOLD = Metafield("custom", "level", "single_line_text_field", ("gold",))
POINTS = Metafield("custom", "points", "number_integer", ("37",), number=37.0)
TOPICS = Metafield("custom", "topics", "list.single_line_text_field", ("Garden", "Party"))


def told(of: int = ANN, hours: int = 0, **lists: Any) -> CustomerChanged:
    return CustomerChanged(of, None, NOON + hours * HOUR, **lists)


def counting(tx: Tx) -> set[tuple[str, str]]:
    of = person_metafields.c
    return {(row.key, row.text) for row in tx.execute(select(of.key, of.text).where(~of.overruled))}


def test_a_list_replaces_what_was_there_and_an_older_one_changes_nothing(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [told(hours=1, metafields=(GOLD, POINTS))], now=NOON)
    apply(tx, shop_id, [told(hours=2, metafields=(POINTS, TOPICS))], now=NOON)
    apply(tx, shop_id, [told(hours=1, metafields=(GOLD,)), told(hours=3)], now=NOON)
    assert counting(tx) == {("points", "37"), ("topics", "Garden"), ("topics", "Party")}


def test_what_the_history_tells_apart_from_its_customer_is_added(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [told(metafields=(GOLD,), credits=())], now=NOON)
    late = CustomerPartsFound(ANN, metafields=(GOLD, POINTS), credits=(Credit(7, "GBP", 500),))
    apply(tx, shop_id, [late], now=NOON)
    assert counting(tx) == {("level", "gold"), ("points", "37")}
    assert tx.execute(select(store_credits.c.balance)).scalars().all() == [500]


def test_a_birthday_is_known_by_its_noon_in_the_shops_zone(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [told(metafields=(BORN,))], now=NOON)
    at = select(person_metafields.c.at)
    assert tx.execute(at).scalar_one() == datetime(1990, 4, 5, 11, tzinfo=UTC), "summer time in London"
    apply(tx, shop_id, [ShopChanged("Vanta", "NZD", "Pacific/Auckland", None, NOON)], now=NOON)
    assert tx.execute(at).scalar_one() == datetime(1990, 4, 5, 0, tzinfo=UTC)


def test_of_a_list_the_first_is_what_it_is_as_a_single_value(tx: Tx, shop_id: int) -> None:
    days = Metafield("custom", "days", "list.date", ("1990-04-05", "1991-04-05"), day=date(1990, 4, 5))
    sizes = Metafield("custom", "sizes", "list.number_integer", ("37", "38"), number=37.0)
    apply(tx, shop_id, [told(metafields=(days, sizes))], now=NOON)
    apply(tx, shop_id, [ShopChanged("Vanta", "NZD", "Pacific/Auckland", None, NOON)], now=NOON)
    person_id = tx.execute(select(person_metafields.c.person_id).distinct()).scalar_one()
    found = load(tx, shop_id, person_id).metafields
    assert found["custom", "days"] == Field(("1990-04-05", "1991-04-05"), at=datetime(1990, 4, 5, 0, tzinfo=UTC))
    assert found["custom", "sizes"] == Field(("37", "38"), number=37.0)


def test_of_two_who_became_one_the_kept_ones_list_counts_once_it_is_told(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [told(BEN, metafields=(GOLD,), companies=(3,))], now=NOON)
    apply(tx, shop_id, [CustomersMerged(BEN, ANN, NOON + HOUR)], now=NOON)
    assert counting(tx) == {("level", "gold")}
    apply(tx, shop_id, [told(ANN, hours=2, metafields=(POINTS,))], now=NOON)
    assert counting(tx) == {("points", "37")}
    rows = tx.execute(select(person_companies.c.company_id, person_companies.c.overruled)).all()
    assert rows == [(3, False)], "of companies nothing was told of the kept one yet"
    assert len(set(tx.execute(select(person_metafields.c.person_id)).scalars())) == 1
