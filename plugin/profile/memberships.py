"""The rows of kept memberships: entering, leaving, moving with their person, and marks on whom to judge anew.

Every change is three rows in one transaction: the membership, the entry in the ledger with its cause, the day's sum.
So a segment's size is what its days add up to, and who is in is whoever entered once more than they left. Whoever
writes holds the shop (`identity.hold`), so nobody changes the same people meanwhile. Who ought to be in is
plugin/segment/membership's question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, String, bindparam, case, delete, exists, func, literal, select, update

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import membership_changes, memberships, people, segment_days, segments, shops, timers
from plugin.store.types import Instant
from plugin.store.upsert import upsert_by

ENTERED: Final = "entered"
LEFT: Final = "left"
EVENT, TIME, EDIT, MERGE, IMPORT, ERASED = "event", "time", "edit", "merge", "import", "erased"
CHECK: Final = "check"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody entered or left: `event` (which), `time` (which clause), `edit` (which version), `merge`, `import`
    (a history or a comparison), `erased`, `check` (the night's, which found it otherwise)."""

    kind: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody entered a segment or left it, at the instant at which that became true."""

    segment_id: int
    person_id: int
    kind: Literal["entered", "left"]
    at: datetime
    cause: Cause


def write(tx: Tx, shop_id: int, changes: Sequence[Change]) -> None:
    """Keeps changes, each person's in the order of their time."""
    if not changes:
        return
    last = {(change.segment_id, change.person_id): change for change in changes}
    gone = [{"of": segment_id, "who": person_id} for segment_id, person_id in last]
    both = memberships.c.segment_id == bindparam("of"), memberships.c.person_id == bindparam("who")
    tx.execute(delete(memberships).where(*both), gone)
    entered = [
        {"shop_id": shop_id, "segment_id": one.segment_id, "person_id": one.person_id, "entered_at": one.at}
        for one in last.values()
        if one.kind == ENTERED
    ]
    if entered:
        tx.execute(memberships.insert(), entered)
    _note(tx, shop_id, changes)


def move(tx: Tx, shop_id: int, *, gone: int, kept: int, now: datetime) -> None:
    """Two persons are one: where only `gone` was in, `kept` is since then; where both were, `gone` leaves. The ledger
    goes with them. `kept` is marked: who they are together is to be judged."""
    mine, theirs = memberships.c.person_id == gone, memberships.alias()
    both = exists().where(theirs.c.person_id == kept, theirs.c.segment_id == memberships.c.segment_id)
    twice = tx.execute(delete(memberships).where(mine, both).returning(memberships.c.segment_id)).scalars().all()
    tx.execute(update(memberships).where(mine).values(person_id=kept))
    _note(tx, shop_id, [Change(one, gone, LEFT, now, Cause(MERGE, "one person of two")) for one in sorted(twice)])
    ledger = update(membership_changes).where(membership_changes.c.person_id == gone)
    tx.execute(ledger.values(person_id=kept))
    tx.execute(delete(timers).where(timers.c.person_id == gone))
    mark(tx, shop_id, [kept], Cause(MERGE, "one person of two"), now)


def leave(tx: Tx, shop_id: int, person_ids: Collection[int], cause: Cause, now: datetime) -> int:
    """They leave every segment; gives how many memberships ended."""
    ended = 0
    for some in batches(sorted(person_ids), 1_000):
        mine = delete(memberships).where(memberships.c.shop_id == shop_id, memberships.c.person_id.in_(some))
        left = tx.execute(mine.returning(memberships.c.segment_id, memberships.c.person_id)).all()
        _note(tx, shop_id, [Change(row.segment_id, row.person_id, LEFT, now, cause) for row in left])
        ended += len(left)
    return ended


def mark(tx: Tx, shop_id: int, person_ids: Iterable[int], cause: Cause, now: datetime) -> None:
    """Something happened to these people now: the clock judges them soon. It is free where there are no segments."""
    ids = sorted(set(person_ids))
    if not ids or not has_segments(tx, shop_id):
        return
    for some in batches(ids, 1_000):
        mark_those(tx, shop_id, select(people.c.id).where(people.c.id.in_(some)), cause, now)


