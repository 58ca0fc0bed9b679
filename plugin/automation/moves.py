"""People who entered a segment or left it: what that starts, what ends it before it is due, and is it still wanted?

One enrollment for each entering, so nobody gets two messages for one. First members of a segment, and those whom a
change of its query brings, did nothing: they start nothing, unless the merchant enrolls them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, exists, select, update

from plugin.profile.memberships import ENTERED, EVENT, LEFT, TIME, Change
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import automations, enrollments, memberships, segments, subscriptions
from plugin.store.upsert import insert_new

from .reasons import CAME_BACK, LEFT_AGAIN, SEGMENT_GONE, SWITCHED_OFF
from .recipes import ENTERED_SEGMENT, LEFT_SEGMENT

STARTING: Final = frozenset({EVENT, TIME})
"""Causes that start something: what somebody did, or what time did."""
RECIPES_OF: Final = {ENTERED: ENTERED_SEGMENT, LEFT: LEFT_SEGMENT}
REASON_OF: Final = {ENTERED_SEGMENT: LEFT_AGAIN, LEFT_SEGMENT: CAME_BACK}
TOO_LATE: Final = timedelta(days=1)
"""Who is noticed this much after their message was due gets none."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What the message is about. `why_not`: the reason for which it is not wanted any more."""

    enrollment_id: int
    why_not: str | None
    heading: str
    title: str
    body: str
    url: str
    automation_id: int
    paused: bool
    """The automation paused itself: it waits."""
    since: datetime
    """When it was begun for this person."""
    asks_stock: bool
    asks_purchase: bool


def moved(tx: Tx, shop_id: int, changes: Sequence[Change], now: datetime) -> int:
    """Enrolls who moved, and ends what the contrary had begun; returns how many were enrolled."""
    if not changes:
        return 0
    found = _automations(tx, shop_id, {change.segment_id for change in changes})
    if not found:
        return 0
    rows: dict[str, dict[str, Any]] = {}
    for change in changes:  # in the order of time: who came and went again starts nothing
        for recipe, reason in REASON_OF.items():
            begun = found.get((recipe, change.segment_id))
            if begun is None:
                continue
            if recipe != RECIPES_OF[change.kind]:
                rows = {key: row for key, row in rows.items() if not _contrary(row, begun.id, change)}
                _stop(tx, begun.id, change.person_id, reason, now)
            elif _starts(begun, change, now):
                row = _enrollment(shop_id, begun, change.person_id, change.at, now)
                rows[f"{begun.id} {row['subject']}"] = row
    return insert_new(tx, enrollments, _reachable(tx, rows.values()))


def enroll_members(tx: Tx, shop_id: int, automation_id: int, now: datetime) -> int:
    """Everybody who is in now and can be reached: the merchant asked for it. Who was enrolled for this entering is not
    enrolled again. Returns how many were."""
    row = tx.execute(
        select(automations.c.id, automations.c.segment_id, automations.c.delay).where(
            automations.c.shop_id == shop_id, automations.c.id == automation_id, automations.c.enabled
        )
    ).one_or_none()
    if row is None:
        return 0
    members = select(memberships.c.person_id, memberships.c.entered_at).where(
        memberships.c.shop_id == shop_id, memberships.c.segment_id == row.segment_id, _can_be_reached()
    )
    enrolled = 0
    for some in batches(tx.execute(members.order_by(memberships.c.person_id)).all(), 1_000):
        rows = [_enrollment(shop_id, row, one.person_id, one.entered_at, now) | {"due_at": now} for one in some]
        enrolled += insert_new(tx, enrollments, rows)
    return enrolled


def reachable_members(tx: Tx, shop_id: int, segment_id: int) -> int:
    """How many `enroll_members` can reach."""
    mine = memberships.c.shop_id == shop_id, memberships.c.segment_id == segment_id, _can_be_reached()
    return len(tx.execute(select(memberships.c.person_id).where(*mine)).all())


