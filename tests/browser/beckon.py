"""Beckon's side of the stage: what its rows say, and its own sender at work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from plugin import jobs
from plugin.base.clock import now
from plugin.delivery import push
from plugin.delivery.outcome import Said
from plugin.delivery.push import Push
from plugin.delivery.vapid import VapidKey
from plugin.ingest import shops
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import deliveries, facts, subscriptions, views, visitors
from tests.factories import make_campaign

from .stage import Stage


def send(world: Stage, title: str, path: str) -> None:
    """A campaign to everybody, on its real way: start, fan out, encrypt, push. Without Redis, jobs run here and now."""
    with transaction() as tx:
        campaign_id = make_campaign(
            tx,
            world.shop_id,
            state="scheduled",
            scheduled_at=now() - timedelta(minutes=1),
            title=title,
            body="The boots are back.",
            url=world.shop + path,
        )
    jobs.start_campaign(campaign_id)


def push_raw(world: Stage, payload: bytes) -> None:
    """Encrypts and pushes what no campaign would ever say."""
    with snapshot() as tx:
        shop = shops.by_id(tx, world.shop_id)
    vapid = VapidKey(shop.vapid_private.open(), shop.vapid_public)
    pushes = [
        Push(each.id, each.endpoint, each.p256dh, each.auth, payload, "raw", 60, "normal", vapid)
        for each in subscribed()
        if each.state == "active"
    ]
    assert [answer.said for answer in push.send_all(pushes, now())] == [Said.SENT]


def uninstall() -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(uninstalled_at=now()))


def come_back() -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(uninstalled_at=None))


def subscribed() -> list[Any]:
    """Every subscription, the oldest first."""
    with snapshot() as tx:
        return list(tx.execute(select(subscriptions).order_by(subscriptions.c.id)))


def active() -> list[str]:
    """Endpoints that Beckon may push to."""
    return [each.endpoint for each in subscribed() if each.state == "active"]


def outcomes() -> list[tuple[str, int | None]]:
    with snapshot() as tx:
        return [
            (row.state, row.status)
            for row in tx.execute(select(deliveries.c.state, deliveries.c.status).order_by(deliveries.c.id))
        ]


def receipts() -> set[str]:
    with snapshot() as tx:
        return set(tx.execute(select(facts.c.kind)).scalars())


def viewed() -> list[int | None]:
    with snapshot() as tx:
        return list(
            tx.execute(
                select(views.c.product_id).where(views.c.kind == "product_viewed").order_by(views.c.id)
            ).scalars()
        )


def cart_tokens() -> list[str | None]:
    with snapshot() as tx:
        return list(tx.execute(select(visitors.c.cart_token)).scalars())
