"""Are the same customers in a segment here and at Shopify? One comparison is a row; a job works it off page by page.

Only customers of Shopify's are compared: visitors whom it does not know are counted apart. Shopify's answer is kept
while it is compared; afterwards only some who differ stay, each with our reading of why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select

from plugin.base import settings
from plugin.base.errors import NotFound
from plugin.profile.load import load_many
from plugin.store.engine import Tx
from plugin.store.tables import people, segment_check_members, segment_checks, shops
from plugin.store.upsert import insert_new, insert_new_returning

from . import saved
from .checked import Checked
from .compile import compile_segment
from .explain import explain
from .sql import condition

EXAMPLES: Final = 50
"""Of each side."""
KEPT: Final = timedelta(days=90)
SOON: Final = timedelta(seconds=20)
"""So often the clock looks whether Shopify has worked a question off."""
OURS_ONLY, THEIRS_ONLY, TOLD = "ours", "theirs", "told"


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. Counts are None until it is judged; `theirs` counts what was read so far."""

    id: int
    shop_id: int
    segment_id: int | None
    shopify_id: int | None
    name: str
    query: str
    state: str
    asked_at: datetime
    members_query: str | None
    expected: int | None
    theirs: int
    cursor: str | None
    judged_at: datetime | None
    ours: int | None
    both: int | None
    anonymous: int | None
    unheld: int | None
    finished_at: datetime | None
    error: str | None

    @property
    def ours_only(self) -> int:
        return (self.ours or 0) - (self.both or 0)

    @property
    def theirs_only(self) -> int:
        return self.theirs - (self.both or 0)

    @property
    def is_same(self) -> bool:
        return self.state == "done" and not self.ours_only and not self.theirs_only


@dataclass(frozen=True, slots=True)
class Example:
    """A customer who is in it on one side only; `clauses` {clause, holds, value} as they are read here, none of
    somebody whom Beckon does not hold."""

    customer_id: int
    person_id: int | None
    side: str
    clauses: tuple[Mapping[str, Any], ...]


def begin(
    tx: Tx,
    shop_id: int,
    name: str,
    query: str,
    now: datetime,
    *,
    segment_id: int | None = None,
    shopify_id: int | None = None,
) -> int | None:
    """Begins a comparison and gives its id; None while another of the shop's is under way. Raises SegmentError."""
    _checked(tx, shop_id, query, now)
    row = {
        "shop_id": shop_id,
        "segment_id": segment_id,
        "shopify_id": shopify_id,
        "name": name,
        "query": query,
        "state": "waiting",
        "asked_at": now,
    }
    made: list[int] = insert_new_returning(tx, segment_checks, [row])
    return made[0] if made else None


def latest(
    tx: Tx, shop_id: int, *, segment_id: int | None = None, shopify_id: int | None = None, limit: int = 1
) -> list[Check]:
    """The last comparisons of one segment of ours, or of one of Shopify's that was not imported; newest first."""
    of = segment_checks.c
    mine = (
        of.segment_id == segment_id
        if segment_id is not None
        else and_(of.segment_id.is_(None), of.shopify_id == shopify_id)
    )
    rows = tx.execute(_checks().where(of.shop_id == shop_id, mine).order_by(of.id.desc()).limit(limit))
    return [Check(*row) for row in rows]


def under_way(tx: Tx, shop_id: int) -> Check | None:
    """The shop's comparison that is not over."""
    of = segment_checks.c
    row = tx.execute(_checks().where(of.shop_id == shop_id, of.finished_at.is_(None))).one_or_none()
    return Check(*row) if row else None


