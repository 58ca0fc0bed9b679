"""The cart: the Ajax API that themes and apps know (/cart.js, /cart/add.js…), forms for browsers without scripts."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from sandbox import bodies, carts, shop
from sandbox.state import Json

from .theme import page
from .visitor import keep, visitor_of


async def show(request: Request) -> Response:
    return page(request, "cart.html")


async def read(request: Request) -> Response:
    """GET /cart.js."""
    visitor = visitor_of(request)
    return JSONResponse(as_json(visitor.cart))


async def add(request: Request) -> Response:
    """POST /cart/add(.js): one variant, or several in `items`."""
    asked, visitor = await bodies.asked(request), visitor_of(request)
    items = asked["items"] if isinstance(asked.get("items"), list) else [asked]
    cart, token, added = visitor.cart, visitor.cart_token, []
    for item in items:
        product = carts.product_of(visitor.world.db, _number(item, "id"))
        if product is None:
            return _wrong(f"There is no variant {item.get('id')}.")
        cart = carts.change(visitor.world, token, product, add=max(1, _number(item, "quantity", 1)))
        token = cart["token"]
        added.append(next(line for line in as_json(cart)["items"] if line["product_id"] == product["id"]))
    return _answer(request, cart, added[0] if "items" not in asked else {"items": added})


async def change(request: Request) -> Response:
    """POST /cart/change(.js): a variant's `id` and its new quantity."""
    asked, visitor = await bodies.asked(request), visitor_of(request)
    product = carts.product_of(visitor.world.db, _number(asked, "id"))
    if product is None or visitor.cart is None:
        return _wrong("There is no such line in the cart.")
    cart = carts.change(visitor.world, visitor.cart_token, product, to=_number(asked, "quantity"))
    return _answer(request, cart, as_json(cart))


async def update(request: Request) -> Response:
    """POST /cart/update(.js): quantities by variant (`updates`), `attributes`, `note`."""
    asked, visitor = await bodies.asked(request), visitor_of(request)
    cart = visitor.cart
    if cart is None:
        return _wrong("The cart is empty.")
    for variant, quantity in (asked.get("updates") or {}).items():
        product = carts.product_of(visitor.world.db, int(variant))
        if product is not None:
            cart = carts.change(visitor.world, cart["token"], product, to=max(0, int(quantity)))
    if asked.get("attributes") or asked.get("note"):
        cart = carts.annotate(visitor.world, cart, asked.get("attributes") or {}, asked.get("note"))
    return _answer(request, cart, as_json(cart))


async def clear(request: Request) -> Response:
    visitor = visitor_of(request)
    cart = carts.empty(visitor.world, visitor.cart) if visitor.cart else None
    return _answer(request, cart, as_json(cart))


def as_json(cart: sqlite3.Row | None) -> Json:
    """A cart as /cart.js gives it: prices in pence, the token with its `?key=…`."""
    lines = carts.lines(cart)
    total = carts.total(cart)
    return {
        "token": public_token(cart["token"]) if cart else None,
        "note": cart["note"] if cart else None,
        "attributes": {},
        "original_total_price": total,
        "total_price": total,
        "total_discount": 0,
        "item_count": sum(line["quantity"] for line in lines),
        "items": [_item(line) for line in lines],
        "requires_shipping": True,
        "currency": shop.CURRENCY,
    }


def public_token(token: str) -> str:
    """What the browser is told: webhooks name the cart without the key."""
    return f"{token}?key={hashlib.md5(token.encode(), usedforsecurity=False).hexdigest()}"


def _item(line: Json) -> Json:
    return {
        "id": line["variant_id"],
        "key": f"{line['variant_id']}:{line['code']}",
        "variant_id": line["variant_id"],
        "product_id": line["product_id"],
        "title": line["title"],
        "product_title": line["title"],
        "handle": line["handle"],
        "url": f"/products/{line['handle']}?variant={line['variant_id']}",
        "image": f"/pictures/{line['handle']}.svg",
        "sku": line["code"],
        "quantity": line["quantity"],
        "price": line["price"],
        "line_price": line["price"] * line["quantity"],
    }


def _answer(request: Request, cart: sqlite3.Row | None, told: Json) -> Response:
    scripted = request.url.path.endswith(".js")
    response: Response = JSONResponse(told) if scripted else RedirectResponse("/cart", 303)
    keep(response, "cart", cart["token"] if cart else None)
    return response


def _wrong(sentence: str) -> Response:
    return JSONResponse({"status": 422, "message": "Cart Error", "description": sentence}, 422)


def _number(asked: Mapping[str, Any], key: str, otherwise: int = 0) -> int:
    text = str(asked.get(key, otherwise))
    return int(text) if text.isdigit() else otherwise
