"""Short ways to read rows in stories about sending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from plugin.campaign import sending
from plugin.delivery import fanout
from plugin.store import tables
from plugin.store.engine import Tx
from tests.factories import make_campaign, make_person, make_subscription


def row_of(tx: Tx, table: Any, row_id: int) -> Row[Any]:
    return tx.execute(select(table).where(table.c.id == row_id)).one()


def delivery(tx: Tx, delivery_id: int) -> Row[Any]:
    return row_of(tx, tables.deliveries, delivery_id)


def campaign(tx: Tx, campaign_id: int) -> Row[Any]:
    return row_of(tx, tables.campaigns, campaign_id)


def states(tx: Tx, campaign_id: int) -> Counter[str]:
    found = select(tables.deliveries.c.state).where(tables.deliveries.c.campaign_id == campaign_id)
    return Counter(tx.execute(found).scalars())


def set_state(tx: Tx, table: Any, row_id: int, **values: Any) -> None:
    tx.execute(update(table).where(table.c.id == row_id).values(**values))


def subscribers(tx: Tx, shop_id: int, count: int) -> list[int]:
    """So many people with a browser each; their subscriptions' ids."""
    return [make_subscription(tx, shop_id, of=make_person(tx, shop_id)) for _ in range(count)]


def begun(tx: Tx, shop_id: int, now: datetime, **changes: Any) -> int:
    """A campaign to everybody that is being sent."""
    campaign_id = make_campaign(tx, shop_id, state="scheduled", scheduled_at=now, **changes)
    assert sending.start(tx, campaign_id, now)
    return campaign_id


def fanned_out(tx: Tx, shop_id: int, now: datetime, **changes: Any) -> tuple[int, list[int]]:
    """A campaign to everybody and all its deliveries."""
    campaign_id = begun(tx, shop_id, now, **changes)
    return campaign_id, written(tx, campaign_id, now)


def written(tx: Tx, campaign_id: int, now: datetime) -> list[int]:
    """The deliveries to be sent of everybody whose turn has not come."""
    return list(_pages(tx, campaign_id, now))


def _pages(tx: Tx, campaign_id: int, now: datetime) -> Iterable[int]:
    while (page := fanout.next_page(tx, campaign_id, now)) is not None:
        yield from page
