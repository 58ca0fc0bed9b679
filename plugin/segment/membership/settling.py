"""A segment is saved: its members become those of the new query at once, in one statement each for who leaves and who
joins; then, page by page, everybody's timer learns of it.

Between the two an event judges whom it concerns as always. Whom time moves meanwhile is found by the page: their timer
is set for that instant, and they are caught up from there, as by a clock that had known of the segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, delete, exists, func, insert, literal, or_, select, update

from plugin.profile import identity
from plugin.profile.load import load_many
from plugin.profile.memberships import EDIT, ENTERED, LEFT, Cause, Change, add_to_day, ring_at, zone_of
from plugin.segment.judge import Bench, follows_time
from plugin.segment.moving import NEVER
from plugin.segment.sql import condition
from plugin.store.engine import Tx
from plugin.store.tables import membership_changes, memberships, people, segment_versions, segments, timers
from plugin.store.types import Instant

from . import benches
from .judging import catch_up
from .reading import FIRST_THE_MEMBERS, size

PAGE = 500
"""People a transaction."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What saving a segment did to its members."""

    members: int
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class Page:
    """`changes`: what time did to the people of the page since the segment was saved; to be handed on."""

    shop_id: int
    changes: Sequence[Change] = ()


def settle(tx: Tx, shop_id: int, segment_id: int, cause: Cause, now: datetime) -> Settled:
    """Makes the members those of the segment's query at `now`. Raises SegmentError."""
    identity.hold(tx, shop_id)
    every = benches.of_shop(tx, shop_id)
    if every is None or segment_id not in every.queries:
        return Settled(0, 0, 0)
    checked = every.checked(segment_id, now)
    belongs = condition(checked, shop_id)
    left = _let_go(tx, shop_id, segment_id, belongs, cause, now)
    joined = _let_in(tx, shop_id, segment_id, belongs, cause, now)
    if joined or left:
        add_to_day(tx, shop_id, [(segment_id, now.astimezone(zone_of(tx, shop_id)).date(), joined, left)])
    moving = follows_time(checked.condition)
    _change(tx, segment_id, settling_from=now if moving else None, settling_after=0, settling_hinted_at=None)
    return Settled(size(tx, shop_id, segment_id), joined, left)


def settle_again(tx: Tx, shop_id: int, now: datetime) -> None:
    """What all queries of a shop mean has changed (its time zone, its currency): the clock has them settled."""
    again = update(segments).where(segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None))
    tx.execute(again.values(settling_from=now, settling_after=FIRST_THE_MEMBERS, settling_hinted_at=None))


def settle_timers(tx: Tx, segment_id: int, now: datetime) -> Page | None:
    """One page of a segment that is being settled; None when nothing is left to do."""
    row = tx.execute(select(segments).where(segments.c.id == segment_id)).one_or_none()
    if row is None or row.settling_from is None or row.deleted_at is not None:
        return None
    identity.hold(tx, row.shop_id)
    if row.settling_after == FIRST_THE_MEMBERS:
        if benches.of_one(tx, row.shop_id, segment_id) is None:
            _change(tx, segment_id, settling_from=None)
            return None
        _settle_members(tx, row, now)
        _change(tx, segment_id, settling_hinted_at=now)
        return Page(row.shop_id)
    judge = benches.of_one(tx, row.shop_id, segment_id)
    page = select(people.c.id).where(people.c.shop_id == row.shop_id, people.c.id > row.settling_after)
    ids = tx.execute(page.order_by(people.c.id).limit(PAGE)).scalars().all()
    if judge is None or not ids:
        _change(tx, segment_id, settling_from=None)
        return None
    changes = _learn(tx, segment_id, judge, row.shop_id, ids, row.settling_from, now)
    _change(tx, segment_id, settling_after=ids[-1], settling_hinted_at=now)
    return Page(row.shop_id, changes)


def _settle_members(tx: Tx, row: Row[Any], now: datetime) -> None:
    """Of a shop whose days or amounts are others now; or of a segment from before members were kept, which has no
    version yet."""
    known = exists().where(segment_versions.c.segment_id == row.id)
    if tx.execute(select(known)).scalar():
        settle(tx, row.shop_id, row.id, Cause(EDIT, "the shop's time zone or currency changed"), now)
        return
    settled = settle(tx, row.shop_id, row.id, Cause(EDIT, "version 1"), now)
    first = {"shop_id": row.shop_id, "segment_id": row.id, "number": 1, "name": row.name, "query": row.query}
    counts = {"members": settled.members, "joined": settled.joined, "left": settled.left}
    tx.execute(insert(segment_versions).values(**first, **counts, saved_at=row.updated_at, saved_by=""))


