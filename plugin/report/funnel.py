"""A campaign's or an automation's report: one outcome for everybody in the audience, then what they did.

audience = sum of the outcomes;  sent ≥ shown ≥ clicked;  orders after a click;  revenue = totals less refunds
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from plugin.automation.reasons import REASONS
from plugin.base.errors import NotFound
from plugin.base.outcomes import Outcome
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

OUTCOMES: dict[str, str] = {
    Outcome.SHOWN: "Shown",
    Outcome.SENT: "Sent, not seen yet",
    Outcome.HELD_OUT: "Held out",
    Outcome.CAPPED: "Enough messages already",
    Outcome.QUIET_HOURS: "Quiet hours",
    Outcome.ALREADY_BOUGHT: "Already bought",
    Outcome.NO_LONGER_MATCHING: "No longer matching",
    Outcome.OUT_OF_STOCK: "Out of stock",
    Outcome.UNSUBSCRIBED: "Unsubscribed",
    Outcome.GONE: "Browser gone",
    Outcome.DUPLICATE_PERSON: "Same person twice",
    Outcome.DELETED: "Person deleted",
    Outcome.EXPIRED: "Too late",
    Outcome.REJECTED: "Refused by the push service",
    Outcome.FAILED: "Could not be written",
    Outcome.CANCELLED: "Cancelled",
    Outcome.UNINSTALLED: "Beckon uninstalled",
    "queued": "Waiting",
    "sending": "On its way",
    "unknown": "To be sent again",
}
"""What became of a message, as a merchant reads it; the last three are no outcome yet."""

STATES: dict[str, str] = {state: name for state, name in OUTCOMES.items() if state != Outcome.SHOWN} | {"sent": "Sent"}
"""What became of one message to one person, where its receipts are told beside it."""

WHY: dict[str, str] = {
    Outcome.SHOWN: "The person's browser told us that it showed the notification.",
    Outcome.SENT: "The push service took it. Their browser has not told us that it showed it.",
    Outcome.HELD_OUT: "Chosen by chance to get nothing, so that the others can be compared with them.",
    Outcome.CAPPED: "They had as many messages as Settings allow, and this one would have come too late after them.",
    Outcome.QUIET_HOURS: "It was their night, and by morning the message would have been too late.",
    Outcome.ALREADY_BOUGHT: "They have bought since.",
    Outcome.NO_LONGER_MATCHING: "What the message was about is not true of them any more.",
    Outcome.OUT_OF_STOCK: "What the message was about cannot be bought any more.",
    Outcome.UNSUBSCRIBED: "They took their consent back before their turn came.",
    Outcome.GONE: "The browser or its permission is no longer there. Removed from reach.",
    Outcome.DUPLICATE_PERSON: "They turned out to be somebody else in the audience, who is counted once more there.",
    Outcome.DELETED: "They were deleted in Shopify, or asked to be forgotten.",
    Outcome.EXPIRED: "Their browser's push service did not take it in time.",
    Outcome.REJECTED: "The push service refused our request. Nobody was removed.",
    Outcome.FAILED: "The message could not be written for this person.",
    Outcome.CANCELLED: "It was cancelled before their turn came.",
    Outcome.UNINSTALLED: "Beckon was uninstalled before their turn came.",
    "queued": "Their turn has not come yet.",
    "sending": "With the push service now.",
    "unknown": "No answer was recorded. It is sent again and replaces itself, so nobody sees it twice.",
}
"""What an outcome means where the delivery itself gives no reason."""


class Share(NamedTuple):
    """So many people had this outcome (or wait, without one), for this reason."""

    outcome: str
    people: int
    why: str


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """One campaign's numbers; revenue in minor units of `currency`."""

    audience: int
    outcomes: list[Share]
    sent: int
    shown: int
    clicked: int
    orders: int
    revenue: int
    currency: str


@dataclass(frozen=True, slots=True)
class AutomationReport:
    """One automation's numbers: everybody who was enrolled waits or has one outcome."""

    enabled: bool
    enrolled: int
    waiting: int
    outcomes: list[Share]
    sent: int
    shown: int
    clicked: int
    orders: int
    revenue: int
    currency: str


