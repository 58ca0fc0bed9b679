"""Messages, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.oracle.almanac import instant
from tests.oracle.kinds import DATE, ID
from tests.oracle.rows import Row, Rows
from tests.oracle.subjects import Filter, Function, Parameter
from tests.oracle.subjects.behaviour import COUNT
from tests.oracle.subjects.goods import LABEL


def messages(person: Row, rows: Rows) -> list[Row]:
    """A person's, and those of rows that became nobody's where the person has the browser."""
    theirs = rows.of(person["id"], "deliveries")
    browsers = [one["id"] for one in rows.of(person["id"], "subscriptions")]
    inherited = [one for browser in browsers for one in rows.of(browser, "deliveries", "subscription_id")]
    return [*theirs, *(one for one in inherited if one["person_id"] != person["id"] and _nobodys(one, rows))]


def _nobodys(message: Row, rows: Rows) -> bool:
    return any(one["customer_deleted_at"] is not None for one in rows.of(message["person_id"], "people", "id"))


def sent(person: Row, rows: Rows) -> list[dict[str, Any]]:
    return [
        {**message, "when": message["finished_at"]}
        for message in messages(person, rows)
        if message["state"] == "sent" and message["finished_at"] is not None
    ]


def came_back(kind: str) -> Callable[[Row, Rows], list[dict[str, Any]]]:
    return lambda person, rows: [
        {**message, "when": fact["at"]}
        for message in messages(person, rows)
        for fact in rows.of(message["id"], "facts", "delivery_id")
        if fact["kind"] == kind
    ]


def campaign(message: Row, rows: Rows) -> set[str]:
    return {one["name"] for one in rows.of(message["campaign_id"], "campaigns", "id")}


def automation(message: Row, rows: Rows) -> set[str]:
    return {
        one["recipe"]
        for enrollment in rows.of(message["enrollment_id"], "enrollments", "id")
        for one in rows.of(enrollment["automation_id"], "automations", "id")
    }


PARAMETERS = {
    "campaign": Parameter(LABEL, campaign, "campaigns"),
    "campaign_id": Parameter(ID, lambda message, _: message["campaign_id"], "campaign_ids"),
    "automation": Parameter(LABEL, automation, "recipes"),
    "date": Parameter(DATE, lambda message, _: instant(message["when"])),
    "count": COUNT,
}


def agreed(person: Row, rows: Rows) -> Any:
    """Since when they get notifications: the first of their browsers that still do."""
    return min(
        (instant(one["created_at"]) for one in rows.of(person["id"], "subscriptions") if one["state"] == "active"),
        default=None,
    )


ENTRIES = {
    "push_subscribed_date": Filter(DATE, agreed),
    "push_sent": Function(sent, PARAMETERS),
    **{f"push_{kind}": Function(came_back(kind), PARAMETERS) for kind in ("shown", "clicked", "dismissed")},
}
