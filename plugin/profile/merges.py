"""Two customers of Shopify become one: everything of the lost one is the kept one's, and so is any news of it.

The lost customer's row of `people` stays as a signpost (`merged_into`), so that an order, a checkout or a tag that
names its id, before or after, lands where it belongs. What Shopify told of the lost customer itself (tags, countries,
language, sums) stays written down under that row (`source_id`), and counts for the kept one until Shopify says
otherwise of the kept one: see `families`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from plugin.ingest.events import CustomersMerged, Event
from plugin.store.engine import Tx
from plugin.store.tables import people

from . import families, identity
from .news import earliest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> set[int]:
    """Gives the persons who stay, whose sums differ now. Told twice, it happens once."""
    kept = [_merge(tx, shop_id, event, now) for event in of_kind(events, CustomersMerged)]
    return {person_id for person_id in kept if person_id is not None}


def _merge(tx: Tx, shop_id: int, event: CustomersMerged, now: datetime) -> int | None:
    found = identity.sources(tx, shop_id, {event.lost_id, event.kept_id}, now)
    lost, kept = found[event.lost_id], found[event.kept_id]
    if lost.id != lost.person_id or lost.id == kept.person_id:  # we know it; or they would go round in a circle
        return None
    tx.execute(
        people.update()
        .where(people.c.shop_id == shop_id, people.c.id == lost.id)
        .values(
            merged_into=kept.id,
            merged_at=event.at,
            customer_deleted_at=earliest(people.c.customer_deleted_at, event.at),
            number_of_orders=0,
            amount_spent=0,
            first_order_at=None,
            last_order_at=None,
            abandoned_checkout_at=None,
            average_order=None,
            expected_order_at=None,
            overdue_at=None,
            rfm_group="PROSPECTS",
            **families.own_words(),
        )
    )
    identity.move(tx, shop_id, gone=lost.id, kept=kept.person_id, now=now)
    families.settle(tx, shop_id, {kept.person_id})
    return kept.person_id