def settling(tx: Tx, before: datetime, now: datetime) -> list[int]:
    """Segments that nobody has begun to settle, or whose settling stands still since `before`; notes that a job is
    enqueued for them now."""
    idle = or_(segments.c.settling_hinted_at.is_(None), segments.c.settling_hinted_at <= before)
    waiting = segments.c.settling_from.is_not(None), idle
    hinted = update(segments).where(*waiting, segments.c.deleted_at.is_(None)).values(settling_hinted_at=now)
    return sorted(tx.execute(hinted.returning(segments.c.id)).scalars())


def forget(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> int:
    """A segment is deleted: nobody is in it any more, and its ledger is of no more use. Gives how many were."""
    identity.hold(tx, shop_id)
    were = size(tx, shop_id, segment_id)
    if were:
        add_to_day(tx, shop_id, [(segment_id, now.astimezone(zone_of(tx, shop_id)).date(), 0, were)])
    for table in (memberships, membership_changes):
        tx.execute(delete(table).where(table.c.shop_id == shop_id, table.c.segment_id == segment_id))
    return were


def wrongly_in(shop_id: int, segment_id: int, belongs: ColumnElement[bool]) -> Select[int]:
    """Members for whom `belongs` is not true."""
    still = exists().where(people.c.id == memberships.c.person_id, belongs)
    mine = memberships.c.shop_id == shop_id, memberships.c.segment_id == segment_id
    return select(memberships.c.person_id).where(*mine, ~still)


def wrongly_out(segment_id: int, belongs: ColumnElement[bool]) -> Select[int]:
    """People for whom `belongs` is true, and who are no members."""
    inside = exists().where(memberships.c.segment_id == segment_id, memberships.c.person_id == people.c.id)
    return select(people.c.id).where(belongs, ~inside)


def _let_go(tx: Tx, shop_id: int, segment_id: int, belongs: ColumnElement[bool], cause: Cause, now: datetime) -> int:
    noted = _note(tx, shop_id, segment_id, wrongly_in(shop_id, segment_id, belongs), LEFT, cause, now)
    mine = memberships.c.segment_id == segment_id, memberships.c.person_id.in_(noted)
    tx.execute(delete(memberships).where(*mine))
    return _count(tx, noted)


def _let_in(tx: Tx, shop_id: int, segment_id: int, belongs: ColumnElement[bool], cause: Cause, now: datetime) -> int:
    noted = _note(tx, shop_id, segment_id, wrongly_out(segment_id, belongs), ENTERED, cause, now)
    who = noted.subquery()
    rows = select(literal(shop_id), literal(segment_id), who.c[0], literal(now, Instant))
    names = ["shop_id", "segment_id", "person_id", "entered_at"]
    tx.execute(insert(memberships).from_select(names, rows))
    return _count(tx, noted)


def _count(tx: Tx, noted: Select[int]) -> int:
    return tx.execute(select(func.count()).select_from(noted.subquery())).scalar_one()


def _note(
    tx: Tx, shop_id: int, segment_id: int, whose: Select[int], kind: str, cause: Cause, now: datetime
) -> Select[int]:
    """Writes the ledger first, so that the query is asked once; gives those who stand in it now."""
    ledger = membership_changes.c
    last = tx.execute(select(func.coalesce(func.max(ledger.id), 0))).scalar_one()
    who = whose.subquery()
    values = [
        literal(shop_id),
        literal(segment_id),
        who.c[0],
        literal(kind),
        literal(now, Instant),
        literal(cause.kind),
        literal(cause.detail, String),
    ]
    names = ["shop_id", "segment_id", "person_id", "kind", "at", "cause", "detail"]
    tx.execute(insert(membership_changes).from_select(names, select(*values)))
    return select(ledger.person_id).where(ledger.segment_id == segment_id, ledger.id > last)


def _learn(
    tx: Tx, segment_id: int, judge: Bench, shop_id: int, ids: Sequence[int], since: datetime, now: datetime
) -> list[Change]:
    """Timers of a page. Who is not where they belong was moved by time since the segment was saved, or waits for the
    clock, which knows since when: they are caught up, and what changed is given."""
    mine = memberships.c.segment_id == segment_id, memberships.c.person_id.in_(ids)
    inside = set(tx.execute(select(memberships.c.person_id).where(*mine)).scalars())
    overdue = timers.c.person_id.in_(ids), timers.c.due_at <= now
    waiting = set(tx.execute(select(timers.c.person_id).where(*overdue)).scalars())
    due: list[tuple[int, datetime]] = []
    moved: list[int] = []
    for profile in load_many(tx, shop_id, ids):
        answer = judge.judge(profile, now)[segment_id]
        if answer.holds is (profile.person_id in inside):
            due += [(profile.person_id, answer.until)] if answer.until is not NEVER else []
            continue
        moved.append(profile.person_id)
        if profile.person_id not in waiting:
            due.append((profile.person_id, min(judge.judge(profile, since)[segment_id].until, now)))
    ring_at(tx, shop_id, due)
    return catch_up(tx, shop_id, moved, now)


def _change(tx: Tx, segment_id: int, **values: Any) -> None:
    tx.execute(update(segments).where(segments.c.id == segment_id).values(**values))
