"""Goods move, parcels leave, the merchant makes things: what of it the app is told, and that Beckon can read it."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.webhooks import deliver
from tests.sandbox.conftest import install, told
from tests.sandbox.test_storefront import LANTERN, buy, put
from tests.sandbox.test_the_app_s_side import app, deliver_all  # noqa: F401  a fixture
from webhooks.delivery import Delivery
from webhooks.topics import parse


def events(world):
    """All that was told, as Beckon reads it: raises where it cannot."""
    at = datetime(2026, 11, 24, tzinfo=UTC)
    rows = world.db.execute("SELECT topic, body FROM outbox ORDER BY id").fetchall()
    return [event for row in rows for event in parse(row["topic"], row["body"], Delivery(at, "GBP"))]


def stock(world, product):
    return world.db.execute("SELECT stock FROM products WHERE id = ?", (product,)).fetchone()[0]


def test_an_order_takes_its_pieces_and_a_refund_puts_one_back(browser, world):
    install(browser)
    before = stock(world, LANTERN)
    put(browser, LANTERN, 3)
    buy(browser)

    assert stock(world, LANTERN) == before - 3
    level = told(world, "inventory_levels/update")[-1]
    assert (level["inventory_item_id"], level["available"]) == (LANTERN, before - 3)
    variant = told(world, "products/update")[-1]["variants"][0]
    assert (variant["inventory_item_id"], variant["inventory_quantity"]) == (LANTERN, before - 3)

    browser.post("/_sandbox/orders/536368/refund")
    assert told(world, "inventory_levels/update")[-1]["available"] == before - 2
    events(world)


def test_the_last_piece_goes_and_the_first_one_comes(browser, world):
    install(browser)
    browser.post(f"/_sandbox/products/{LANTERN}/stock", json={"pieces": 0})
    browser.post(f"/_sandbox/products/{LANTERN}/stock", json={"pieces": 40})
    browser.post(f"/_sandbox/products/{LANTERN}/stock", json={"pieces": 41})

    assert [body["inventory_quantity"] for body in told(world, "variants/out_of_stock")] == [0]
    (back,) = told(world, "variants/in_stock")
    assert (back["product_id"], back["inventory_quantity"]) == (LANTERN, 40)
    assert "inventory_item_id" not in back
    assert browser.post("/_sandbox/products/5/stock", json={"pieces": 1}).status_code == 404
    events(world)


def test_a_parcel_leaves_and_arrives(browser, world):
    install(browser)
    put(browser, LANTERN)
    buy(browser)
    browser.post("/_sandbox/orders/536368/deliver")  # none is under way
    browser.post("/_sandbox/orders/536368/fulfil")
    browser.post("/_sandbox/orders/536368/deliver")

    (left,), (arrived,) = told(world, "fulfillments/create"), told(world, "fulfillments/update")
    assert (left["order_id"], left["shipment_status"]) == (536368, None)
    assert (arrived["id"], arrived["shipment_status"]) == (left["id"], "delivered")
    assert told(world, "orders/fulfilled")[0]["fulfillments"] == [left]
    events(world)


def test_a_deleted_checkout_has_a_dead_link(browser, world):
    install(browser)
    put(browser, LANTERN)
    path = browser.get("/checkout").headers["location"]
    token = path.rpartition("/")[2]

    assert browser.get(f"{path}/recover").status_code == 303
    browser.delete(f"/_sandbox/checkouts/{token}")

    assert browser.get(f"{path}/recover").status_code == 404
    assert told(world, "checkouts/delete")[0]["cart_token"] == told(world, "carts/create")[0]["token"]
    assert browser.delete(f"/_sandbox/checkouts/{token}").status_code == 404
    events(world)


def test_the_merchant_makes_changes_and_deletes(browser, world):
    install(browser)
    ten = browser.post("/_sandbox/kept/discounts", json={"title": "Ten off", "codes": ["TEN"]}).json()
    browser.post(f"/_sandbox/kept/discounts/{ten['id']}", json={"status": "EXPIRED", "add": ["NEU"], "remove": ["TEN"]})
    big = browser.post("/_sandbox/kept/segments", json={"name": "Big", "query": "amount_spent > 500"}).json()
    browser.post(f"/_sandbox/kept/segments/{big['id']}", json={"query": "amount_spent > 900"})
    browser.post("/_sandbox/themes", json={"name": "Comfort"})
    kept = browser.get("/_sandbox/kept/discounts").json()["discounts"]
    for path in (f"discounts/{ten['id']}", f"segments/{big['id']}"):
        browser.delete(f"/_sandbox/kept/{path}")

    assert list(kept[0]["codes"]) == ["NEU"]
    assert browser.get("/_sandbox/kept/discounts").json() == {"discounts": []}
    assert told(world, "discounts/update")[0]["status"] == "EXPIRED"
    assert [body["redeem_code"]["code"] for body in told(world, "discounts/redeemcode_removed")] == ["TEN"]
    assert told(world, "segments/update")[0]["query"] == "amount_spent > 900"
    assert told(world, "segments/delete") == [{"id": big["id"]}]
    assert told(world, "themes/publish")[0]["role"] == "main"
    assert browser.post("/_sandbox/kept/wishes", json={}).status_code == 404
    assert browser.delete("/_sandbox/kept/segments/5").status_code == 404
    assert len(events(world)) == 10


def test_a_redirect_is_a_failure_and_what_comes_again_is_what_was_signed(browser, world, app):  # noqa: F811
    install(browser)
    app.answers = [302]
    app.headers = {"Location": "/elsewhere"}
    browser.post(f"/_sandbox/products/{LANTERN}", json={"price": 350})
    browser.post(f"/_sandbox/products/{LANTERN}", json={"price": 450})

    deliver_all(world)

    heard = [
        (headers["X-Shopify-Webhook-Id"], headers["X-Shopify-Triggered-At"], body) for *_, headers, body in app.heard
    ]
    assert {path for _, path, *_ in app.heard} == {"/webhooks"}
    assert heard.count(heard[0]) == 2  # to the byte, though the price is another one by now
    assert len(set(heard)) == 2


def test_after_eight_retries_it_is_given_up(browser, world, app, monkeypatch):  # noqa: F811
    monkeypatch.setattr(deliver, "WAITS", (0.01,) * 8)
    install(browser)
    app.answers = [503] * 20
    browser.post(f"/_sandbox/products/{LANTERN}", json={"price": 350})

    deliver_all(world)

    assert len(app.heard) == 9
    assert browser.get("/_sandbox/webhooks").json()["states"] == {"given up": 1}


def test_all_come_in_any_order(browser, world, app):  # noqa: F811
    install(browser)
    browser.post("/_sandbox/webhooks", json={"shuffle_by": 0.5})
    for price in range(300, 320):
        browser.post(f"/_sandbox/products/{LANTERN}", json={"price": price})

    deliver_all(world)

    bodies = [body for *_, body in app.heard]
    written = [row["body"] for row in world.db.execute("SELECT body FROM outbox ORDER BY id")]
    assert sorted(bodies) == sorted(written)
    assert bodies != written
