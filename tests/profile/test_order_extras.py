"""What an order says besides what was bought: the channel, the hour by the shop's clock, what made it cheaper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from plugin.ingest.events import Discount, LinesFound, OrderChanged, OrderDeleted, ShopChanged
from plugin.profile.apply import apply
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON

SUMMER_SUNDAY = datetime(2026, 7, 5, 23, 30, tzinfo=UTC)
"""Half past midnight on Monday in London."""


def order(updated: int = 0, **changes: Any) -> OrderChanged:
    told = dict(name="#1", customer_id=7, placed_at=SUMMER_SUNDAY, cancelled_at=None, currency="GBP", total=100)
    told |= dict(refunds=(), test=False, lines=(), updated_at=NOON + timedelta(hours=updated))
    return OrderChanged(1, **(told | changes))


def by_the_clock(tx: Tx) -> tuple[int, int]:
    hour, weekday = tx.execute(select(tables.orders.c.hour, tables.orders.c.weekday)).one()
    return hour, weekday


def discounts(tx: Tx) -> list[tuple[str, str, str]]:
    of = tables.order_discounts.c
    return [tuple(row) for row in tx.execute(select(of.kind, of.code, of.key).order_by(of.kind, of.key))]


def test_hour_and_weekday_are_the_shops(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order()], now=NOON)
    assert by_the_clock(tx) == (0, 1)


def test_a_shop_that_moves_has_its_orders_at_other_hours(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order()], now=NOON)
    apply(tx, shop_id, [ShopChanged("Vanta", "USD", "America/New_York", None, NOON)], now=NOON)
    assert by_the_clock(tx) == (19, 7)


def test_the_channel_is_as_shopify_told_it_last(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order(source_name="pos", updated=1), order(source_name="web")], now=NOON)
    assert tx.execute(select(tables.orders.c.source_name)).scalars().all() == ["pos"]


def test_codes_are_known_whatever_their_case(tx: Tx, shop_id: int) -> None:
    told = (Discount("code", "Welcome10"), Discount("code", "WELCOME10"), Discount("manual"))
    apply(tx, shop_id, [order(discounts=told)], now=NOON)
    assert discounts(tx) == [("code", "Welcome10", "welcome10"), ("manual", "", "")]


def test_an_edited_order_has_the_discounts_of_its_newest_state(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order(discounts=(Discount("code", "TEN"),))], now=NOON)
    apply(tx, shop_id, [order(discounts=(Discount("automatic", "Summer"),), updated=1)], now=NOON)
    apply(tx, shop_id, [LinesFound(1, (), (Discount("automatic", "summer"),))], now=NOON)
    assert discounts(tx) == [("automatic", "Summer", "summer")]


def test_a_deleted_order_has_none_and_gets_none(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order(discounts=(Discount("code", "TEN"),))], now=NOON)
    apply(tx, shop_id, [OrderDeleted(1, NOON)], now=NOON)
    apply(tx, shop_id, [order(discounts=(Discount("code", "TEN"),), updated=2)], now=NOON)
    assert discounts(tx) == []
