"""What a claim reads of deliveries, and how it takes them: two statements, written once, of `ids` and `now`."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ScalarSelect, bindparam, case, func, select, update

from plugin.base.outcomes import WAITING
from plugin.store.tables import campaigns, deliveries, people, shops, subscriptions
from plugin.store.upsert import among


def _newest() -> ScalarSelect[Any]:
    """The person's active browser that was seen last. Asked when the delivery is claimed: they may have another since
    it was written."""
    of = subscriptions.alias().c
    mine = select(of.id).where(of.person_id == deliveries.c.person_id, of.state == "active")
    return mine.order_by(of.last_seen_at.desc(), of.id.desc()).limit(1).correlate(deliveries).scalar_subquery()


_LAST_SEEN: Final = _newest()
COLUMNS: Final = (
    *(
        deliveries.c[name]
        for name in (
            "id",
            "shop_id",
            "person_id",
            "campaign_id",
            "enrollment_id",
            "token",
            "state",
            "reason",
            "attempts",
            "status",
            "due_at",
            "expires_at",
            "all_browsers",
            "taken_at",
        )
    ),
    deliveries.c.subscription_id.label("written_for"),
    subscriptions.c.id.label("subscription_id"),
    case((subscriptions.c.person_id != deliveries.c.person_id, "handed on"), else_=subscriptions.c.state).label(
        "subscription"
    ),
    *(subscriptions.c[name] for name in ("endpoint", "service", "p256dh", "auth", "timezone")),
    *(
        people.c[name]
        for name in (
            "number_of_orders",
            "amount_spent",
            "first_name",
            "customer_id",
            "customer_deleted_at",
            "merged_into",
        )
    ),
    campaigns.c.state.label("campaign"),
    campaigns.c.name.label("campaign_name"),
    *(
        campaigns.c[name]
        for name in (
            "title",
            "body",
            "url",
            "image_url",
            "urgency",
            "segment_id",
            "started_at",
            "asks_segment",
            "asks_stock",
            "asks_purchase",
        )
    ),
    shops.c.name.label("shop_name"),
    shops.c.timezone.label("shop_timezone"),
    *(
        shops.c[name]
        for name in ("domain", "currency", "storefront_url", "uninstalled_at", "vapid_private", "vapid_public")
    ),
)
"""All that decides about a delivery, and all that a push needs. Its `subscription` is the browser's state; `handed on`:
somebody else has that browser now, and this person no other."""
_WAITS: Final = (
    among(deliveries.c.id, "ids"),
    deliveries.c.state.in_(WAITING),
    deliveries.c.due_at <= bindparam("now"),
)
ROWS: Final = (
    select(*COLUMNS)
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
