"""Discounts, the store's own segments, shipments, themes and deleted checkouts: kept, late or repeated as they come."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from plugin.store import tables
from plugin.store.engine import snapshot
from tests.webhooks.signed import deliver, door, sample

TEN = "gid://shopify/DiscountCodeNode/1"


def only(table: Table) -> Any:
    with snapshot() as tx:
        return tx.execute(select(table)).one()


def test_a_discount_with_its_codes(shop: int) -> None:
    client = door()
    deliver(client, "discounts/redeemcode_added", sample("discounts-redeemcode_added"))  # before its discount
    told = sample("discounts-create") | {"admin_graphql_api_id": TEN, "title": "Ten off"}
    deliver(client, "discounts/update", told | {"updated_at": "2018-08-29T13:00:00-04:00", "status": "EXPIRED"})
    deliver(client, "discounts/create", told)  # late

    discount, code = only(tables.discounts), only(tables.discount_codes)
    assert (discount.title, discount.status, discount.deleted_at) == ("Ten off", "expired", None)
    assert (code.discount_id, code.code, code.removed) == (TEN, "code1", False)

    gone = sample("discounts-redeemcode_removed") | {"updated_at": "2018-08-29T18:00:00.000Z"}
    deliver(client, "discounts/redeemcode_removed", gone)
    deliver(client, "discounts/delete", sample("discounts-delete") | {"admin_graphql_api_id": TEN})
    deliver(client, "discounts/redeemcode_added", sample("discounts-redeemcode_added"))  # late once more

    assert only(tables.discount_codes).removed
    assert only(tables.discounts).deleted_at is not None


def test_a_segment_that_is_deleted_before_it_is_heard_of_stays_deleted(shop: int) -> None:
    client = door()
    deliver(client, "segments/delete", sample("segments-delete"))
    deliver(client, "segments/create", sample("segments-create"))

    segment = only(tables.shopify_segments)
    assert (segment.segment_id, segment.query) == (1, "number_of_orders = 1")
    assert segment.deleted_at is not None


def test_a_parcel_is_under_way_and_arrives_late_news_apart(shop: int) -> None:
    client = door()
    parcel = sample("fulfillments-create")
    arrived = parcel | {"shipment_status": "delivered", "updated_at": "2022-01-02T09:00:00Z"}
    deliver(client, "fulfillments/update", arrived)
    deliver(client, "fulfillments/create", parcel)

    kept = only(tables.fulfillments)
    assert (kept.order_id, kept.shipment_status) == (parcel["order_id"], "delivered")
    assert kept.tracking_url.startswith("https://www.ups.com/")
    with snapshot() as tx:
        assert "Steve" not in repr(tx.execute(select(tables.fulfillments)).all())


def test_a_link_of_a_parcel_that_runs_a_script_is_no_link(shop: int) -> None:
    deliver(door(), "fulfillments/create", sample("fulfillments-create") | {"tracking_url": "javascript:alert(1)"})

    assert only(tables.fulfillments).tracking_url is None


def test_the_theme_published_last_is_kept(shop: int) -> None:
    client = door()
    deliver(client, "themes/publish", sample("themes-publish"), triggered_at="2026-11-02T09:00:00Z")
    deliver(client, "themes/publish", sample("themes-publish") | {"name": "Old"}, triggered_at="2026-11-01T09:00:00Z")

    assert only(tables.shops).theme_name == "Comfort"


def test_a_checkout_that_is_deleted_before_it_is_heard_of(shop: int) -> None:
    client = door()
    deliver(client, "checkouts/delete", sample("checkouts-delete"), triggered_at="2022-01-01T10:00:00Z")
    deliver(client, "checkouts/create", sample("checkouts-create"))

    cart = only(tables.carts)
    assert cart.token == sample("checkouts-create")["cart_token"]
    assert cart.checkout_deleted_at > cart.checkout_updated_at


def test_stock_goes_the_whole_way_from_the_door_to_the_variant(shop: int) -> None:
    client = door()
    product = sample("products-create")
    product["variants"][0] |= {"inventory_item_id": 271878346596884015}
    deliver(client, "variants/out_of_stock", sample("variants-out_of_stock"), triggered_at="2026-11-02T08:00:00Z")
    deliver(client, "products/create", product)

    small = select(tables.variants).where(tables.variants.c.variant_id == 642667041472713922)
    with snapshot() as tx:
        row = tx.execute(small).one()
    assert (row.inventory, row.in_stock, row.stock_since.isoformat()) == (0, False, "2026-11-02T08:00:00+00:00")

    level = sample("inventory_levels-update") | {"updated_at": "2026-11-02T09:00:00Z", "available": 12}
    deliver(client, "inventory_levels/update", level)
    with snapshot() as tx:
        row = tx.execute(small).one()
    assert (row.inventory, row.in_stock) == (12, True)
