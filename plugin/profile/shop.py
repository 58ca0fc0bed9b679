"""News of the shop itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from plugin.ingest import shops
from plugin.ingest.events import Event, ScopesChanged, ShopChanged, ThemePublished, Uninstalled
from plugin.store.engine import Tx
from plugin.store.tables import shops as table

from . import custom_events, memberships, shop_clock, whole_lists
from .news import of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> bool:
    """Its name, currency and time zone; its scopes; that it left: then True."""
    for changed in of_kind(events, ShopChanged):
        before = shop_clock.zone(tx, shop_id)
        older = table.c.updated_at.is_(None) | (table.c.updated_at <= changed.updated_at)
        tx.execute(
            table.update()
            .where(table.c.id == shop_id, older)
            .values(
                name=changed.name,
                currency=changed.currency,
                timezone=changed.timezone or table.c.timezone,
                storefront_url=changed.storefront_url,
                updated_at=changed.updated_at,
            )
        )
        if shop_clock.zone(tx, shop_id) != before:
            shop_clock.recompute(tx, shop_id)
            whole_lists.reckon_dates(tx, shop_id)
            custom_events.reckon_days(tx, shop_id)
            moved = memberships.Cause(memberships.EVENT, "the shop's time zone")
            memberships.mark_customers(tx, shop_id, moved, now)
    for theme in of_kind(events, ThemePublished):
        earlier = table.c.theme_published_at.is_(None) | (table.c.theme_published_at <= theme.at)
        tx.execute(
            table.update()
            .where(table.c.id == shop_id, earlier)
            .values(theme_name=theme.name, theme_published_at=theme.at)
        )
    for told in of_kind(events, ScopesChanged):
        tx.execute(table.update().where(table.c.id == shop_id).values(scopes=",".join(told.scopes)))
    return any(shops.leave(tx, shop_id, left.at) for left in of_kind(events, Uninstalled))