def standing(tx: Tx, shop_id: int, enrollment_ids: Collection[int]) -> dict[int, Moved]:
    """Enrollment id → is the person still where the message takes them to be? Only of those about segments."""
    inside = exists().where(
        memberships.c.segment_id == automations.c.segment_id, memberships.c.person_id == enrollments.c.person_id
    )
    rows = tx.execute(
        select(
            enrollments.c.id,
            automations.c.recipe,
            automations.c.enabled,
            automations.c.title,
            automations.c.body,
            automations.c.url,
            automations.c.id.label("automation_id"),
            automations.c.paused_at,
            automations.c.asks_stock,
            automations.c.asks_purchase,
            enrollments.c.created_at,
            segments.c.name,
            segments.c.deleted_at,
            inside.label("inside"),
        )
        .join(automations, automations.c.id == enrollments.c.automation_id)
        .join(segments, segments.c.id == automations.c.segment_id)
        .where(enrollments.c.shop_id == shop_id, enrollments.c.id.in_(enrollment_ids))
    )
    return {row.id: _judged(row) for row in rows}


def _judged(row: Row[*tuple[Any, ...]]) -> Moved:
    why_not = None
    if row.deleted_at is not None:
        why_not = SEGMENT_GONE
    elif not row.enabled:
        why_not = SWITCHED_OFF
    elif row.inside is not (row.recipe == ENTERED_SEGMENT):
        why_not = REASON_OF[row.recipe]
    return Moved(
        enrollment_id=row.id,
        why_not=why_not,
        heading=row.name,
        title=row.title,
        body=row.body,
        url=row.url,
        automation_id=row.automation_id,
        paused=row.paused_at is not None,
        since=row.created_at,
        asks_stock=row.asks_stock,
        asks_purchase=row.asks_purchase,
    )


def _automations(tx: Tx, shop_id: int, segment_ids: Collection[int]) -> dict[tuple[str, int], Row[*tuple[Any, ...]]]:
    columns = (
        automations.c.id,
        automations.c.recipe,
        automations.c.segment_id,
        automations.c.delay,
        automations.c.enabled_at,
    )
    mine = automations.c.shop_id == shop_id, automations.c.segment_id != 0, automations.c.enabled
    rows = tx.execute(select(*columns).where(*mine))
    return {(row.recipe, row.segment_id): row for row in rows if row.segment_id in segment_ids}


def _starts(begun: Row[*tuple[Any, ...]], change: Change, now: datetime) -> bool:
    due = change.at + timedelta(seconds=begun.delay)
    return change.cause.kind in STARTING and change.at >= begun.enabled_at and due > now - TOO_LATE


def _enrollment(
    shop_id: int, begun: Row[*tuple[Any, ...]], person_id: int, at: datetime, now: datetime
) -> dict[str, Any]:
    """Its subject is this one entering or leaving of this person."""
    return {
        "automation_id": begun.id,
        "shop_id": shop_id,
        "person_id": person_id,
        "subject": f"{person_id} {at.isoformat()}",
        "state": "waiting",
        "due_at": at + timedelta(seconds=begun.delay),
        "created_at": now,
    }


def _contrary(row: dict[str, Any], automation_id: int, change: Change) -> bool:
    return bool(row["automation_id"] == automation_id and row["person_id"] == change.person_id)


def _stop(tx: Tx, automation_id: int, person_id: int, reason: str, now: datetime) -> None:
    of = enrollments.c
    waiting = of.automation_id == automation_id, of.person_id == person_id, of.state == "waiting"
    tx.execute(update(enrollments).where(*waiting).values(state="stopped", reason=reason, finished_at=now))


def _reachable(tx: Tx, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    of: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of[row["person_id"]].append(row)
    found: list[dict[str, Any]] = []
    for some in batches(sorted(of), 1_000):
        active = subscriptions.c.person_id.in_(some), subscriptions.c.state == "active"
        for person_id in tx.execute(select(subscriptions.c.person_id).distinct().where(*active)).scalars():
            found += of[person_id]
    return found


def _can_be_reached() -> Any:
    return exists().where(subscriptions.c.person_id == memberships.c.person_id, subscriptions.c.state == "active")
