"""Messages that were sent, and what their browsers tell of them. Who they were for is left to the clock."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from plugin.audience import consent
from plugin.profile import engaged
from plugin.report import facts
from plugin.store.tables import campaigns, deliveries, subscriptions
from tests.factories import make_campaign, make_delivery
from tests.segment.membership.world import World


def send(world: World) -> None:
    """One message of the campaign to a browser; of some a worker dies before it knows that they went out."""
    browser = _browser(world)
    if browser is None:
        return
    sale = world.tx.execute(select(campaigns.c.id)).scalar() or make_campaign(world.tx, world.shop_id, state="sending")
    theirs = select(subscriptions.c.person_id).where(subscriptions.c.id == browser).scalar_subquery()
    to = select(deliveries.c.id).where(
        deliveries.c.campaign_id == sale,
        or_(deliveries.c.subscription_id == browser, deliveries.c.person_id == theirs),
    )
    campaign_id = None if world.tx.execute(to).first() else sale
    token = f"m{world.next_number()}"
    sent_id = make_delivery(
        world.tx,
        world.shop_id,
        to=browser,
        campaign_id=campaign_id,
        state="unknown",
        attempts=1,
        token=token,
        created_at=world.now,
    )
    world.messages.append(token)
    if world.dice.random() < 0.7:
        taken = update(deliveries).where(deliveries.c.id == sent_id)
        world.tx.execute(taken.values(state="sent", finished_at=world.now))
        engaged.note(world.tx, world.shop_id, [sent_id], "sent", world.now)


def tell_of_message(world: World) -> None:
    """Shown, clicked or waved away, told now or late."""
    if world.messages:
        kind = world.dice.choice(("shown", "clicked", "dismissed"))
        facts.record(world.tx, world.dice.choice(world.messages), kind, world.now, at=world.some_time_ago())


def lose_browser(world: World) -> None:
    """The push service does not know it any more."""
    browser = _browser(world)
    if browser is not None:
        consent.gone(world.tx, [browser], "It is gone.", world.now)


def _browser(world: World) -> int | None:
    mine = select(subscriptions.c.id).where(subscriptions.c.state == "active").order_by(subscriptions.c.id)
    ids = world.tx.execute(mine).scalars().all()
    return world.dice.choice(ids) if ids else None
