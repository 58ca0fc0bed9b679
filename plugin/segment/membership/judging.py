"""People judged by all segments of their shop, and what follows written down: who entered, who left, when next.

Two ways. `judge_people`: something happened to them just now. `catch_up`: time has come for them; however late that is
noticed, each step is taken at the instant at which it was due, so what is written is what a punctual clock would have
written. Who is about to be changed by an event is caught up first, while what we know of them is still what was known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Row, delete, select

from plugin.profile import identity
from plugin.profile.load import Profile, load_many
from plugin.profile.memberships import ENTERED, LEFT, TIME, Cause, Change, ring_at, write
from plugin.segment.answers import Answer
from plugin.segment.checked import clauses
from plugin.segment.evaluate import holds
from plugin.segment.format import canonical
from plugin.segment.moving import NEVER
from plugin.store.engine import Tx
from plugin.store.tables import memberships, timers

from . import benches
from .benches import ShopsBench

Reasons = Callable[[Collection[int]], Mapping[int, str]]
"""Gives what happened to each of these people; asked only when somebody entered or left."""
MOST_STEPS: Final = 10_000
_TICK = timedelta(microseconds=1)


def judge_people(
    tx: Tx,
    shop_id: int,
    person_ids: Collection[int],
    now: datetime,
    cause: Cause,
    reasons: Reasons | None = None,
) -> list[Change]:
    """Something happened to these people at `now`: keeps and gives what changed. `reasons` say it person by person."""
    judges = benches.of_shop(tx, shop_id) if person_ids else None
    if judges is None:
        return []
    identity.hold(tx, shop_id)
    _take(tx, person_ids)
    kept = _kept(tx, shop_id, person_ids)
    changes: list[Change] = []
    due: list[tuple[int, datetime]] = []
    for profile in load_many(tx, shop_id, person_ids):
        answers = judges.bench.judge(profile, now)
        changes += _differences(profile.person_id, answers, kept[profile.person_id], now, cause)
        due += _next(profile, answers)
    if changes and reasons is not None:
        changes = _explained(changes, reasons({one.person_id for one in changes}))
    write(tx, shop_id, changes)
    ring_at(tx, shop_id, due)
    return changes


def catch_up(tx: Tx, shop_id: int, person_ids: Collection[int], now: datetime) -> list[Change]:
    """Takes each step that has come due for these people, at its own instant; gives what changed. Done twice, it
    happens once."""
    judges = benches.of_shop(tx, shop_id) if person_ids else None
    if judges is None:
        return []
    identity.hold(tx, shop_id)
    rung = {row.person_id: row for row in _overdue(tx, person_ids, now)}
    if not rung:
        return []
    _take(tx, rung)
    kept = _kept(tx, shop_id, rung)
    changes: list[Change] = []
    due: list[tuple[int, datetime]] = []
    for profile in load_many(tx, shop_id, rung):
        row = rung[profile.person_id]
        at, cause = (row.due_at, None) if row.marked_at is None else (row.marked_at, Cause(row.cause, row.detail))
        stepped, following = _steps(judges, profile, kept[profile.person_id], at, now, cause)
        changes += stepped
        due += [(profile.person_id, following)] if following is not NEVER else []
    write(tx, shop_id, changes)
    ring_at(tx, shop_id, due)
    return changes


def _steps(
    judges: ShopsBench, profile: Profile, kept: set[int], at: datetime, now: datetime, cause: Cause | None
) -> tuple[list[Change], datetime]:
    """From `at` on, as far as `now`; gives the changes and the next instant. The first step has `cause`, if any."""
    inside, changes = set(kept), []
    for _ in range(MOST_STEPS):
        answers = judges.bench.judge(profile, at)
        found = _differences(profile.person_id, answers, inside, at, cause or Cause(TIME))
        if cause is None:
            found = [timed(judges, profile, one) for one in found]
        for one in found:
            (inside.add if one.kind == ENTERED else inside.discard)(one.segment_id)
        changes += found
        following = min((answer.until for answer in answers.values()), default=NEVER)
        if following > now:
            return changes, following
        at, cause = max(following, at + _TICK), None
    return changes, at


def timed(judges: ShopsBench, profile: Profile, change: Change) -> Change:
    """With the clauses that time changed at that instant."""
    after = judges.checked(change.segment_id, change.at).condition
    before = judges.checked(change.segment_id, change.at - _TICK).condition
    moved = [
        canonical(now.clause)
        for was, now in zip(clauses(before), clauses(after), strict=True)
        if holds(was, profile) is not holds(now, profile)
    ]
    cause = Cause(TIME, " and ".join(dict.fromkeys(moved)) or None)
    return Change(change.segment_id, change.person_id, change.kind, change.at, cause)


def _differences(
    person_id: int, answers: Mapping[int, Answer], kept: Collection[int], at: datetime, cause: Cause
) -> list[Change]:
    """A segment that cannot be read is not among the answers: its members stay."""
    return [
        Change(segment_id, person_id, ENTERED if answer.holds else LEFT, at, cause)
        for segment_id, answer in answers.items()
        if answer.holds is not (segment_id in kept)
    ]


def _next(profile: Profile, answers: Mapping[int, Answer]) -> list[tuple[int, datetime]]:
    following = min((answer.until for answer in answers.values()), default=NEVER)
    return [] if following is NEVER else [(profile.person_id, following)]


def _explained(changes: Iterable[Change], reasons: Mapping[int, str]) -> list[Change]:
    return [
        Change(one.segment_id, one.person_id, one.kind, one.at, Cause(one.cause.kind, reasons[one.person_id]))
        if one.person_id in reasons
        else one
        for one in changes
    ]


def _overdue(tx: Tx, person_ids: Collection[int], now: datetime) -> Sequence[Row[tuple[int, datetime]]]:
    mine = timers.c.person_id.in_(sorted(person_ids)), timers.c.due_at <= now
    return tx.execute(select(timers).where(*mine)).all()


def _take(tx: Tx, person_ids: Iterable[int]) -> None:
    """Their timers go before they are read: a mark that another transaction sets meanwhile comes after, and stays."""
    ids = sorted(person_ids)
    mine = timers.c.person_id.in_(ids)
    if len(ids) > 1:  # in one order everywhere: two transactions never wait for each other
        tx.execute(select(timers.c.person_id).where(mine).order_by(timers.c.person_id).with_for_update())
    tx.execute(delete(timers).where(mine))


def _kept(tx: Tx, shop_id: int, person_ids: Iterable[int]) -> defaultdict[int, set[int]]:
    kept: defaultdict[int, set[int]] = defaultdict(set)
    mine = memberships.c.shop_id == shop_id, memberships.c.person_id.in_(sorted(person_ids))
    for row in tx.execute(select(memberships.c.person_id, memberships.c.segment_id).where(*mine)):
        kept[row.person_id].add(row.segment_id)
    return kept
