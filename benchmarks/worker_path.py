"""A whole campaign on SQLite, as a worker lives it: fan out, claim, render, encrypt, sign, POST, record."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable

from sqlalchemy import func, select

from plugin.base import settings
from plugin.base.clock import now
from plugin.base.settings import Settings
from plugin.campaign import sending
from plugin.jobs import fan_out
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import deliveries, metadata
from tests.factories import make_campaign, make_person, make_shop, make_subscription


def worker_path(chosen: Settings, messages: int) -> Callable[[], None]:
    """A function that sends one more campaign to `messages` subscribers; without Redis the jobs run in this process."""
    mine = dataclasses.replace(chosen, redis_url=None)
    settings.use(mine)
    metadata.create_all(engine.open_store())
    origin = mine.push_origins[0]
    with transaction() as tx:
        shop_id = make_shop(tx)
        for _ in range(messages):
            endpoint = f"{origin}/push?{secrets.token_urlsafe(120)}"
            person_id = make_person(tx, shop_id)
            make_subscription(tx, shop_id, of=person_id, endpoint=endpoint, service=origin.removeprefix("https://"))

    def send_campaign() -> None:
        settings.use(mine)
        with transaction() as tx:
            campaign_id = make_campaign(tx, shop_id, state="scheduled", scheduled_at=now(), body="x" * 100)
            sending.start(tx, campaign_id, now())
        fan_out(campaign_id)
        if sent_by(campaign_id) != messages:
            raise RuntimeError(f"only {sent_by(campaign_id)} of {messages} were sent")

    return send_campaign


def sent_by(campaign_id: int) -> int:
    sent = (deliveries.c.campaign_id == campaign_id) & (deliveries.c.state == "sent")
    with transaction() as tx:
        return tx.execute(select(func.count()).where(sent)).scalar_one()
