"""The standard events that a page of the store publishes, in the shapes of npm's @shopify/web-pixels-extension."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sandbox import carts, shop
from sandbox.adminapi import pixels
from sandbox.catalogue import MENU
from sandbox.history.codes import variant_id
from sandbox.money import pounds
from sandbox.state import Json
from sandbox.storefront.visitor import Visitor

from .routes import BUNDLE

Values = Mapping[str, Any]
EVERYTHING = 1_000


def of_page(visitor: Visitor, template: str, values: Values) -> Json | None:
    """What the manager is told; None while the app has made no pixel, or nobody has built it."""
    pixel, toml = pixels.current(visitor.world), pixels.declared(visitor.world.settings)
    if pixel is None or not toml or not (visitor.world.settings.pixel / BUNDLE).is_file():
        return None
    events: list[tuple[str, Json]] = [("page_viewed", {})]
    if template in _PAGES:
        name, about = _PAGES[template]
        events.append((name, about(visitor, values)))
    return {
        "settings": pixel["settings"],
        "purposes": toml["customer_privacy"],
        "events": events,
        "init": {"cart": _cart(visitor), "customer": None, "purchasingCompany": None, "shop": _shop()},
    }


def variant(product: Mapping[str, Any] | sqlite3.Row) -> Json:
    return {
        "id": str(variant_id(product["id"])),
        "image": {"src": f"/pictures/{product['handle']}.svg"},
        "price": _money(product["price"]),
        "product": {
            "id": str(product["id"]),
            "title": product["title"],
            "untranslatedTitle": product["title"],
            "type": product["kind"],
            "url": f"/products/{product['handle']}",
            "vendor": shop.NAME,
        },
        "sku": product["code"],
        "title": "Default Title",
        "untranslatedTitle": "Default Title",
    }


def _product(_: Visitor, values: Values) -> Json:
    return {"productVariant": variant(values["product"])}


def _collection(_: Visitor, values: Values) -> Json:
    handle = values["handle"]
    number = EVERYTHING if handle == "all" else EVERYTHING + 1 + list(MENU).index(handle)
    shown = [variant(product) for product in values["products"]]
    return {"collection": {"id": str(number), "title": values["title"], "productVariants": shown}}


def _search(_: Visitor, values: Values) -> Json:
    found = [variant(product) for product in values["products"]]
    return {"searchResult": {"query": values["words"], "productVariants": found}}


def _cart_viewed(visitor: Visitor, _: Values) -> Json:
    return {"cart": _cart(visitor)}


def _checkout(visitor: Visitor, values: Values) -> Json:
    """With the e-mail, as Shopify tells it to every pixel."""
    email = visitor.customer["email"] if visitor.customer else None
    return {"checkout": {"token": values["cart"]["checkout_token"], "email": email, "order": None}}


def _bought(_: Visitor, values: Values) -> Json:
    order = values["order"]
    told = {"token": order["checkout_token"], "email": order["email"], "order": {"id": str(order["id"])}}
    return {"checkout": told | {"totalPrice": _money(order["total"])}}


_PAGES: dict[str, tuple[str, Callable[[Visitor, Values], Json]]] = {
    "product.html": ("product_viewed", _product),
    "collection.html": ("collection_viewed", _collection),
    "search.html": ("search_submitted", _search),
    "cart.html": ("cart_viewed", _cart_viewed),
    "checkout.html": ("checkout_started", _checkout),
    "thanks.html": ("checkout_completed", _bought),
}


def _cart(visitor: Visitor) -> Json | None:
    if visitor.cart is None:
        return None
    lines = carts.lines(visitor.cart)
    cost = {"totalAmount": _money(carts.total(visitor.cart))}
    return {"id": visitor.cart_token, "cost": cost, "totalQuantity": sum(line["quantity"] for line in lines)}


def _shop() -> Json:
    return {"name": shop.NAME, "myshopifyDomain": shop.DOMAIN, "countryCode": "GB"}


def _money(amount: int) -> Json:
    return {"amount": float(pounds(amount)), "currencyCode": shop.CURRENCY}
