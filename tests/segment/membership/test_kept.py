"""Ann enters and leaves segments: when, why, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin import news
from plugin.base.errors import NotFound
from plugin.ingest.events import (
    CartChanged,
    CartSeen,
    CollectionChanged,
    CustomersMerged,
    CustomerTagged,
    Line,
    OrderChanged,
    ProductChanged,
    ShopChanged,
    Viewed,
)
from plugin.profile import identity
from plugin.profile.load import load
from plugin.segment import membership, saved, versions
from plugin.segment.compile import compile_segment
from plugin.segment.membership import Cause, explanation, why
from plugin.store import tables
from plugin.store.engine import Tx, transaction
from tests.factories import make_person, make_product, make_segment, make_shop
from tests.segment.membership.world import MOMENT, inside, ring

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANN, BOB, LAMP = 101, 102, 42


def an_order(at: datetime, number: int = 1001, of: int = ANN) -> OrderChanged:
    return OrderChanged(
        order_id=number, name=f"#{number}", customer_id=of, placed_at=at, updated_at=at, cancelled_at=None,
        currency="GBP", total=4_900, refunds=(), test=False, lines=(Line(LAMP, 1, "A lamp", 1, 4_900),),
    )  # fmt: skip


def a_cart(at: datetime) -> CartChanged:
    return CartChanged("c1", (Line(LAMP, 1, "A lamp", 1, 4_900),), at)


def ann(tx: Tx) -> int:
    return int(tx.execute(select(tables.people.c.id).where(tables.people.c.customer_id == ANN)).scalar_one())


def told(tx: Tx, shop_id: int, segment_id: int, person_id: int) -> list[tuple[str, datetime, Cause]]:
    changes = membership.changes_of(tx, shop_id, segment_id=segment_id, person_id=person_id)
    return [(one.kind, one.at, one.cause) for one in reversed(changes)]


def test_an_order_brings_her_in_and_thirty_days_take_her_out_at_midnight(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    lately = saved.create(tx, shop_id, "Lately", "last_order_date >= -30d", at_noon)
    news.take(tx, shop_id, [an_order(at_noon)], at_noon)
    midnight = datetime(2026, 12, 19, tzinfo=UTC)
    assert inside(tx, lately) == [ann(tx)]
    assert membership.due(tx, midnight - MOMENT, 100, 100) == []

    ring(tx, midnight + 3 * DAY)  # a worker that comes late

    assert inside(tx, lately) == []
    assert told(tx, shop_id, lately, ann(tx)) == [
        ("entered", at_noon, Cause("event", "order #1001")),
        ("left", midnight, Cause("time", "last_order_date >= -30d")),
    ]
    assert tx.execute(select(tables.timers)).all() == []  # nothing more that time could change


def test_an_event_that_comes_before_a_late_worker_finds_her_gone_at_the_right_second(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    lately = saved.create(tx, shop_id, "Lately", "last_order_date >= -30d", at_noon)
    news.take(tx, shop_id, [an_order(at_noon)], at_noon)
    later = at_noon + 40 * DAY

    news.take(tx, shop_id, [an_order(later, number=1002)], later)

    assert [(kind, at) for kind, at, _ in told(tx, shop_id, lately, ann(tx))] == [
        ("entered", at_noon),
        ("left", datetime(2026, 12, 19, tzinfo=UTC)),
        ("entered", later),
    ]


@pytest.mark.parametrize("way", ["of a cart that only her order named", "of a customer who became her"])
def test_so_does_one_that_leads_to_her_by_a_roundabout_way(tx: Tx, shop_id: int, at_noon: datetime, way: str) -> None:
    lately, later = saved.create(tx, shop_id, "Lately", "last_order_date >= -30d", at_noon), at_noon + 40 * DAY
    bought = replace(an_order(at_noon), cart_token="her-cart")
    news.take(tx, shop_id, [bought, CustomersMerged(BOB, ANN, at_noon)], at_noon)

    cart, tagged = CartChanged("her-cart", (), later), CustomerTagged(BOB, ("VIP",), (), later)
    news.take(tx, shop_id, [cart if "cart" in way else tagged], later)

    assert told(tx, shop_id, lately, ann(tx))[-1][:2] == ("left", datetime(2026, 12, 19, tzinfo=UTC))


def test_told_twice_it_happens_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    buyers = saved.create(tx, shop_id, "Buyers", "number_of_orders > 0", at_noon)

    for minute in range(3):
        news.take(tx, shop_id, [an_order(at_noon)], at_noon + timedelta(minutes=minute))

    assert len(told(tx, shop_id, buyers, ann(tx))) == 1
    assert membership.size(tx, shop_id, buyers) == 1


def test_a_visitor_is_a_member_like_anybody_and_goes_on_as_the_customer_they_become(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    never = saved.create(tx, shop_id, "Never bought", "number_of_orders = 0", at_noon)
    news.take(tx, shop_id, [Viewed("e1", "her-phone", LAMP, at_noon)], at_noon)
    (visitor,) = inside(tx, never)

    later = at_noon + HOUR
    person = identity.person_of(tx, shop_id, visitor="her-phone", customer_id=ANN, now=later)
    news.take(tx, shop_id, [], later, also={person})

    assert inside(tx, never) == [person]
    assert membership.since(tx, shop_id, person) == {never: at_noon}
    assert [kind for kind, _, _ in told(tx, shop_id, never, person)] == ["entered"]
    assert visitor == person


def test_two_customers_who_become_one_are_one_member(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    buyers = saved.create(tx, shop_id, "Buyers", "number_of_orders > 0", at_noon)
    news.take(tx, shop_id, [an_order(at_noon), an_order(at_noon, 1002, of=BOB)], at_noon)
    assert membership.size(tx, shop_id, buyers) == 2

    news.take(tx, shop_id, [CustomersMerged(BOB, ANN, at_noon + HOUR)], at_noon + HOUR)

    assert inside(tx, buyers) == [ann(tx)]
    assert membership.size(tx, shop_id, buyers) == 1
    assert [kind for kind, _, _ in told(tx, shop_id, buyers, ann(tx))] == ["entered", "entered", "left"]


def test_a_product_s_new_tag_marks_its_buyers_and_more_pieces_in_stock_nobody(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    make_product(tx, shop_id, product_id=LAMP, title="A lamp")
    lights = saved.create(tx, shop_id, "Lights", "products_purchased MATCHES (tag = 'light')", at_noon)
    news.take(tx, shop_id, [an_order(at_noon)], at_noon)

    def changed(at: datetime, *tags: str) -> ProductChanged:
        return ProductChanged(LAMP, "A lamp", "a-lamp", None, None, None, "active", tags, (), at)

    news.take(tx, shop_id, [changed(at_noon + HOUR)], at_noon + HOUR)
    assert membership.due(tx, at_noon + HOUR, 100, 100) == []
    news.take(tx, shop_id, [changed(at_noon + 2 * HOUR, "Light")], at_noon + 2 * HOUR)
    ring(tx, at_noon + 2 * HOUR + timedelta(seconds=5))

    assert told(tx, shop_id, lights, ann(tx)) == [("entered", at_noon + 2 * HOUR, Cause("event", "a product changed"))]


def test_a_product_s_new_category_brings_its_buyers_in(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    make_product(tx, shop_id, product_id=LAMP, title="A lamp")
    query = "products_purchased MATCHES (category = 'Home')"
    home = saved.create(tx, shop_id, "Home", query, at_noon)
    news.take(tx, shop_id, [an_order(at_noon)], at_noon)
    later = at_noon + HOUR
    category = "Home > Lighting"
    changed = ProductChanged(LAMP, "A lamp", "a-lamp", None, None, None, "active", (), (), later, category)

    news.take(tx, shop_id, [changed], later)
    ring(tx, later + timedelta(seconds=5))

    assert told(tx, shop_id, home, ann(tx)) == [("entered", later, Cause("event", "a product changed"))]


def test_a_product_s_new_tag_brings_in_who_has_it_in_a_cart(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    """Also where no segment asks for purchases or looks."""
    make_product(tx, shop_id, product_id=LAMP, title="A lamp")
    lights = saved.create(tx, shop_id, "Lights", "cart_updated MATCHES (tag = 'light')", at_noon)
    news.take(tx, shop_id, [CartSeen("her-phone", "c1", at_noon), a_cart(at_noon)], at_noon)
    later = at_noon + HOUR
    changed = ProductChanged(LAMP, "A lamp", "a-lamp", None, None, None, "active", ("Light",), (), later)

    news.take(tx, shop_id, [changed], later)
    ring(tx, later + timedelta(seconds=5))

    (visitor,) = inside(tx, lights)
    assert told(tx, shop_id, lights, visitor) == [("entered", later, Cause("event", "a product changed"))]


def test_a_collection_s_new_title_brings_in_who_looked_at_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    winter = saved.create(tx, shop_id, "Winter", "collection_viewed MATCHES (title = 'Winter')", at_noon)
    look = Viewed("event-0001", "her-phone", None, at_noon, "collection_viewed", collection_id=7)
    news.take(tx, shop_id, [look, CollectionChanged(7, "Coats", "coats", at_noon)], at_noon)
    ring(tx, at_noon)
    later = at_noon + HOUR

    news.take(tx, shop_id, [CollectionChanged(7, "Coats", "coats", later)], later)
    assert membership.due(tx, later, 100, 100) == []
    news.take(tx, shop_id, [CollectionChanged(7, "Winter", "coats", later + HOUR)], later + HOUR)
    ring(tx, later + HOUR + timedelta(seconds=5))

    (visitor,) = inside(tx, winter)
    assert told(tx, shop_id, winter, visitor) == [("entered", later + HOUR, Cause("event", "a collection changed"))]


def test_what_she_puts_into_her_cart_brings_her_in_at_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    carted = saved.create(tx, shop_id, "Carted", f"cart_updated MATCHES (id = {LAMP})", at_noon)
    news.take(tx, shop_id, [CartSeen("her-phone", "c1", at_noon)], at_noon)
    assert inside(tx, carted) == []
    later = at_noon + HOUR

    news.take(tx, shop_id, [a_cart(later)], later)

    (visitor,) = inside(tx, carted)
    assert told(tx, shop_id, carted, visitor) == [("entered", later, Cause("event", "a cart"))]


def test_a_shop_without_segments_sets_no_timer(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    news.take(tx, shop_id, [an_order(at_noon)], at_noon)
    assert tx.execute(select(tables.timers)).all() == []


def test_other_shops_segments_judge_nobody_here(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    saved.create(tx, make_shop(tx, domain="elsewhere.myshopify.com"), "Everybody", "", at_noon)
    news.take(tx, shop_id, [an_order(at_noon)], at_noon)
    assert tx.execute(select(tables.memberships)).all() == []


def test_a_mark_that_comes_while_somebody_is_judged_survives(store: str, shop: int, at_noon: datetime) -> None:
    """Who judges takes the timers first; what is set after that is looked at again."""
    with transaction() as tx:
        saved.create(tx, shop, "Everybody", "", at_noon)
        person = make_person(tx, shop)
        membership.mark(tx, shop, [person], Cause("event", "seen"), at_noon)
        membership.mark(tx, shop, [person], Cause("event", "seen again"), at_noon + HOUR)
        membership.catch_up(tx, shop, [person], at_noon + HOUR)
        membership.mark(tx, shop, [person], Cause("event", "once more"), at_noon + 2 * HOUR)
        membership.mark(tx, shop, [person], Cause("event", "and more"), at_noon + 3 * HOUR)
        (row,) = tx.execute(select(tables.timers)).all()
    assert (row.due_at, row.detail) == (at_noon + 2 * HOUR, "once more")


# --- versions -----------------------------------------------------------------------------------


def test_each_save_is_a_version_that_says_what_it_did_and_can_be_taken_back(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    for number in range(4):
        make_person(tx, shop_id, customer_id=number + 1, number_of_orders=number, tags=["vip"] if number else [])
    mine = saved.create(tx, shop_id, "Loyal", "number_of_orders > 1", at_noon, by="Alice")
    saved.save(tx, shop_id, mine, "Loyal", "number_of_orders > 2 OR customer_tags CONTAINS 'fan'", at_noon, by="Bob")
    saved.save(tx, shop_id, mine, "Very loyal", "number_of_orders > 2 OR customer_tags CONTAINS 'fan'", at_noon)
    saved.save(tx, shop_id, mine, "Very loyal", "number_of_orders > 2 OR customer_tags CONTAINS 'fan'", at_noon)

    versions.restore(tx, shop_id, mine, 1, at_noon, by="Alice")

    found = versions.every(tx, shop_id, mine)
    assert [(one.number, one.name, one.saved_by, one.members, one.joined, one.left) for one in found] == [
        (4, "Loyal", "Alice", 2, 1, 0),
        (3, "Very loyal", "", 1, 0, 0),
        (2, "Loyal", "Bob", 1, 0, 1),
        (1, "Loyal", "Alice", 2, 2, 0),
    ]
    assert found[0].restores == 1
    changed = versions.differences(tx, shop_id, found, at_noon)
    assert [[(one.kind, one.before, one.after) for one in some] for some in changed] == [
        [
            ("changed", "number_of_orders > 2", "number_of_orders > 1"),
            ("removed", "customer_tags CONTAINS 'fan'", ""),
        ],
        [],
        [
            ("changed", "number_of_orders > 1", "number_of_orders > 2"),
            ("added", "", "customer_tags CONTAINS 'fan'"),
        ],
        [],
    ]
    assert [one.former_name for one in found] == ["Very loyal", "Loyal", "Loyal", None]
    assert saved.find(tx, shop_id, mine).query == "number_of_orders > 1"
    with pytest.raises(NotFound, match="no version 9"):
        versions.restore(tx, shop_id, mine, 9, at_noon)


def test_a_segment_in_a_segment_is_settled_with_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    make_person(tx, shop_id, customer_id=ANN, number_of_orders=2)
    inner = saved.create(tx, shop_id, "Buyers", "number_of_orders > 5", at_noon)
    outer = saved.create(tx, shop_id, "Others", "NOT in_segment('Buyers')", at_noon)
    assert membership.size(tx, shop_id, outer) == 1

    saved.save(tx, shop_id, inner, "Buyers", "number_of_orders > 1", at_noon + HOUR)

    assert membership.size(tx, shop_id, outer) == 0
    assert [one.size for one in membership.sizes(tx, shop_id, outer, at_noon.date(), at_noon.date())] == [0]


def test_everybody_s_timers_learn_of_a_saved_segment_page_by_page(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    for number in range(3):
        make_person(tx, shop_id, customer_id=number + 1, last_order_at=at_noon - number * DAY, number_of_orders=1)
    mine = saved.create(tx, shop_id, "Lately", "last_order_date >= -1d", at_noon)
    progress = membership.progress(tx, shop_id, mine)
    assert progress is not None
    assert progress.sentence == "being settled: 0 of 3"

    later = at_noon + 5 * DAY  # nobody came for it until then
    assert membership.settling(tx, later, later) == [mine]
    while membership.settle_timers(tx, mine, later + HOUR):
        assert membership.settling(tx, later + HOUR / 2, later + HOUR) == []  # somebody is at it

    assert membership.progress(tx, shop_id, mine) is None
    assert inside(tx, mine) == []
    left = [change.at for change in membership.changes_of(tx, shop_id, segment_id=mine) if change.kind == "left"]
    assert left == [datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC)]


def test_a_segment_from_before_members_were_kept_gets_them_and_its_first_version(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    person = make_person(tx, shop_id, customer_id=ANN)
    mine = make_segment(tx, shop_id, "last_order_date IS NULL", settling_from=at_noon, settling_after=-1)

    while membership.settle_timers(tx, mine, at_noon + HOUR):
        pass

    assert inside(tx, mine) == [person]
    (first,) = versions.every(tx, shop_id, mine)
    assert (first.number, first.members, first.joined) == (1, 1, 1)


def test_a_shop_that_moves_to_another_time_zone_has_other_days(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    make_person(tx, shop_id, customer_id=ANN, last_order_at=at_noon - 13 * HOUR, number_of_orders=1)
    today = saved.create(tx, shop_id, "Today", "last_order_date = today", at_noon)
    assert membership.size(tx, shop_id, today) == 0

    news.take(tx, shop_id, [ShopChanged("Vanta", "GBP", "America/New_York", None, at_noon + HOUR)], at_noon + HOUR)
    news.take(tx, shop_id, [ShopChanged("Vanta", "GBP", "Pacific/Auckland", None, at_noon + HOUR)], at_noon + HOUR)
    for segment_id in membership.settling(tx, at_noon + HOUR, at_noon + HOUR):
        while membership.settle_timers(tx, segment_id, at_noon + HOUR):
            pass

    assert membership.size(tx, shop_id, today) == 0
    news.take(tx, shop_id, [ShopChanged("Vanta", "GBP", "America/Chicago", None, at_noon + HOUR)], at_noon + HOUR)
    assert membership.settling(tx, at_noon + 2 * HOUR, at_noon + 2 * HOUR) == [today]


def test_a_deleted_segment_lets_everybody_go(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    make_person(tx, shop_id, customer_id=ANN)
    mine = saved.create(tx, shop_id, "Everybody", "", at_noon)

    saved.delete(tx, shop_id, mine, at_noon + HOUR)

    assert tx.execute(select(tables.memberships)).all() == []
    assert membership.size(tx, shop_id, mine) == 0


# --- why ----------------------------------------------------------------------------------------


def test_an_explanation_names_the_orders_and_when_time_will_change_it(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    query = "orders_placed MATCHES (date >= -30d, count > 1) OR customer_tags CONTAINS 'vip'"
    mine = saved.create(tx, shop_id, "Lately", query, at_noon - 10 * DAY)
    for number, days in ((1001, 9), (1002, 2)):
        at = at_noon - days * DAY
        news.take(tx, shop_id, [an_order(at, number)], at)

    found = explain(tx, shop_id, mine, query, at_noon)

    orders, tags = found.verdicts
    assert found.member
    assert found.since == at_noon - 2 * DAY
    assert found.change is not None
    assert why(found.change.cause) == "order #1002"
    assert [row.said for row in orders.rows] == ["order #1002", "order #1001"]
    assert found.turn is not None
    assert (found.turn.at, found.turn.holds) == (datetime(2026, 12, 10, tzinfo=UTC), False)
    assert (orders.turn, tags.turn) == (found.turn, None)

    news.take(tx, shop_id, [CustomerTagged(ANN, ("VIP",), (), at_noon)], at_noon)
    assert explain(tx, shop_id, mine, query, at_noon).turn is None


def explain(tx: Tx, shop_id: int, segment_id: int, query: str, now: datetime) -> Any:
    checked = compile_segment(query, now=now, timezone="Europe/London")
    return explanation(tx, shop_id, checked, load(tx, shop_id, ann(tx)), now, segment_id)
