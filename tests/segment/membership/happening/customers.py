"""Customers, as Shopify tells of them; and persons who are erased."""

from __future__ import annotations

from sqlalchemy import select

from plugin.ingest.events import (
    CustomerChanged,
    CustomerDeleted,
    CustomersMerged,
    CustomerTagged,
    MarketingConsentChanged,
    ToldElsewhere,
)
from plugin.profile import erase as erasing
from plugin.profile import identity
from plugin.profile.subject import of_person
from plugin.store.tables import people
from tests.segment.membership.world import CUSTOMERS, TAGS, VISITORS, World


def tag(world: World) -> None:
    some = world.dice.sample(TAGS, 2)
    world.take(CustomerTagged(world.dice.choice(CUSTOMERS), (some[0],), (some[1],), world.now))


def customer(world: World) -> None:
    world.take(
        CustomerChanged(
            world.dice.choice(CUSTOMERS),
            added_at=world.some_time_ago(),
            updated_at=world.now,
            countries=world.dice.choice((None, ("GB",), ("US", "IE"))),
            tags=world.dice.choice((None, (), ("VIP",))),
            email_status=world.dice.choice((None, "SUBSCRIBED", "UNSUBSCRIBED")),
        )
    )


def agree_to_mails(world: World) -> None:
    status = world.dice.choice(("SUBSCRIBED", "UNSUBSCRIBED", None))
    channel = world.dice.choice(("email", "sms"))
    world.take(MarketingConsentChanged(world.dice.choice(CUSTOMERS), channel, status, world.now))


def tell_from_elsewhere(world: World) -> None:
    """A loyalty program, of a customer or of a browser."""
    named = world.dice.choice(((world.dice.choice(CUSTOMERS), None), (None, world.dice.choice(VISITORS))))
    points = world.dice.choice((None, 50.0, 100.0, 150.0))
    number = world.next_number()
    world.take(ToldElsewhere(f"x{number}", *named, "points", world.some_time_ago(), points, "gold"))


def lose_customer(world: World) -> None:
    world.take(CustomerDeleted(world.dice.choice(CUSTOMERS), world.now))


def merge(world: World) -> None:
    lost, kept = world.dice.sample(CUSTOMERS, 2)
    world.take(CustomersMerged(lost, kept, world.now))


def erase(world: World) -> None:
    ids = world.tx.execute(select(people.c.id).where(people.c.merged_into.is_(None))).scalars().all()
    if ids and world.dice.random() < 0.3:
        identity.hold(world.tx, world.shop_id)
        subject = of_person(world.tx, world.shop_id, world.dice.choice(ids))
        erasing.persons(world.tx, subject, world.now)