def mark_those(tx: Tx, shop_id: int, whose: Select[tuple[int]], cause: Cause, now: datetime) -> None:
    """As `mark`, of the people whose ids `whose` selects, in one statement."""
    found = whose.subquery()
    rows = (
        select(
            people.c.id.label("person_id"),
            people.c.shop_id,
            literal(now, Instant).label("due_at"),
            literal(now, Instant).label("marked_at"),
            literal(cause.kind, String).label("cause"),
            literal(cause.detail, String).label("detail"),
        )
        .where(people.c.shop_id == shop_id, people.c.id.in_(select(found.c[0])))
        .where(exists().where(segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None)))
        .order_by(people.c.id)
    )
    first = timers.c.marked_at.is_(None)
    upsert_by(
        tx,
        timers,
        rows,
        key=["person_id"],
        update=lambda new: {
            "due_at": case((timers.c.due_at < new.due_at, timers.c.due_at), else_=new.due_at),
            "marked_at": func.coalesce(timers.c.marked_at, new.marked_at),
            "cause": case((first, new.cause), else_=timers.c.cause),
            "detail": case((first, new.detail), else_=timers.c.detail),
        },
    )


def mark_customers(tx: Tx, shop_id: int, cause: Cause, now: datetime) -> None:
    """As `mark`, of all customers of a shop: what is known of them, or how it is read, has changed as a whole."""
    theirs = people.c.shop_id == shop_id, people.c.customer_id.is_not(None)
    mark_those(tx, shop_id, select(people.c.id).where(*theirs), cause, now)


def ring_at(tx: Tx, shop_id: int, due: Iterable[tuple[int, datetime]]) -> None:
    """(person, next instant at which time alone can change something): kept, unless an earlier one is."""
    rows = [{"person_id": person_id, "shop_id": shop_id, "due_at": at} for person_id, at in sorted(due)]
    for some in batches(rows, 1_000):
        upsert_by(
            tx,
            timers,
            some,
            key=["person_id"],
            update=lambda new: {"due_at": case((timers.c.due_at < new.due_at, timers.c.due_at), else_=new.due_at)},
        )


def has_segments(tx: Tx, shop_id: int) -> bool:
    """Whether anybody can be a member of anything."""
    alive = exists().where(segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None))
    return bool(tx.execute(select(alive)).scalar())


def add_to_day(tx: Tx, shop_id: int, sums: Iterable[tuple[int, date, int, int]]) -> None:
    """(segment, day, joined, left): added to what the day has."""
    rows = [
        {"shop_id": shop_id, "segment_id": segment_id, "day": day, "joined": joined, "left": left}
        for segment_id, day, joined, left in sums
    ]
    upsert_by(
        tx,
        segment_days,
        rows,
        key=["segment_id", "day"],
        update=lambda new: {
            "joined": segment_days.c.joined + new.joined,
            "left": segment_days.c["left"] + new["left"],
        },
    )


def zone_of(tx: Tx, shop_id: int) -> ZoneInfo:
    """The shop's, by whose days its segments are counted."""
    return ZoneInfo(tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one())


def _note(tx: Tx, shop_id: int, changes: Sequence[Change]) -> None:
    """The ledger and the days' sums."""
    if not changes:
        return
    rows: list[dict[str, Any]] = [
        {
            "shop_id": shop_id,
            "segment_id": one.segment_id,
            "person_id": one.person_id,
            "kind": one.kind,
            "at": one.at,
            "cause": one.cause.kind,
            "detail": one.cause.detail,
        }
        for one in changes
    ]
    tx.execute(membership_changes.insert(), rows)
    zone = zone_of(tx, shop_id)
    joined = Counter((one.segment_id, one.at.astimezone(zone).date()) for one in changes if one.kind == ENTERED)
    left = Counter((one.segment_id, one.at.astimezone(zone).date()) for one in changes if one.kind == LEFT)
    days = sorted(joined.keys() | left.keys())
    add_to_day(tx, shop_id, [(of, day, joined[of, day], left[of, day]) for of, day in days])
