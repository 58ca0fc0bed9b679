"""What came of messages changes who belongs where: their people are judged anew, where any segment asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import exists, select

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, segments

from . import memberships
from .load_engagement import ADDRESSEE, sent
from .memberships import EVENT, Cause


def note_sent(tx: Tx, messages: Iterable[tuple[int, int]], now: datetime) -> None:
    """Shops and deliveries: these were sent."""
    by_shop: dict[int, list[int]] = defaultdict(list)
    for shop_id, delivery_id in messages:
        by_shop[shop_id].append(delivery_id)
    for shop_id, ids in by_shop.items():
        note(tx, shop_id, ids, "sent", now)


def note(tx: Tx, shop_id: int, delivery_ids: Collection[int], kind: str, now: datetime) -> None:
    """Of these messages: `kind` is sent, shown, clicked or dismissed. Free where no segment asks for it."""
    asked = segments.c.query.contains(f"push_{kind}", autoescape=True)
    here = segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None)
    if not delivery_ids or not tx.execute(select(exists().where(*here, asked))).scalar():
        return
    for some in batches(sorted(delivery_ids), 1_000):
        whose = sent(ADDRESSEE).where(deliveries.c.shop_id == shop_id, deliveries.c.id.in_(some))
        memberships.mark_those(tx, shop_id, whose, Cause(EVENT, f"a message was {kind}"), now)
