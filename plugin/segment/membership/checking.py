"""The law, looked after at work: is who is kept as a member whom SQL answers? Whoever is not is judged anew.

A difference is a mistake of ours. Whose timer is due is not one: nobody has judged them yet. Nor is a segment that is
being settled, or that cannot be read any more.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, Select, exists, func, select

from plugin.profile import identity
from plugin.profile.memberships import CHECK, Cause, Change, add_to_day, zone_of
from plugin.segment.sql import condition
from plugin.store.engine import Tx
from plugin.store.tables import memberships, people, segments, timers

from . import benches
from .judging import judge_people
from .reading import size
from .settling import wrongly_in, wrongly_out

log = logging.getLogger(__name__)

PAGE: Final = 500
"""People who differ, a transaction."""
NAMED: Final = 5
"""So many of them the log names by our numbers."""


@dataclass(frozen=True, slots=True)
class Found:
    """The first people, by number, who are not where they belong. `more`: there may be others after them.
    `miscounted`: the days' sums are not as many as the members."""

    person_ids: tuple[int, ...] = ()
    more: bool = False
    miscounted: bool = False


@dataclass(frozen=True, slots=True)
class Repaired:
    """`disputed`: people whom the judge leaves where they were, and SQL would not."""

    changes: tuple[Change, ...] = ()
    people: int = 0
    disputed: int = 0


def compare(tx: Tx, shop_id: int, segment_id: int, now: datetime, after_person: int = 0) -> Found | None:
    """One page, from the one state of the database that `tx` reads; `now` is an instant after that state, so that what
    has come due has its timer there. None for a segment that cannot be compared now."""
    belongs = _belongs(tx, shop_id, segment_id, now)
    if belongs is None:
        return None
    ids = sorted(
        person_id
        for wrong, person in _wrong(shop_id, segment_id, belongs, now)
        for person_id in tx.execute(wrong.where(person > after_person).order_by(person).limit(PAGE)).scalars()
    )
    return Found(tuple(ids[:PAGE]), len(ids) >= PAGE, _too_few(tx, shop_id, segment_id) != 0)


def repair(tx: Tx, shop_id: int, segment_id: int, found: Found, now: datetime) -> Repaired:
    """Asks once more, alone in the shop, and judges who still differs: with the cause `check`, their timers set anew.

    Where the judge does not say what SQL says, nothing is changed: the next event would change it back, night after
    night, and start an automation each time. Both are logged.
    """
    if not found.person_ids and not found.miscounted:
        return Repaired()
    identity.hold(tx, shop_id)
    belongs = _belongs(tx, shop_id, segment_id, now)
    if belongs is None:
        return Repaired()
    wrong = {
        person_id
        for still, person in _wrong(shop_id, segment_id, belongs, now)
        for person_id in tx.execute(still.where(person.in_(found.person_ids))).scalars()
    }
    changes = judge_people(tx, shop_id, wrong, now, Cause(CHECK))
    repaired = {one.person_id for one in changes if one.segment_id == segment_id}
    disputed = wrong - repaired
    if repaired:
        _warn(shop_id, segment_id, repaired, "were not where they belong, and are now")
    if disputed:
        _warn(shop_id, segment_id, disputed, "belong elsewhere by SQL than by the judge, and stay where they are")
    _count_anew(tx, shop_id, segment_id, now)
    return Repaired(tuple(changes), len(repaired), len(disputed))


def _belongs(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> ColumnElement[bool] | None:
    """What SQL asks. None while the segment is being settled, or when its query cannot be read any more."""
    every = benches.of_shop(tx, shop_id)
    if every is None or segment_id not in every.bench.judges:
        return None
    settling = select(segments.c.settling_from).where(segments.c.shop_id == shop_id, segments.c.id == segment_id)
    if tx.execute(settling).scalar_one() is not None:
        return None
    return condition(every.checked(segment_id, now), shop_id)


def _wrong(
    shop_id: int, segment_id: int, belongs: ColumnElement[bool], now: datetime
) -> Iterator[tuple[Select[int], Column[int]]]:
    """Who is in and ought not to be, who is not and ought to be, each with the column of their numbers: those for whom
    nobody is yet to come."""
    for whose, person in (
        (wrongly_in(shop_id, segment_id, belongs), memberships.c.person_id),
        (wrongly_out(segment_id, belongs), people.c.id),
    ):
        yield whose.where(~exists().where(timers.c.person_id == person, timers.c.due_at <= now)), person


def _too_few(tx: Tx, shop_id: int, segment_id: int) -> int:
    """By how many the days' sums are less than the members are; negative for more."""
    mine = memberships.c.shop_id == shop_id, memberships.c.segment_id == segment_id
    members = tx.execute(select(func.count()).select_from(memberships).where(*mine)).scalar_one()
    return members - size(tx, shop_id, segment_id)


def _count_anew(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> None:
    """Today takes what the days' sums lack."""
    lacking = _too_few(tx, shop_id, segment_id)
    if lacking:
        log.warning("shop %s, segment %s: its days' sums were %s too few", shop_id, segment_id, lacking)
        today = now.astimezone(zone_of(tx, shop_id)).date()
        add_to_day(tx, shop_id, [(segment_id, today, max(lacking, 0), max(-lacking, 0))])


def _warn(shop_id: int, segment_id: int, person_ids: Collection[int], what: str) -> None:
    some = ", ".join(map(str, sorted(person_ids)[:NAMED]))
    more = f" and {len(person_ids) - NAMED} more" if len(person_ids) > NAMED else ""
    log.warning("shop %s, segment %s: people %s%s %s", shop_id, segment_id, some, more, what)
