"""Browsers that agreed, messages to them and what came of them, for invented stores."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.oracle.stores import LONG_AGO, MILLION, Row, World, mine, moment, perhaps, some

TOLD_BY_BROWSERS = ("device", "platform", "browser", "language")


def pools(r: Random, world: World) -> None:
    world.pools |= {
        "campaigns": ["Winter coats", "winter coats", "it's"],
        "campaign_ids": [MILLION + 1, MILLION + 2, MILLION + 3],
        "recipes": ["abandoned_cart", "nothing"],
    }


def shelve(r: Random, world: World, shop: Row) -> None:
    for name in world.pools["campaigns"]:
        told = {"name": name, "state": "sent", "created_at": LONG_AGO, "updated_at": LONG_AGO}
        world.add("campaigns", id=world.number("campaigns"), shop_id=shop["id"], **told)
    world.add(
        "automations",
        id=world.number("automations"),
        shop_id=shop["id"],
        recipe="abandoned_cart",
        enabled=True,
        delay=3600,
        title="",
        body="",
        updated_at=LONG_AGO,
    )


def subscriptions(r: Random, world: World, person: Row) -> None:
    agreed = []
    for state in some(r, ("active", "gone", "unsubscribed"), 2):
        number = world.number("subscriptions")
        browser = world.add(
            "subscriptions",
            **mine(person),
            id=number,
            endpoint=f"https://fcm.googleapis.com/fcm/send/{number}",
            endpoint_hash=number.to_bytes(32, "big"),
            service="fcm.googleapis.com",
            p256dh=b"\4" * 65,
            auth=b"\1" * 16,
            state=state,
            created_at=moment(r, world),
            last_seen_at=LONG_AGO,
            **{name: perhaps(r, r.choice(world.pools[name]), 0.6) for name in TOLD_BY_BROWSERS},
        )
        agreed += [browser["created_at"]] if state == "active" else []
    person["push_subscribed_at"] = min(agreed, default=None)


def messages(r: Random, world: World, person: Row) -> None:
    """To the person's first browser."""
    browsers = [one for one in world.tables.get("subscriptions", ()) if one["person_id"] == person["id"]]
    campaigns = [one for one in world.tables["campaigns"] if one["shop_id"] == person["shop_id"]]
    for browser in browsers[:1]:
        for campaign in campaigns:
            if r.random() < 0.5:
                _message(r, world, person, browser, campaign_id=campaign["id"], enrollment_id=None)
        for other in (one for one in world.tables["people"] if one["became"] == person["id"]):
            # they became this person: one of the messages that both got stayed with them
            _message(r, world, other, browser, campaign_id=r.choice(campaigns)["id"], enrollment_id=None)
        if r.random() < 0.4:
            [automation] = [one for one in world.tables["automations"] if one["shop_id"] == person["shop_id"]]
            number = world.number("enrollments")
            at = {"due_at": LONG_AGO, "created_at": LONG_AGO}
            about = {"automation_id": automation["id"], "subject": f"cart-{number}", "state": "sent"}
            world.add("enrollments", id=number, **mine(person), **about, **at)
            _message(r, world, person, browser, campaign_id=None, enrollment_id=number)


def _message(r: Random, world: World, person: Row, browser: Row, **of: Any) -> None:
    number = world.number("deliveries")
    state = r.choice(("sent", "sent", "sent", "gone", "queued"))
    world.add(
        "deliveries",
        id=number,
        **mine(person),
        **of,
        subscription_id=browser["id"],
        token=f"token-{number}",
        state=state,
        created_at=LONG_AGO,
        due_at=LONG_AGO,
        expires_at=LONG_AGO,
        finished_at=moment(r, world) if state in ("sent", "gone") else None,
    )
    for kind in some(r, ("shown", "clicked", "dismissed", "converted")):
        order = {"order_id": number if kind == "converted" else 0}
        world.add("facts", shop_id=person["shop_id"], delivery_id=number, kind=kind, at=moment(r, world), **order)
