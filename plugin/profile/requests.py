"""What people ask of us by law becomes a request that is carried out apart: an erasure takes its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from plugin.ingest import privacy, shops, tombstones
from plugin.ingest.events import CustomerRedacted, DataRequested, Event, ShopRedacted
from plugin.ingest.naming import Naming
from plugin.store.engine import Tx


def record(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> tuple[int, ...]:
    """Keeps each request once; gives those that a job carries out. Who asks what is held waits for the merchant."""
    return tuple(
        request_id
        for event in events
        if (request_id := _record(tx, shop_id, event, now)) is not None and not isinstance(event, DataRequested)
    )


def _record(tx: Tx, shop_id: int, event: Event, now: datetime) -> int | None:
    match event:
        case DataRequested() if tombstones.is_buried(tx, shop_id, tombstones.CUSTOMER, event.customer_id):
            domain = shops.by_id(tx, shop_id).domain  # erased: answered at once, without naming them anew
            _nothing_held(tx, domain, privacy.EXPORT, event, event.customer_id, now)
            return None
        case DataRequested():
            kind, naming = privacy.EXPORT, Naming((event.customer_id,), event.order_ids)
        case CustomerRedacted():
            kind, naming = privacy.ERASE, Naming((event.customer_id,), event.order_ids, event.addresses)
        case ShopRedacted():
            kind, naming = privacy.ERASE_SHOP, Naming()
        case _:
            return None
    return privacy.ask(
        tx,
        shop_id,
        kind,
        by=privacy.SHOPIFY,
        reference=event.reference,
        asked_at=event.asked_at,
        now=now,
        customer_id=next(iter(naming.customer_ids), None),
        naming=naming,
    )


def of_nobody(tx: Tx, domain: str, events: Sequence[Event], now: datetime) -> None:
    """Requests about a shop that never opened us, or that is erased: nothing is held, and a receipt says so."""
    for event in events:
        match event:
            case DataRequested():
                _nothing_held(tx, domain, privacy.EXPORT, event, event.customer_id, now)
            case CustomerRedacted():
                _nothing_held(tx, domain, privacy.ERASE, event, event.customer_id, now)
            case ShopRedacted():
                _nothing_held(tx, domain, privacy.ERASE_SHOP, event, None, now)
            case _:
                pass


def _nothing_held(
    tx: Tx,
    domain: str,
    kind: str,
    event: DataRequested | CustomerRedacted | ShopRedacted,
    customer_id: int | None,
    now: datetime,
) -> None:
    privacy.note_nothing_held(
        tx, domain, kind, customer_id=customer_id, reference=event.reference, asked_at=event.asked_at, now=now
    )
