"""A campaign's or an automation's report: one outcome for everybody in the audience, then what they did.

audience = sum of the outcomes;  sent ≥ shown ≥ clicked;  orders after a click;  revenue = totals less refunds
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from plugin.base.errors import NotFound
from plugin.store.engine import Tx
from plugin.store.tables import automations, campaigns, deliveries, enrollments, facts, orders, shops

DEFINITIONS = {
    "audience": "People in the segment who could be reached when sending began. Each has exactly one outcome.",
    "sent": "The push service took the message for the person's browser.",
    "shown": "The person's browser told us that it showed the notification.",
    "clicked": "People who clicked the notification.",
    "orders": "Orders placed after a click by the same person, each counted once, for the last click before it.",
    "revenue": "What those orders are worth: their totals, less what has been refunded since.",
    "waiting": "People whose message is due later.",
}
"""What each number means, in words: shown beside it."""

OUTCOMES = {
    "sent": "Sent",
    "gone": "Browser gone",
    "rejected": "Refused by the push service",
    "failed": "Could not be written",
    "expired": "Too late",
    "skipped": "Left out",
    "queued": "Waiting",
    "sending": "On its way",
    "unknown": "To be sent again",
}
"""The states of a delivery, as a merchant reads them; the last three are not final."""


class Outcome(NamedTuple):
    """So many people had this outcome, for this reason."""

    outcome: str
    people: int
    why: str


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """One campaign's numbers; revenue in minor units of `currency`."""

    audience: int
    outcomes: list[Outcome]
    sent: int
    shown: int
    clicked: int
    orders: int
    revenue: int
    currency: str


@dataclass(frozen=True, slots=True)
class AutomationReport:
    """One automation's numbers; `stopped` counts the reminders that were not needed, by reason."""

    enabled: bool
    waiting: int
    stopped: dict[str, int]
    outcomes: list[Outcome]
    sent: int
    shown: int
    clicked: int
    orders: int
    revenue: int
    currency: str


def campaign(tx: Tx, shop_id: int, campaign_id: int) -> CampaignReport:
    """The report of one campaign. Raises NotFound."""
    row = tx.execute(
        select(campaigns.c.audience, campaigns.c.fanned_out_at).where(
            campaigns.c.id == campaign_id, campaigns.c.shop_id == shop_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such campaign.")
    mine = and_(deliveries.c.shop_id == shop_id, deliveries.c.campaign_id == campaign_id)
    outcomes = _outcomes(tx, mine)
    prepared = sum(outcome.people for outcome in outcomes)
    ahead = 0 if row.fanned_out_at else max(0, (row.audience or 0) - prepared)
    if ahead:
        outcomes.append(Outcome("queued", ahead, "Their turn has not come yet."))
    return CampaignReport(prepared + ahead, outcomes, _sent(outcomes), *_came_back(tx, shop_id, mine))


def automation(tx: Tx, shop_id: int, recipe: str, segment_id: int = 0) -> AutomationReport:
    """The report of one automation; all zero when it was never set up."""
    row = tx.execute(
        select(automations.c.id, automations.c.enabled).where(
            automations.c.shop_id == shop_id, automations.c.recipe == recipe, automations.c.segment_id == segment_id
        )
    ).one_or_none()
    automation_id, enabled = (row.id, row.enabled) if row else (0, False)
    enrolled = and_(enrollments.c.shop_id == shop_id, enrollments.c.automation_id == automation_id)
    waiting = tx.execute(select(func.count()).where(enrolled, enrollments.c.state == "waiting")).scalar_one()
    stopped = tx.execute(
        select(func.coalesce(enrollments.c.reason, ""), func.count())
        .where(enrolled, enrollments.c.state == "stopped")
        .group_by(enrollments.c.reason)
    )
    mine = and_(
        deliveries.c.shop_id == shop_id, deliveries.c.enrollment_id.in_(select(enrollments.c.id).where(enrolled))
    )
    outcomes = _outcomes(tx, mine)
    return AutomationReport(
        enabled,
        waiting,
        dict(stopped.all()),
        outcomes,
        _sent(outcomes),
        *_came_back(tx, shop_id, mine),
    )


def _outcomes(tx: Tx, mine: ColumnElement[bool]) -> list[Outcome]:
    why = func.coalesce(deliveries.c.reason, "")
    rows = tx.execute(select(deliveries.c.state, func.count(), why).where(mine).group_by(deliveries.c.state, why)).all()
    order = list(OUTCOMES)
    return sorted((Outcome(*row) for row in rows), key=lambda each: (order.index(each.outcome), -each.people, each.why))


def _sent(outcomes: list[Outcome]) -> int:
    return sum(each.people for each in outcomes if each.outcome == "sent")


def _came_back(tx: Tx, shop_id: int, mine: ColumnElement[bool]) -> tuple[int, int, int, int, str]:
    """Shown, clicked, orders, revenue, currency."""
    counted = tx.execute(
        select(facts.c.kind, func.count(facts.c.delivery_id.distinct()))
        .join(deliveries, deliveries.c.id == facts.c.delivery_id)
        .where(mine, facts.c.shop_id == shop_id)
        .group_by(facts.c.kind)
    )
    count: dict[str, int] = dict(counted.all())
    worth = func.coalesce(facts.c.worth, orders.c.total - orders.c.refunded)  # the first: of an order that was erased
    bought, revenue = tx.execute(
        select(func.count(), func.coalesce(func.sum(worth), 0))
        .select_from(facts)
        .join(deliveries, deliveries.c.id == facts.c.delivery_id)
        .outerjoin(orders, and_(orders.c.shop_id == facts.c.shop_id, orders.c.order_id == facts.c.order_id))
        .where(
            mine,
            facts.c.shop_id == shop_id,
            facts.c.kind == "converted",
            or_(facts.c.worth.is_not(None), orders.c.id.is_not(None)),
            orders.c.deleted_at.is_(None),
        )
    ).one()
    currency = tx.execute(select(shops.c.currency).where(shops.c.id == shop_id)).scalar_one()
    return count.get("shown", 0), count.get("clicked", 0), bought, int(revenue), currency
