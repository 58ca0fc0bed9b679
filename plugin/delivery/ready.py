"""Whether a scheduled campaign can be sent as it is written: asked once more before it goes to everybody."""

from __future__ import annotations

from sqlalchemy import select

from plugin.message.check import errors
from plugin.message.content import Template
from plugin.message.words import CAMPAIGN
from plugin.store.engine import Tx
from plugin.store.tables import campaigns, shops


def why_not(tx: Tx, campaign_id: int) -> str | None:
    """The reason for which nobody could be sent this campaign; None when it is ready."""
    row = tx.execute(
        select(
            campaigns.c.title,
            campaigns.c.body,
            campaigns.c.url,
            campaigns.c.image_url,
            shops.c.domain,
            shops.c.storefront_url,
        )
        .join(shops, shops.c.id == campaigns.c.shop_id)
        .where(campaigns.c.id == campaign_id)
    ).one_or_none()
    if row is None:
        return None
    template = Template(row.title, row.body, row.url, row.image_url)
    found = errors(template, CAMPAIGN, row.storefront_url or f"https://{row.domain}")
    return f"It was not sent. {found[0].sentence}" if found else None
