"""The store lives: carts are left, orders placed, prices changed, tags given; some news comes twice, some late."""

from __future__ import annotations

import asyncio

from sandbox.state import Json

from .cast import Part, Robot
from .hands import Shopper
from .stage import Stage

REMINDER = "Still thinking about"
DELAY_MINUTES = 1
"""The shortest that the panel takes."""
REGULARS = 10
TAG = "story-regular"


async def switch_reminder_on(stage: Stage) -> None:
    """The merchant switches the abandoned cart's reminder on."""
    await stage.merchant.post(
        "/automations/abandoned_cart",
        enabled=1,
        delay_minutes=DELAY_MINUTES,
        title=f"{REMINDER} {{{{ product.title }}}}?",
        body="It is in your cart, {{ product.price }}.",
    )


async def leave_carts(stage: Stage, robots: list[Robot], goods: list[Json]) -> None:
    """Some leave a cart; some of those come back and buy. What each left or bought is written down."""
    leavers = [robot for robot in robots if robot.part in (Part.LEAVER, Part.CHANGER)]
    task = stage.act("Carts", len(leavers))
    left: dict[str, str] = {}
    bought: dict[str, int] = {}
    for place, robot in enumerate(leavers):
        shopper, product = Shopper(stage.store, robot.visitor, robot.customer_id), goods[place % len(goods)]
        await shopper.look(product)
        await shopper.add(product)
        if robot.part is Part.CHANGER:
            await asyncio.sleep(0.1)
            await shopper.buy()
            bought[robot.token] = product["id"]
        else:
            left[robot.token] = product["title"]
        stage.progress.advance(task)
    stage.record |= {"left": left, "bought": bought}
    stage.done(task, f"{len(left)} left alone, {len(bought)} bought after all")


async def live(stage: Stage, goods: list[Json]) -> None:
    """Newcomers who never agreed to anything buy, return, get tags; products change their prices."""
    regulars = (await stage.sandbox.post("/customers", {"how_many": REGULARS}))["customers"]
    task = stage.act("Trade", len(regulars) + 3)
    before = await stage.sandbox.get("/webhooks")
    placed = []
    for place, customer_id in enumerate(regulars):
        shopper = Shopper(stage.store, f"regular-of-the-story-{customer_id}", customer_id)
        await shopper.visit("/")
        for product in (goods[place % len(goods)], goods[(place + 1) % len(goods)]):
            await shopper.add(product, 2, scripted=False)  # no visitors of ours
        placed.append(await shopper.buy())
        stage.progress.advance(task)
    await _change_orders(stage, placed)
    stage.progress.advance(task)
    for customer_id in regulars[:4]:
        await stage.sandbox.post(f"/customers/{customer_id}/tags", {"add": [TAG]})
    stage.progress.advance(task)
    for product in goods[:5]:
        await stage.sandbox.post(f"/products/{product['id']}", {"price": product["price"] + 5})
    await stage.until_told()
    now = await stage.sandbox.get("/webhooks")
    told, sent, late = (now[name] - before[name] for name in ("distinct", "copies", "late"))
    stage.done(task, f"{told} webhooks, {sent - told} sent twice, {late} late")
    stage.reckoning.compare("Trade", "webhooks given up", 0, now["states"].get("given up", 0))


async def _change_orders(stage: Stage, carts: list[str]) -> None:
    orders = [
        each
        for each in (await stage.sandbox.get("/orders", after=stage.record["began_at"]))["orders"]
        if each["cart_token"] in carts
    ]
    for what, some in (("refund", orders[:2]), ("fulfil", orders[2:4]), ("cancel", orders[4:5])):
        for order in some:
            await stage.sandbox.post(f"/orders/{order['id']}/{what}")
