"""Messages: when somebody agreed to them, what was sent, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from plugin.profile.load import Profile
from plugin.profile.load_engagement import ADDRESSEE, Push, sent
from plugin.segment.kinds import Kind, label
from plugin.store.tables import automations, campaigns, deliveries, enrollments, facts, people

from .shape import Attribute, Function, Parameter, by_name, column, reads

CAMPAIGN = label("a campaign's name in single quotes such as 'Winter coats'", name="campaign")
AUTOMATION = label("an automation in single quotes such as 'abandoned_cart'", name="automation")


def _sent(shop_id: int) -> Select[tuple[int]]:
    return sent(ADDRESSEE).where(
        deliveries.c.shop_id == shop_id,
        deliveries.c.state == "sent",
        deliveries.c.finished_at.is_not(None),
        ADDRESSEE.is_not(None),
    )


def _came_back(kind: str) -> Callable[[int], Select[tuple[int]]]:
    def rows(shop_id: int) -> Select[tuple[int]]:
        of = facts.c.shop_id == shop_id, facts.c.kind == kind
        return sent(ADDRESSEE).join(facts, facts.c.delivery_id == deliveries.c.id).where(*of, ADDRESSEE.is_not(None))

    return rows


def _named(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    mine = select(campaigns.c.id).where(campaigns.c.shop_id == shop_id)
    there = deliveries.c.campaign_id.is_not(None)
    return lambda name: there & deliveries.c.campaign_id.in_(mine.where(campaigns.c.name == name))


def _of_recipe(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    mine = (
        select(enrollments.c.id)
        .join(automations, automations.c.id == enrollments.c.automation_id)
        .where(enrollments.c.shop_id == shop_id)
    )
    there = deliveries.c.enrollment_id.is_not(None)
    return lambda recipe: there & deliveries.c.enrollment_id.in_(mine.where(automations.c.recipe == recipe))


def _read(kind: str) -> Callable[[Profile], Sequence[Push]]:
    return lambda profile: [push for push in profile.pushes if push.kind == kind]


def _function(
    name: str, kind: str, says: str, rows: Callable[[int], Select[tuple[int]]], at: ColumnElement[Any]
) -> Function:
    return Function(
        name,
        rows=rows,
        person=ADDRESSEE,
        read=_read(kind),
        at=lambda push: push.at,
        reads=reads("pushes"),
        says=f"have {says}{{campaign}}{{campaign_id}}{{automation}}{{date}}{{count}}",
        row="message",
        says_row=lambda push: f"message of {push.campaign or push.automation or 'nobody'}",
        parameters=by_name(
            (
                Parameter(
                    "campaign",
                    CAMPAIGN,
                    _named,
                    lambda push: frozenset({push.campaign} - {None}),
                    says=" of the campaign {words}",
                ),
                Parameter(
                    "campaign_id",
                    Kind.ID,
                    column(deliveries.c.campaign_id),
                    lambda push: push.campaign_id,
                    says=" of campaign {words}",
                ),
                Parameter(
                    "automation",
                    AUTOMATION,
                    _of_recipe,
                    lambda push: frozenset({push.automation} - {None}),
                    says=" of the automation {words}",
                ),
                Parameter("date", Kind.DATE, column(at), lambda push: push.at, says=" {words}"),
                Parameter("count", Kind.INTEGER, column(func.count()), len, says=" {words}", unit="time", total=True),
            )
        ),
    )


ENTRIES = (
    Attribute(
        "push_subscribed_date",
        Kind.DATE,
        column(people.c.push_subscribed_at),
        lambda profile: profile.push_subscribed_at,
        reads=reads("push_subscribed_at"),
        verb="agreed to notifications",
        noun="a browser that gets notifications",
    ),
    _function("push_sent", "sent", "been sent a message", _sent, deliveries.c.finished_at),
    _function("push_shown", "shown", "been shown a message", _came_back("shown"), facts.c.at),
    _function("push_clicked", "clicked", "clicked a message", _came_back("clicked"), facts.c.at),
    _function("push_dismissed", "dismissed", "waved away a message", _came_back("dismissed"), facts.c.at),
)
