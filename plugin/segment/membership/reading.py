"""What the kept rows tell: members, changes, sizes by day, and how far a saved segment is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select

from plugin.profile.memberships import Cause, Change
from plugin.store.engine import Tx
from plugin.store.tables import membership_changes, memberships, people, segment_days, segments

FIRST_THE_MEMBERS: Final = -1
"""In `settling_after`: the members are to be made those of the query before the timers."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the shop's calendar: how many joined and left on it, and the size at its end."""

    day: date
    size: int
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of the shop's people have their timers for a saved segment. `counting`: its members themselves are still
    to be made those of its query."""

    done: int
    total: int
    counting: bool

    @property
    def sentence(self) -> str:
        return "being counted" if self.counting else f"being settled: {self.done:,} of {self.total:,}"


def size(tx: Tx, shop_id: int, segment_id: int) -> int:
    """How many members a segment has: what joined on all days less what left; read from one row a day."""
    mine = segment_days.c.shop_id == shop_id, segment_days.c.segment_id == segment_id
    total = func.coalesce(func.sum(segment_days.c.joined - segment_days.c["left"]), 0)
    return int(tx.execute(select(total).where(*mine)).scalar_one())


def size_of_each(tx: Tx, shop_id: int) -> dict[int, int]:
    """As `size`, of each of the shop's segments that ever had a member, by id."""
    total = func.sum(segment_days.c.joined - segment_days.c["left"])
    each = select(segment_days.c.segment_id, total).where(segment_days.c.shop_id == shop_id)
    return {segment_id: int(size) for segment_id, size in tx.execute(each.group_by(segment_days.c.segment_id))}


def counting(tx: Tx, shop_id: int) -> set[int]:
    """The shop's segments whose members are still to be made those of their query: their sizes say nothing yet."""
    waiting = segments.c.settling_from.is_not(None), segments.c.settling_after == FIRST_THE_MEMBERS
    mine = segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None)
    return set(tx.execute(select(segments.c.id).where(*mine, *waiting)).scalars())


def sizes(tx: Tx, shop_id: int, segment_id: int, first: date, last: date) -> list[Day]:
    """Every day from `first` to `last`, also those on which nothing happened."""
    mine = segment_days.c.shop_id == shop_id, segment_days.c.segment_id == segment_id
    before = select(func.coalesce(func.sum(segment_days.c.joined - segment_days.c["left"]), 0))
    now = int(tx.execute(before.where(*mine, segment_days.c.day < first)).scalar_one())
    rows = select(segment_days).where(*mine, segment_days.c.day.between(first, last))
    told = {row.day: (row.joined, row.left) for row in tx.execute(rows)}
    days: list[Day] = []
    for at in range((last - first).days + 1):
        day = first + timedelta(days=at)
        joined, left = told.get(day, (0, 0))
        now += joined - left
        days.append(Day(day, now, joined, left))
    return days


def changes_of(
    tx: Tx,
    shop_id: int,
    *,
    segment_id: int | None = None,
    person_id: int | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> list[Change]:
    """Who entered and left, the latest first."""
    of = membership_changes.c
    wanted: list[ColumnElement[bool]] = [of.shop_id == shop_id]
    wanted += [of.segment_id == segment_id] if segment_id is not None else []
    wanted += [of.person_id == person_id] if person_id is not None else []
    wanted += [of.at >= since] if since is not None else []
    rows = tx.execute(select(membership_changes).where(*wanted).order_by(of.at.desc(), of.id.desc()).limit(limit))
    return [Change(row.segment_id, row.person_id, row.kind, row.at, Cause(row.cause, row.detail)) for row in rows]


def since(tx: Tx, shop_id: int, person_id: int) -> dict[int, datetime]:
    """The segments that a person is in, by id, each with the instant of entering."""
    mine = memberships.c.shop_id == shop_id, memberships.c.person_id == person_id
    return dict(tx.execute(select(memberships.c.segment_id, memberships.c.entered_at).where(*mine)).all())


def progress(tx: Tx, shop_id: int, segment_id: int) -> Progress | None:
    """How far a saved segment's timers are; None when they all are set."""
    mine = segments.c.shop_id == shop_id, segments.c.id == segment_id, segments.c.settling_from.is_not(None)
    after = tx.execute(select(segments.c.settling_after).where(*mine)).scalar_one_or_none()
    if after is None:
        return None
    here = people.c.shop_id == shop_id
    done = tx.execute(select(func.count()).select_from(people).where(here, people.c.id <= after)).scalar_one()
    total = tx.execute(select(func.count()).select_from(people).where(here)).scalar_one()
    return Progress(done, total, counting=after == FIRST_THE_MEMBERS)
