"""News of the shop itself."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.ingest.events import Event, ScopesChanged, ShopChanged, Uninstalled
from plugin.store.engine import Tx
from plugin.store.tables import shops

from .news import of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event]) -> None:
    """Its name, currency and time zone; its scopes; that it left."""
    for changed in of_kind(events, ShopChanged):
        older = shops.c.updated_at.is_(None) | (shops.c.updated_at <= changed.updated_at)
        tx.execute(
            shops.update()
            .where(shops.c.id == shop_id, older)
            .values(
                name=changed.name,
                currency=changed.currency,
                timezone=changed.timezone,
                storefront_url=changed.storefront_url,
                updated_at=changed.updated_at,
            )
        )
    for told in of_kind(events, ScopesChanged):
        tx.execute(shops.update().where(shops.c.id == shop_id).values(scopes=",".join(told.scopes)))
    for left in of_kind(events, Uninstalled):
        here_before = shops.c.installed_at <= left.at  # late news of a former installation does not end this one
        tx.execute(
            shops.update()
            .where(shops.c.id == shop_id, here_before)
            .values(uninstalled_at=left.at, access_token=None, refresh_token=None)
        )
