"""The store as shoppers use it: pages, cart, checkout, accounts; and what of it the app is told."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.history.codes import product_id, variant_id
from sandbox.storefront import embed
from tests.sandbox.conftest import install, told

LANTERN, HEART = product_id("71053"), product_id("85123A")
PAGES = ["/", "/collections/all", "/collections/candles-light", "/search?q=heart", "/search?q=zzz", "/cart",
         "/account/login", "/products/white-metal-lantern-71053"]  # fmt: skip


def put(browser, product, quantity=1):
    return browser.post("/cart/add.js", json={"id": variant_id(product), "quantity": quantity})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_a_title_and_labels(browser, path):
    page = browser.get(path)

    assert page.status_code == 200
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    assert re.search(r"<title>.*Hanging Heart", page.text)
    fields = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page.text)
    assert all(f'for="{field}"' in page.text for field in fields)
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page.text))


def test_what_is_not_there_says_so(browser):
    assert browser.get("/products/nothing").status_code == 404
    assert "That is not here" in browser.get("/collections/nothing").text


def test_pictures_are_drawn_from_the_name(browser):
    picture = browser.get("/pictures/white-metal-lantern-71053.svg")

    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "<title>White Metal Lantern</title>" in picture.text
    assert "#e9e3d8" in picture.text  # white


def test_adding_to_the_cart_makes_a_cart_and_tells_the_app(browser, world):
    install(browser)

    line = put(browser, LANTERN, 2).json()
    cart = browser.get("/cart.js").json()

    assert (line["title"], line["price"], line["quantity"]) == ("White Metal Lantern", 339, 2)
    assert (cart["item_count"], cart["total_price"]) == (2, 678)
    body = told(world, "carts/create")[0]
    assert cart["token"] == body["token"] + cart["token"][len(body["token"]) :]
    assert cart["token"].startswith(body["token"] + "?key=")  # webhooks name the cart without the key
    assert body["line_items"][0]["product_id"] == LANTERN
    assert body["line_items"][0]["price"] == "3.39"
    assert "customer" not in body


def test_a_cart_changes_and_empties(browser, world):
    install(browser)
    put(browser, LANTERN, 2)
    put(browser, HEART)

    browser.post("/cart/change.js", json={"id": variant_id(LANTERN), "quantity": 0})
    cart = browser.post("/cart/update.js", json={"updates": {str(variant_id(HEART)): 4}, "note": "wrap it"}).json()
    browser.post("/cart/clear.js")

    assert [(item["product_id"], item["quantity"]) for item in cart["items"]] == [(HEART, 4)]
    assert told(world, "carts/update")[-1]["line_items"] == []
    assert browser.get("/cart.js").json()["item_count"] == 0


def test_an_unknown_variant_is_refused(browser):
    assert browser.post("/cart/add.js", json={"id": 1}).status_code == 422


def buy(browser, email="ann@example.com"):
    checkout = browser.post("/checkout").headers["location"]
    browser.get(checkout)
    placed = browser.post(checkout, data={"email": email, "country": "GB"})
    return browser.get(placed.headers["location"]) if placed.status_code == 303 else placed


def test_a_guest_buys_and_the_app_is_told_once_with_the_cart_s_token(browser, world):
    install(browser)
    put(browser, LANTERN, 2)
    cart = told(world, "carts/create")[0]["token"]

    thanks = buy(browser)

    assert "Thank you" in thanks.text
    order = told(world, "orders/create")[0]
    assert order["cart_token"] == cart
    assert order["customer"] is None
    assert (order["total_price"], order["subtotal_price"]) == ("10.73", "6.78")
    assert order["name"] == f"#{order['order_number']}" == "#536368"
    assert len(told(world, "orders/paid")) == 1
    assert told(world, "checkouts/create")[0]["cart_token"] == cart
    assert told(world, "checkouts/update")[-1]["completed_at"]
    assert browser.get("/cart.js").json()["item_count"] == 0


def test_a_second_click_places_no_second_order(browser, world):
    install(browser)
    put(browser, LANTERN)
    checkout = browser.post("/checkout").headers["location"]
    for _ in range(2):
        browser.post(checkout, data={"email": "ann@example.com", "country": "GB"})

    assert len(told(world, "orders/create")) == 1


def test_a_wrong_address_is_said_beside_its_field(browser):
    put(browser, LANTERN)

    page = buy(browser, email="nothing")

    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text


def test_an_abandoned_checkout_is_taken_up_again_elsewhere(browser, world):
    install(browser)
    put(browser, LANTERN)
    browser.post("/checkout")
    address = told(world, "checkouts/create")[0]["abandoned_checkout_url"]
    browser.cookies.clear()

    assert browser.get(address).status_code == 303
    assert browser.get("/cart.js").json()["item_count"] == 1


def test_a_customer_logs_in_buys_and_their_account_changes(browser, world):
    install(browser)
    browser.post("/account/login", data={"customer_id": "17850"})
    put(browser, LANTERN)

    buy(browser)

    order = told(world, "orders/create")[0]
    assert order["customer"]["id"] == 17850
    assert "tags" not in told(world, "customers/update")[0]
    row = world.db.execute("SELECT orders, spent FROM customers WHERE id = 17850").fetchone()
    assert tuple(row) == (2, 5364 + 339 + 395)
    assert "#536368" in browser.get("/account").text


def test_nobody_logs_in_as_a_stranger(browser):
    assert browser.post("/account/login", data={"customer_id": "99"}).status_code == 422


def test_a_refund_is_told_by_itself_and_with_the_order(browser, world):
    install(browser)
    put(browser, LANTERN, 2)
    buy(browser)

    browser.post("/_sandbox/orders/536368/refund")

    refund = told(world, "refunds/create")[0]
    assert (refund["order_id"], refund["transactions"][0]["amount"]) == (536368, "3.39")
    assert told(world, "orders/updated")[0]["refunds"][0]["id"] == refund["id"]
    assert told(world, "orders/updated")[0]["financial_status"] == "partially_refunded"


def test_tags_and_prices_are_told(browser, world):
    install(browser)

    browser.post("/_sandbox/customers/17850/tags", json={"add": ["vip"]})
    browser.post(f"/_sandbox/products/{LANTERN}", json={"price": 350})

    assert told(world, "customer.tags_added")[0]["tags"] == ["vip"]
    assert told(world, "customer.tags_added")[0]["customerId"] == "gid://shopify/Customer/17850"
    assert told(world, "products/update")[0]["variants"][0]["price"] == "3.50"


def test_privacy_requests_name_the_customer_and_the_orders(browser, world):
    install(browser)

    browser.post("/_sandbox/privacy/customers-redact", json={"customer_id": 17850})

    body = told(world, "customers/redact")[0]
    assert (body["customer"]["id"], body["orders_to_redact"]) == (17850, [536365])


def test_each_data_request_has_its_number_and_nobody_s_is_refused(browser, world):
    install(browser)

    for _ in range(2):
        browser.post("/_sandbox/privacy/customers-data_request", json={"customer_id": 17850})
    refused = browser.post("/_sandbox/privacy/customers-data_request", json={"customer_id": 1})
    unknown = browser.post("/_sandbox/privacy/customers-erase", json={"customer_id": 17850})

    asked = told(world, "customers/data_request")
    assert [body["data_request"]["id"] for body in asked] == [9999, 10000]
    assert set(asked[0]) == {"shop_id", "shop_domain", "orders_requested", "customer", "data_request"}
    assert set(asked[0]["customer"]) == {"id", "email", "phone"}
    assert (refused.status_code, unknown.status_code) == (422, 404)


def test_shop_redact_reaches_an_app_that_has_left(browser, world):
    install(browser)
    browser.post("/_sandbox/uninstall")

    browser.post("/_sandbox/privacy/shop-redact")

    assert [set(body) for body in told(world, "shop/redact")] == [{"shop_id", "shop_domain"}]


def test_before_the_app_is_installed_nothing_is_told(browser, world):
    put(browser, LANTERN)

    assert told(world) == []


def test_the_app_embed_is_rendered_from_its_own_liquid(tmp_path):
    (tmp_path / "blocks").mkdir()
    schema = json.dumps({"settings": [{"id": "color", "type": "color", "default": "#123"}, {"type": "header"}]})
    (tmp_path / "blocks" / "bell.liquid").write_text(
        "{%- comment -%} not this {%- endcomment -%}"
        '<script src="{{ \'push.js\' | asset_url }}" data-color="{{ block.settings.color | strip | escape }}"'
        ' data-product-id="{{ product.id }}" data-locale="{{ request.locale.iso_code }}"></script>'
        "{% schema %}" + schema + "{% endschema %}"
    )

    assert embed.render(tmp_path, 7) == (
        '<script src="/extensions/beckon/push.js" data-color="#123" data-product-id="7" data-locale="en"></script>'
    )


def test_the_real_embed_stands_on_every_page(browser):
    page = browser.get("/products/white-metal-lantern-71053").text

    assert f'data-product-id="{LANTERN}"' in page
    assert 'data-proxy="/apps/beckon"' in page
    assert browser.get("/extensions/beckon/push.js").status_code == 200
    assert browser.get("/extensions/beckon/..%2Fshopify.extension.toml").status_code == 404
