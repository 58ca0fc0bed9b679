"""A whole campaign on PostgreSQL, as a worker lives it: fan out, claim, render, encrypt, sign, POST, record."""

from __future__ import annotations

import dataclasses
import secrets

from sqlalchemy import func, select

from benchmarks.push_sink import AT_ONCE
from plugin.base import settings
from plugin.base.clock import now
from plugin.base.settings import Settings
from plugin.campaign import sending
from plugin.jobs import fan_out
from plugin.store import engine
from plugin.store.engine import transaction
from plugin.store.tables import deliveries, metadata
from tests.factories import make_campaign, make_person, make_shop, make_subscription


class Campaigns:
    """A shop with `messages` subscribers on the database at `url`; without Redis the jobs run in this process."""

    def __init__(self, chosen: Settings, url: str, messages: int) -> None:
        self.messages = messages
        self.settings = settings.use(dataclasses.replace(chosen, redis_url=None, database_url=url))
        metadata.create_all(engine.open_store())
        origin = chosen.push_origins[0]
        with transaction() as tx:
            self.shop_id = make_shop(tx, f"{secrets.token_hex(4)}.myshopify.com")
            for _ in range(messages):
                endpoint = f"{origin}/{AT_ONCE}/{secrets.token_urlsafe(120)}"
                person_id = make_person(tx, self.shop_id)
                make_subscription(
                    tx,
                    self.shop_id,
                    of=person_id,
                    endpoint=endpoint,
                    service=origin.removeprefix("https://"),
                )

    def send_one(self) -> None:
        """One more campaign to everybody."""
        settings.use(self.settings)
        with transaction() as tx:
            campaign_id = make_campaign(tx, self.shop_id, state="scheduled", scheduled_at=now(), body="x" * 100)
            sending.start(tx, campaign_id, now())
        fan_out(campaign_id)
        if sent_by(campaign_id) != self.messages:
            raise RuntimeError(f"only {sent_by(campaign_id)} of {self.messages} were sent")


def sent_by(campaign_id: int) -> int:
    sent = (deliveries.c.campaign_id == campaign_id) & (deliveries.c.state == "sent")
    with transaction() as tx:
        return tx.execute(select(func.count()).where(sent)).scalar_one()