def campaign(tx: Tx, shop_id: int, campaign_id: int) -> CampaignReport:
    """The report of one campaign. Raises NotFound."""
    row = tx.execute(
        select(campaigns.c.audience, campaigns.c.fanned_out_at, campaigns.c.state).where(
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
        outcomes = _in_order([*outcomes, Share("cancelled" if row.state == "cancelled" else "queued", ahead, "")])
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
    mine = and_(
        deliveries.c.shop_id == shop_id, deliveries.c.enrollment_id.in_(select(enrollments.c.id).where(enrolled))
    )
    outcomes = _in_order([*_outcomes(tx, mine), *_not_needed(tx, enrolled)])
    return AutomationReport(
        enabled,
        waiting + sum(each.people for each in outcomes),
        waiting,
        outcomes,
        _sent(outcomes),
        *_came_back(tx, shop_id, mine),
    )


def _outcomes(tx: Tx, mine: ColumnElement[bool]) -> list[Share]:
    why = func.coalesce(deliveries.c.reason, "")
    counted = select(deliveries.c.state, func.count(), why).where(mine).group_by(deliveries.c.state, why)
    found = [Share(*row) for row in tx.execute(counted)]
    return _in_order([each for share in found for each in as_seen(tx, mine, share)])


def as_seen(tx: Tx, mine: ColumnElement[bool], share: Share) -> list[Share]:
    """What was sent, parted by whether a browser told us that it showed it."""
    if share.outcome != Outcome.SENT:
        return [share]
    receipt = exists().where(facts.c.delivery_id == deliveries.c.id, facts.c.kind == "shown")
    these = mine, deliveries.c.state == Outcome.SENT, func.coalesce(deliveries.c.reason, "") == share.why
    shown = tx.execute(select(func.count()).select_from(deliveries).where(*these, receipt)).scalar_one()
    parts = Share(Outcome.SHOWN, shown, share.why), Share(Outcome.SENT, share.people - shown, share.why)
    return [part for part in parts if part.people]


def _not_needed(tx: Tx, enrolled: ColumnElement[bool]) -> list[Share]:
    """Enrollments that ended before there was a delivery."""
    written = exists().where(deliveries.c.enrollment_id == enrollments.c.id)
    ended = enrolled, enrollments.c.state != "waiting", ~written
    rows = tx.execute(select(enrollments.c.reason, func.count()).where(*ended).group_by(enrollments.c.reason))
    return [_ended(reason, people) for reason, people in rows]


def _ended(reason: str | None, people: int) -> Share:
    outcome, why = REASONS.get(reason or "", (Outcome.NO_LONGER_MATCHING, reason or ""))
    return Share(outcome, people, why)


def numbers(report: AutomationReport) -> dict[str, Any]:
    """An automation's numbers for machines."""
    names = ("enabled", "enrolled", "waiting", "sent", "shown", "clicked", "orders", "revenue", "currency")
    return {name: getattr(report, name) for name in names} | {"outcomes": by_outcome(report.outcomes)}


def by_outcome(shares: Iterable[Share]) -> dict[str, int]:
    """People by outcome, whatever the reason."""
    people: Counter[str] = Counter()
    for share in shares:
        people[str(share.outcome)] += share.people
    return dict(people)


def _in_order(shares: Iterable[Share]) -> list[Share]:
    """Those with the same outcome and the same reason as one, in the order of OUTCOMES."""
    together: Counter[tuple[str, str]] = Counter()
    for share in shares:
        together[str(share.outcome), share.why] += share.people
    order = list(OUTCOMES)
    found = [Share(outcome, people, why) for (outcome, why), people in together.items()]
    return sorted(found, key=lambda each: (order.index(each.outcome), -each.people, each.why))


def _sent(outcomes: list[Share]) -> int:
    return sum(each.people for each in outcomes if each.outcome in (Outcome.SENT, Outcome.SHOWN))


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
