"""Accounts: here anybody may be any customer, by a click. What follows is real: the app proxy names them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import bodies, customers
from sandbox.world import world_of

from .theme import page
from .visitor import keep, visitor_of


async def login(request: Request) -> Response:
    world = world_of(request)
    return page(request, "login.html", people=customers.some(world.db, 12), wrong=None)


async def enter(request: Request) -> Response:
    """POST /account/login: `customer_id` is all it takes."""
    world, told = world_of(request), str((await bodies.asked(request)).get("customer_id", "")).strip()
    known = customers.find(world.db, int(told)) if told.isdigit() else None
    if known is None:
        wrong = f"No customer has the number {told[:20]}. Pick one below."
        return page(request, "login.html", status=422, people=customers.some(world.db, 12), wrong=wrong)
    response = RedirectResponse("/account", 303)
    keep(response, "customer", str(known["id"]))
    return response


async def join(request: Request) -> Response:
    """POST /account/join: a new customer, logged in at once."""
    await request.body()  # unread, it would cost the connection
    response = RedirectResponse("/account", 303)
    keep(response, "customer", str(customers.sign_up(world_of(request))))
    return response


async def show(request: Request) -> Response:
    visitor = visitor_of(request)
    if visitor.customer is None:
        return RedirectResponse("/account/login", 303)
    placed = visitor.world.db.execute(
        "SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_at DESC, id DESC LIMIT 20",
        (visitor.customer["id"],),
    ).fetchall()
    return page(request, "account.html", orders=placed)


async def leave(request: Request) -> Response:
    response = RedirectResponse("/", 303)
    keep(response, "customer", None)
    return response
