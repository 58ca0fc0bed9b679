"""Shopify's own sums and ours: what we hold completely agrees, what we hold in part is made whole."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from plugin.ingest.events import Event, OrderChanged, OrderDeleted, OrderRefunded, Purchases, PurchasesTold, Refund
from plugin.profile.apply import apply
from plugin.store import tables
from plugin.store.engine import Tx, engine
from tests.conftest import NOON
from tests.factories import make_shop

ANN = 2**53 + 1
HOUR = timedelta(hours=1)


@dataclass
class Books:
    """What really happened, as Shopify would tell it."""

    totals: dict[int, int] = field(default_factory=dict)
    placed: dict[int, datetime] = field(default_factory=dict)
    refunds: dict[int, list[Refund]] = field(default_factory=dict)

    def place(self, order_id: int, total: int, at: datetime) -> OrderChanged:
        self.totals[order_id], self.placed[order_id], self.refunds[order_id] = total, at, []
        return self.told(order_id, at)

    def refund(self, order_id: int, amount: int, at: datetime) -> list[Event]:
        number = order_id * 100 + len(self.refunds[order_id])
        self.refunds[order_id].append(Refund(number, amount, at))
        return [OrderRefunded(order_id, number, amount, at), self.told(order_id, at)]

    def delete(self, order_id: int, at: datetime) -> OrderDeleted:
        del self.totals[order_id]
        return OrderDeleted(order_id, at)

    def told(self, order_id: int, at: datetime) -> OrderChanged:
        return order(order_id, self.totals[order_id], self.placed[order_id], at, tuple(self.refunds[order_id]))

    def sums(self) -> Purchases:
        back = sum(one.amount for order_id in self.totals for one in self.refunds[order_id])
        last = max(self.totals, key=lambda order_id: self.placed[order_id], default=None)
        return Purchases(len(self.totals), sum(self.totals.values()) - back, last)


def order(order_id: int, total: int, placed: datetime, at: datetime, refunds: tuple[Refund, ...] = ()) -> OrderChanged:
    return OrderChanged(
        order_id=order_id,
        name=f"#{order_id}",
        customer_id=ANN,
        placed_at=placed,
        updated_at=at,
        cancelled_at=None,
        currency="GBP",
        total=total,
        refunds=refunds,
        test=False,
        lines=(),
    )


def numbers(tx: Tx, shop_id: int) -> tuple[int, int]:
    row = tx.execute(select(tables.people).where(tables.people.c.shop_id == shop_id)).one()
    return row.number_of_orders, row.amount_spent


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_whatever_was_told_when_the_sums_are_those_of_the_whole_history(store: str, seed: int) -> None:
    """Some orders are never ours to see. Told at least once after the last of these, the numbers are Shopify's."""
    dice = random.Random(seed)
    books, seen, hidden = Books(), set[int](), False
    news: list[Event] = []
    for step in range(dice.randrange(1, 14)):
        at = NOON + step * HOUR
        match dice.randrange(6):
            case 0 | 1:
                news.append(books.place(step + 1, dice.randrange(1, 9_000), at))
                seen.add(step + 1)
            case 2 if step < 6:
                books.place(step + 1, dice.randrange(1, 9_000), at)  # before our sixty days
                hidden = True
            case 3 if visible := sorted(seen & books.totals.keys()):
                news += books.refund(dice.choice(visible), dice.randrange(1, 50), at)
            case 4 if visible := sorted(seen & books.totals.keys()):
                news.append(books.delete(dice.choice(visible), at))
            case _:
                news.append(PurchasesTold(ANN, books.sums(), at + HOUR / 2))
                hidden = False
    if hidden or not news:
        news.append(PurchasesTold(ANN, books.sums(), NOON + 20 * HOUR))
    news += dice.choices(news, k=len(news) // 2)
    dice.shuffle(news)
    with engine().connect() as tx, tx.begin() as trying:
        shop_id = make_shop(tx)
        for event in news:
            apply(tx, shop_id, [event], now=NOON)
        assert numbers(tx, shop_id) == (books.sums().orders, books.sums().spent)
        trying.rollback()


def test_a_shop_that_sees_sixty_days_only_knows_all_orders_by_shopifys_sums(tx: Tx, shop_id: int) -> None:
    apply(tx, shop_id, [order(2, 20_00, NOON, NOON)], now=NOON)
    assert numbers(tx, shop_id) == (1, 20_00)
    apply(tx, shop_id, [PurchasesTold(ANN, Purchases(41, 4_020_00, 2), NOON)], now=NOON)
    assert numbers(tx, shop_id) == (41, 4_020_00)
    apply(tx, shop_id, [order(3, 5_00, NOON + HOUR, NOON + HOUR)], now=NOON)
    assert numbers(tx, shop_id) == (42, 4_025_00)


def test_the_order_that_the_sums_name_last_is_in_them_even_if_its_clock_says_later(tx: Tx, shop_id: int) -> None:
    told = PurchasesTold(ANN, Purchases(7, 700_00, 2), NOON)
    apply(tx, shop_id, [told, order(2, 20_00, NOON + HOUR, NOON + HOUR)], now=NOON)
    assert numbers(tx, shop_id) == (7, 700_00)


def test_what_an_order_is_worth_on_average_is_cut_to_the_penny_on_both_databases(tx: Tx, shop_id: int) -> None:
    placed = [order(number, total, NOON, NOON) for number, total in ((1, 100), (2, 100), (3, 102))]
    apply(tx, shop_id, placed, now=NOON)
    assert tx.execute(select(tables.people.c.average_order)).scalar_one() == 100, "302 pence by three"
