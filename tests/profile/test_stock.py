"""What a variant's stock comes to, from what products, locations and the storefront tell, in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.ingest.events import Event, LevelChanged, ProductChanged, StockTurned, Variant
from plugin.profile.apply import apply
from plugin.profile.stock_sum import Level, Told, needed, reckon
from plugin.store import tables
from plugin.store.engine import Tx
from tests.factories import make_shop

EIGHT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PARKA, SMALL, ITEM = 2**53 + 1, 2**53 + 3, 2**53 + 5
LONDON, LEEDS = 11, 12


def o_clock(hour: float) -> datetime:
    return EIGHT + timedelta(hours=hour - 8)


def parka(hour: float, inventory: int | None, **of_variant: Any) -> ProductChanged:
    small = Variant(SMALL, "Small", None, 99_00, inventory, inventory_item_id=ITEM, **of_variant)
    return ProductChanged(PARKA, "Parka", "parka", None, None, None, "active", (), (small,), o_clock(hour))


def level(hour: float, available: int | None, location: int = LONDON) -> LevelChanged:
    return LevelChanged(ITEM, location, available, o_clock(hour))


def turned(hour: float, *, in_stock: bool, inventory: int | None = None) -> StockTurned:
    return StockTurned(SMALL, in_stock, inventory, o_clock(hour))


def after(tx: Tx, *events: Event) -> tuple[int | None, bool, datetime | None]:
    """The small parka's pieces, whether it is in stock and since when; each event comes alone."""
    shop = make_shop(tx)
    for event in events:
        apply(tx, shop, [event], now=o_clock(20))
    columns = tables.variants.c.inventory, tables.variants.c.in_stock, tables.variants.c.stock_since
    row = tx.execute(select(*columns).where(tables.variants.c.shop_id == shop)).one()
    return (row[0], row[1], row[2])


def test_stock_is_the_sum_of_its_locations(tx: Tx) -> None:
    assert after(tx, parka(9, 10), level(10, 4), level(11, 5, LEEDS))[0] == 9


def test_a_sale_told_by_the_location_and_by_the_product_counts_once(tx: Tx) -> None:
    sold = [level(9, 5), parka(10, 8), level(11, 4), parka(11, 7)]
    assert after(tx, *sold)[0] == 7


def test_a_location_moments_after_the_total_is_in_it_already(tx: Tx) -> None:
    assert after(tx, level(9, 5), parka(11, 7), level(11 + 1 / 3600, 4))[0] == 7


def test_of_two_locations_the_one_that_says_nothing_new_keeps_its_pieces(tx: Tx) -> None:
    assert after(tx, level(9, 5), parka(10, 8), level(12, 4))[0] == 7  # three are in Leeds, which we never heard of


def test_late_news_of_a_location_changes_nothing(tx: Tx) -> None:
    assert after(tx, parka(9, 10), level(12, 4), level(11, 9))[0] == 4


def test_a_level_may_come_before_its_product(tx: Tx) -> None:
    assert after(tx, level(12, 4), parka(9, 10))[0] == 4


def test_nobody_counts(tx: Tx) -> None:
    assert after(tx, parka(9, None, tracked=False)) == (None, True, None)
    told = parka(10, 0)  # the present payloads write 0 and do not say that nobody counts; the history did
    assert after(make_another(tx), parka(9, None, tracked=False), told) == (None, True, None)


def test_a_merchant_begins_to_count(tx: Tx) -> None:
    assert after(tx, parka(9, None, tracked=False), parka(10, 0), level(11, 6))[0] == 6


def test_sold_out_and_back(tx: Tx) -> None:
    gone = turned(10, in_stock=False, inventory=0)
    assert after(tx, parka(9, 3), gone) == (0, False, o_clock(10))
    back = turned(12, in_stock=True, inventory=20)
    assert after(make_another(tx), parka(9, 3), back, gone) == (20, True, o_clock(12))


def test_a_turn_may_come_before_its_product(tx: Tx) -> None:
    assert after(tx, turned(10, in_stock=False, inventory=0), parka(9, 3)) == (0, False, o_clock(10))


def test_sold_out_online_though_the_shop_in_leeds_has_some(tx: Tx) -> None:
    assert after(tx, parka(9, 3), turned(10, in_stock=False, inventory=3)) == (3, False, o_clock(10))


def test_the_word_that_it_is_back_was_lost_but_the_pieces_tell(tx: Tx) -> None:
    assert after(tx, turned(10, in_stock=False, inventory=0), parka(12, 3)) == (3, True, None)


def test_who_sells_on_without_stock_is_never_sold_out(tx: Tx) -> None:
    assert after(tx, parka(9, -2, inventory_policy="continue")) == (-2, True, None)
    assert after(make_another(tx), parka(9, -2, inventory_policy="deny")) == (-2, False, None)


def test_a_product_told_anew_keeps_what_is_known_of_its_stock(tx: Tx) -> None:
    gone = turned(10, in_stock=False, inventory=0)
    assert after(tx, parka(9, 3), gone, parka(15, 0)) == (0, False, o_clock(10))


def test_levels_do_not_pile_up(tx: Tx) -> None:
    sales: list[Event] = [event for n in range(40) for event in (level(9 + n / 10, 50 - n), parka(9 + n / 10, 50 - n))]
    assert after(tx, *sales)[0] == 11
    assert tx.execute(select(func.count()).select_from(tables.inventory_levels)).scalar() == 1


def test_what_changed_is_said(tx: Tx) -> None:
    shop = make_shop(tx)
    apply(tx, shop, [parka(9, 3)], now=EIGHT)
    assert apply(tx, shop, [turned(10, in_stock=False, inventory=0)], now=EIGHT).products == (PARKA,)
    assert apply(tx, shop, [turned(10, in_stock=False, inventory=0)], now=EIGHT).products == ()


def test_each_shop_has_its_own(tx: Tx) -> None:
    ours, theirs = make_shop(tx, "ours.myshopify.com"), make_shop(tx, "theirs.myshopify.com")
    for shop in (ours, theirs):
        apply(tx, shop, [parka(9, 3)], now=EIGHT)
    apply(tx, theirs, [level(10, 1)], now=EIGHT)
    kept = select(tables.variants.c.inventory).where(tables.variants.c.shop_id == ours)
    assert tx.execute(kept).scalar_one() == 3


@pytest.mark.parametrize("many", [1, 25])
def test_levels_that_can_still_matter(many: int) -> None:
    levels = [Level(LONDON, n, o_clock(8 + n)) for n in range(many)]
    assert needed(levels, None) == levels[-20:]
    assert needed(levels, o_clock(8 + many)) == levels[-1:]


def test_nothing_told_is_in_stock() -> None:
    found = reckon(Told(), [], sold_without=False)
    assert (found.inventory, found.in_stock, found.since) == (None, True, None)


def make_another(tx: Tx) -> Tx:
    """A second shop in the same test: the first one makes room for its name."""
    tx.execute(tables.shops.delete())
    return tx
