"""Messages and browsers of a person, as a Profile holds them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_, select

from plugin.store.engine import Tx
from plugin.store.tables import automations, campaigns, deliveries, enrollments, facts, people, subscriptions


@dataclass(frozen=True, slots=True)
class Push:
    """A message that was sent, shown, clicked or waved away (`kind`): of a campaign or of an automation."""

    kind: str
    at: datetime
    campaign_id: int | None = None
    campaign: str | None = None
    automation: str | None = None
    """The automation's recipe."""


@dataclass(frozen=True, slots=True)
class Browser:
    """One that agreed to notifications, whether it still does or not."""

    device: str | None
    platform: str | None
    browser: str | None
    language: str | None


ADDRESSEE: ColumnElement[Any] = case(
    (people.c.customer_deleted_at.is_(None), deliveries.c.person_id), else_=subscriptions.c.person_id
)
"""Whose a message is. A campaign that had reached two who are one now leaves one of its messages with the row that
became nobody's (identity.move): it is the person's who has the browser."""


def sent(*columns: Any) -> Select[Any]:
    """`columns` of messages, with what ADDRESSEE needs beside them."""
    return (
        select(*columns)
        .select_from(deliveries)
        .join(people, people.c.id == deliveries.c.person_id)
        .outerjoin(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    )


def pushes(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Push]]:
    """Person → what was sent to them and what came of it, in the order of time. Two queries."""
    theirs = select(subscriptions.c.id).where(subscriptions.c.shop_id == shop_id, subscriptions.c.person_id.in_(ids))
    mine = or_(deliveries.c.person_id.in_(ids), deliveries.c.subscription_id.in_(theirs))
    of = (
        sent(
            ADDRESSEE.label("addressee"),
            deliveries.c.id,
            deliveries.c.state,
            deliveries.c.finished_at,
            deliveries.c.campaign_id,
            campaigns.c.name,
            automations.c.recipe,
        )
        .outerjoin(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .outerjoin(enrollments, enrollments.c.id == deliveries.c.enrollment_id)
        .outerjoin(automations, automations.c.id == enrollments.c.automation_id)
        .where(deliveries.c.shop_id == shop_id, mine)
    )
    messages = {row.id: row for row in tx.execute(of) if row.addressee in set(ids)}
    found: defaultdict[int, list[Push]] = defaultdict(list)
    for row in messages.values():
        if row.state == "sent" and row.finished_at is not None:
            found[row.addressee].append(_push("sent", row.finished_at, row))
    came = select(facts.c.delivery_id, facts.c.kind, facts.c.at).where(
        facts.c.shop_id == shop_id, facts.c.delivery_id.in_(select(deliveries.c.id).where(mine))
    )
    for fact in tx.execute(came):
        if fact.kind != "converted" and fact.delivery_id in messages:
            row = messages[fact.delivery_id]
            found[row.addressee].append(_push(fact.kind, fact.at, row))
    for some in found.values():
        some.sort(key=lambda push: push.at)
    return found


def browsers(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Browser]]:
    found: defaultdict[int, list[Browser]] = defaultdict(list)
    of = subscriptions.c
    query = select(of.person_id, of.device, of.platform, of.browser, of.language)
    for person_id, *told in tx.execute(query.where(of.shop_id == shop_id, of.person_id.in_(ids)).order_by(of.id)):
        found[person_id].append(Browser(*told))
    return found


def _push(kind: str, at: datetime, row: Any) -> Push:
    return Push(kind, at, row.campaign_id, row.name, row.recipe)
