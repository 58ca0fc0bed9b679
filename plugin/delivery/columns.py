"""What a claim reads of deliveries, and how it takes them: two statements, written once, of `ids` and `now`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, case, func, select, update

from plugin.base.outcomes import WAITING
from plugin.store.sealed import Sealed
from plugin.store.tables import campaigns, deliveries, people, shops, subscriptions
from plugin.store.upsert import among


class Waiting(NamedTuple):
    """A delivery that waits: all that decides about it, and all that a push needs. A tuple of our own, because each
    name of a database's row is looked up anew whenever it is read."""

    id: int
    shop_id: int
    person_id: int
    campaign_id: int | None
    enrollment_id: int | None
    token: str
    state: str
    reason: str | None
    attempts: int
    status: int | None
    due_at: datetime
    expires_at: datetime
    all_browsers: bool
    written_for: int
    """The subscription that it was written for; `subscription_id`: the one that was seen last."""

    subscription_id: int
    subscription: str
    """The browser's state; `handed on`: somebody else has that browser now, and this person no other."""
    endpoint: str
    service: str
    p256dh: bytes
    auth: bytes
    timezone: str | None

    number_of_orders: int
    amount_spent: int
    first_name: str | None
    customer_id: int | None
    customer_deleted_at: datetime | None
    merged_into: int | None

    campaign: Any
    """Its campaign's state; this and what follows of it is None for an automation's."""
    campaign_name: Any
    title: Any
    body: Any
    url: Any
    image_url: Any
    urgency: Any
    segment_id: Any
    started_at: Any
    asks_segment: Any
    asks_stock: Any
    asks_purchase: Any

    shop_name: str
    shop_timezone: str
    domain: str
    currency: str
    storefront_url: str | None
    uninstalled_at: datetime | None
    vapid_private: Sealed
    vapid_public: bytes


def _newest() -> ScalarSelect[Any]:
    """The person's active browser that was seen last. Asked when the delivery is claimed: they may have another since
    it was written."""
    of = subscriptions.alias().c
    mine = select(of.id).where(of.person_id == deliveries.c.person_id, of.state == "active")
    return mine.order_by(of.last_seen_at.desc(), of.id.desc()).limit(1).correlate(deliveries).scalar_subquery()


_HANDED_ON: Final = subscriptions.c.person_id != deliveries.c.person_id
_NAMED: Final[Mapping[str, ColumnElement[Any]]] = {
    "written_for": deliveries.c.subscription_id,
    "subscription_id": subscriptions.c.id,
    "subscription": case((_HANDED_ON, "handed on"), else_=subscriptions.c.state),
    "campaign": campaigns.c.state,
    "campaign_name": campaigns.c.name,
    "shop_name": shops.c.name,
    "shop_timezone": shops.c.timezone,
}


def _column(name: str) -> ColumnElement[Any]:
    """Of the first table that has it, but for those whose name says what they are."""
    if name in _NAMED:
        return _NAMED[name].label(name)
    return next(table.c[name] for table in (deliveries, subscriptions, people, campaigns, shops) if name in table.c)


_LAST_SEEN: Final = _newest()
_WAITS: Final = (
    among(deliveries.c.id, "ids"),
    deliveries.c.state.in_(WAITING),
    deliveries.c.due_at <= bindparam("now"),
)
ROWS: Final = (
    select(*map(_column, Waiting._fields))
    .select_from(deliveries)
    .join(subscriptions, subscriptions.c.id == func.coalesce(_LAST_SEEN, deliveries.c.subscription_id))
    .join(people, people.c.id == deliveries.c.person_id)
    .join(shops, shops.c.id == deliveries.c.shop_id)
    .outerjoin(campaigns, campaigns.c.id == deliveries.c.campaign_id)
    .where(*_WAITS)
    .order_by(deliveries.c.id)
)
TAKE: Final = (
    update(deliveries)
    .where(*_WAITS)
    .values(state="sending", claimed_at=bindparam("now"), attempts=deliveries.c.attempts + 1)
    .returning(deliveries.c.id, deliveries.c.attempts)
)
