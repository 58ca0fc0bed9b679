"""Who looks at the page: the cart and the customer that the browser's cookies name."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sandbox import carts, customers
from sandbox.world import World, world_of

YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visitor:
    world: World
    cart: sqlite3.Row | None
    customer: sqlite3.Row | None
    landing: str

    @property
    def cart_token(self) -> str | None:
        return self.cart["token"] if self.cart else None


def visitor_of(request: Request) -> Visitor:
    """The visitor of a request: `cart` and `customer` are plain cookies, for this store only pretends."""
    world, known = world_of(request), request.cookies.get("customer", "")
    return Visitor(
        world=world,
        cart=carts.find(world.db, request.cookies.get("cart")),
        customer=customers.find(world.db, int(known) if known.isdigit() else None),
        landing=request.cookies.get("landing", "/"),
    )


def keep(response: Response, name: str, value: str | None) -> None:
    """Sets a cookie for the whole store, or takes it away."""
    if value is None:
        response.delete_cookie(name)
    else:
        response.set_cookie(name, value, max_age=YEAR, samesite="lax")