def find(tx: Tx, check_id: int) -> Check:
    """Raises NotFound."""
    row = tx.execute(_checks().where(segment_checks.c.id == check_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no comparison {check_id}.")
    return Check(*row)


def examples(tx: Tx, check: Check) -> list[Example]:
    """Customers who differ: those in it here only, then those there only."""
    of = segment_check_members.c
    rows = tx.execute(
        select(of.customer_id, people.c.id, of.side, of.why)
        .join(people, and_(people.c.shop_id == of.shop_id, people.c.customer_id == of.customer_id), isouter=True)
        .where(of.shop_id == check.shop_id, of.check_id == check.id, of.side != TOLD)
        .order_by(of.side, of.customer_id)
    )
    return [Example(row.customer_id, row.id, row.side, tuple(row.why or ())) for row in rows]


def due(tx: Tx, now: datetime, limit: int = 20) -> list[int]:
    """Comparisons that nobody is at: for the clock, which is taken to see to them."""
    of = segment_checks.c
    free = or_(of.claimed_at.is_(None), of.claimed_at < now - settings.current().lease)
    rested = or_(of.hinted_at.is_(None), of.hinted_at <= now - SOON)
    young = of.asked_at < now - SOON  # its own job comes first
    found = list(tx.execute(select(of.id).where(of.finished_at.is_(None), free, rested, young).limit(limit)).scalars())
    tx.execute(segment_checks.update().where(of.id.in_(found)).values(hinted_at=now))
    return found


def claim(tx: Tx, check_id: int, now: datetime) -> Check | None:
    """Takes the work; None when somebody else is at it, or it is over."""
    of = segment_checks.c
    free = or_(of.claimed_at.is_(None), of.claimed_at < now - settings.current().lease)
    mine = segment_checks.update().where(of.id == check_id, of.finished_at.is_(None), free)
    taken = tx.execute(mine.values(claimed_at=now, state="reading").returning(of.id)).first()
    return find(tx, check_id) if taken else None


def release(tx: Tx, check_id: int) -> None:
    tx.execute(segment_checks.update().where(segment_checks.c.id == check_id).values(claimed_at=None))


def is_worked_off(tx: Tx, check_id: int, members_query: str) -> None:
    """Shopify answers by working the question off; what was read before does not count."""
    tx.execute(segment_check_members.delete().where(segment_check_members.c.check_id == check_id))
    anew = {"members_query": members_query, "theirs": 0, "cursor": None}
    tx.execute(segment_checks.update().where(segment_checks.c.id == check_id).values(anew))


def keep(tx: Tx, check: Check, customer_ids: Sequence[int], after: str | None, expected: int, now: datetime) -> Check:
    """A page of Shopify's answer, with its place: a page read twice counts once."""
    rows = [
        {"shop_id": check.shop_id, "check_id": check.id, "customer_id": each, "side": TOLD}
        for each in dict.fromkeys(customer_ids)
    ]
    fresh = len(insert_new_returning(tx, segment_check_members, rows, column="customer_id")) if rows else 0
    of = segment_checks.c
    told = {"theirs": of.theirs + fresh, "cursor": after, "expected": expected, "claimed_at": now}
    tx.execute(segment_checks.update().where(of.id == check.id).values(told))
    return find(tx, check.id)


def judge(tx: Tx, check: Check, now: datetime) -> None:
    """Compares Shopify's whole answer with who is in it here at this moment, and keeps some who differ."""
    checked = _checked(tx, check.shop_id, check.query, now)
    here = condition(checked, check.shop_id)
    told = segment_check_members.c
    named = exists().where(told.check_id == check.id, told.customer_id == people.c.customer_id)
    customer = people.c.customer_id.is_not(None)
    ours = _count(tx, here, customer)
    both = _count(tx, here, customer, named)
    held = exists().where(
        people.c.shop_id == check.shop_id,
        people.c.customer_id == told.customer_id,
        people.c.customer_deleted_at.is_(None),
    )
    unheld = tx.execute(select(func.count()).where(told.check_id == check.id, ~held)).scalar_one()
    counts = {"ours": ours, "both": both, "anonymous": _count(tx, here, ~customer), "unheld": unheld}
    _keep_examples(tx, check, checked, here, named, held)
    over = {"state": "done", "judged_at": now, "finished_at": now, "claimed_at": None, "error": None}
    tx.execute(segment_checks.update().where(segment_checks.c.id == check.id).values(counts | over))


def fail(tx: Tx, check_id: int, error: str, now: datetime) -> None:
    """Nothing came of it; `error` says why in words."""
    tx.execute(segment_check_members.delete().where(segment_check_members.c.check_id == check_id))
    over = {"state": "failed", "finished_at": now, "claimed_at": None, "error": error}
    tx.execute(segment_checks.update().where(segment_checks.c.id == check_id).values(over))


def clean(tx: Tx, now: datetime) -> None:
    """Old comparisons, with the customers whom they name, are of no use to anybody."""
    tx.execute(segment_checks.delete().where(segment_checks.c.finished_at < now - KEPT))


def _keep_examples(
    tx: Tx,
    check: Check,
    checked: Checked,
    here: ColumnElement[bool],
    named: ColumnElement[bool],
    held: ColumnElement[bool],
) -> None:
    told = segment_check_members.c
    ours = select(people.c.customer_id).where(here, people.c.customer_id.is_not(None), ~named)
    ours_only = list(tx.execute(ours.order_by(people.c.customer_id).limit(EXAMPLES)).scalars())
    inside = select(literal(1)).where(here, people.c.customer_id == told.customer_id).exists()
    theirs = select(told.customer_id).where(told.check_id == check.id, ~inside)
    theirs_only = list(tx.execute(theirs.order_by(~held, told.customer_id).limit(EXAMPLES)).scalars())
    why = _why(tx, check, checked, [*ours_only, *theirs_only])
    tx.execute(segment_check_members.delete().where(told.check_id == check.id))
    rows = [
        {"shop_id": check.shop_id, "check_id": check.id, "customer_id": each, "side": side, "why": why.get(each, [])}
        for side, some in ((OURS_ONLY, ours_only), (THEIRS_ONLY, theirs_only))
        for each in some
    ]
    insert_new(tx, segment_check_members, rows)


def _why(tx: Tx, check: Check, checked: Checked, customer_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Of each customer whom we hold, every clause with our answer and the value behind it."""
    mine = people.c.shop_id == check.shop_id, people.c.customer_id.in_(customer_ids)
    ids = tx.execute(select(people.c.id).where(*mine, people.c.customer_deleted_at.is_(None))).scalars()
    return {
        profile.customer_id: [
            {"clause": one.clause, "holds": one.holds, "value": one.value} for one in explain(checked, profile)
        ]
        for profile in load_many(tx, check.shop_id, ids)
        if profile.customer_id is not None
    }


def _count(tx: Tx, *where: ColumnElement[bool]) -> int:
    return tx.execute(select(func.count()).select_from(people).where(*where)).scalar_one()


def _checked(tx: Tx, shop_id: int, query: str, now: datetime) -> Checked:
    timezone = tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one()
    return compile_segment(query, now=now, timezone=timezone, segments=saved.queries(tx, shop_id))


def _checks() -> Select[*tuple[Any, ...]]:
    return select(*(segment_checks.c[name] for name in Check.__slots__))
