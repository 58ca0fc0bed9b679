"""The checkout: one page, no payment. Placing the order is what the webhooks tell."""

from __future__ import annotations

import sqlite3

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import bodies, carts, customers, orders
from sandbox.history.countries import NAMES, UNKNOWN
from sandbox.world import world_of

from .theme import page
from .visitor import keep, visitor_of

COUNTRIES = sorted(((code, name) for code, name in NAMES.items() if code != UNKNOWN), key=lambda pair: pair[1])


async def begin(request: Request) -> Response:
    """/checkout leads to the cart's own checkout."""
    visitor = visitor_of(request)
    if visitor.cart is None or not carts.lines(visitor.cart):
        return RedirectResponse("/cart", 303)
    email = visitor.customer["email"] if visitor.customer else None
    cart = carts.begin_checkout(visitor.world, visitor.cart, visitor.customer, email)
    return RedirectResponse(f"/checkouts/{cart['checkout_token']}", 303)


async def form(request: Request) -> Response:
    cart = _cart(request)
    if cart["ordered"]:
        return RedirectResponse(f"/orders/{cart['checkout_token']}", 303)
    return page(request, "checkout.html", cart=cart, countries=COUNTRIES, wrong=None)


async def place(request: Request) -> Response:
    """The order is placed, once: a second click finds it placed."""
    cart, told, visitor = _cart(request), await bodies.asked(request), visitor_of(request)
    email, country = str(told.get("email", "")).strip(), str(told.get("country", "GB"))
    if not cart["ordered"]:
        if "@" not in email or country not in NAMES:
            wrong = "Write an e-mail address that we can send the receipt to, like name@example.com."
            return page(request, "checkout.html", status=422, cart=cart, countries=COUNTRIES, wrong=wrong)
        orders.place(visitor.world, cart, visitor.customer, email=email, country=country, landing=visitor.landing)
    response = RedirectResponse(f"/orders/{cart['checkout_token']}", 303)
    keep(response, "cart", None)
    return response


async def recover(request: Request) -> Response:
    """An abandoned checkout is taken up again, in whatever browser the link is opened."""
    cart = _cart(request)
    response = RedirectResponse(f"/checkouts/{cart['checkout_token']}", 303)
    if not cart["ordered"]:
        keep(response, "cart", cart["token"])
    return response


async def thanks(request: Request) -> Response:
    world = world_of(request)
    order = orders.by_checkout(world.db, request.path_params["token"])
    if order is None:
        raise HTTPException(404)
    buyer = customers.find(world.db, order["customer_id"])
    body = orders.body(world, order["id"])
    return page(request, "thanks.html", order=order, body=body, buyer=buyer)


def _cart(request: Request) -> sqlite3.Row:
    found: sqlite3.Row | None = (
        world_of(request)
        .db.execute("SELECT * FROM carts WHERE checkout_token = ?", (request.path_params["token"],))
        .fetchone()
    )
    if found is None:
        raise HTTPException(404)
    return found
