"""Reconciliation: every night what changed in a shop is read from Shopify once more, and what we missed is repaired.

It goes by bulk operations, as the history does (docs/decisions/0021). A run is a row of `reconciliations`, its work are
parts in `backfills`; when all parts are over their counts are summed up in the run's row, which stays.
Once a week, and when the merchant asks, it also compares which things are there at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, exists, func, select

from plugin.base.errors import BeckonError
from plugin.store.engine import Tx
from plugin.store.tables import backfills, reconciliations, shops
from plugin.store.upsert import insert_new_returning

from . import backfill, missing
from .backfill import HISTORY, OPEN, Backfill
from .history import KINDS

CLOCK, MERCHANT = "clock", "merchant"
QUIET = time(3)
SPREAD = 120
"""Minutes from three o'clock on, over which shops are spread."""
OVERLAP = timedelta(hours=1)
"""So far a run looks back behind the start of the one before: Shopify's lists may lag behind."""
WHOLE_EVERY = timedelta(days=6, hours=12)
EVERYTHING = {"collections"}
"""Read whole each time: which products fulfil a collection's rules changes without any news of it."""
WEEKLY = {"customers"}
"""Read whole with a whole comparison: what Shopify reckons of customers changes without their having changed."""
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One comparison with Shopify; `finished_at` None while it is under way. `kinds` by kind: looked_at, repaired."""

    id: int
    shop_id: int
    asked_by: str
    since: datetime | None
    whole: bool
    started_at: datetime
    finished_at: datetime | None
    looked_at: int
    repaired: int
    kinds: dict[str, dict[str, Any]] | None
    error: str | None


def due(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Shops whose night's run has come and was not begun."""
    parts = backfills.alias()
    loading = exists().where(
        parts.c.shop_id == shops.c.id, parts.c.reconciliation_id == HISTORY, parts.c.state.in_(OPEN)
    )
    known = (
        select(shops.c.id, shops.c.timezone, func.min(backfills.c.started_at).label("loaded"))
        .join(backfills, (backfills.c.shop_id == shops.c.id) & (backfills.c.reconciliation_id == HISTORY))
        .where(shops.c.uninstalled_at.is_(None), ~shops.c.needs_reconnect, ~loading)
        .group_by(shops.c.id, shops.c.timezone)
    )
    last = dict(
        tx.execute(
            select(reconciliations.c.shop_id, func.max(reconciliations.c.started_at)).group_by(
                reconciliations.c.shop_id
            )
        ).all()
    )
    return [row.id for row in tx.execute(known) if (last.get(row.id) or row.loaded) < tonight(row, now)][:limit]


def tonight(shop: Row[*tuple[Any, ...]], now: datetime, quiet: time = QUIET) -> datetime:
    """When the shop's latest run should have begun: at its own minute after three (`quiet`) in its own time zone."""
    try:
        zone = ZoneInfo(shop.timezone)
    except (KeyError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    minute = timedelta(minutes=shop.id * 37 % SPREAD)
    today = now.astimezone(zone).date()
    moments = (datetime.combine(day, quiet, zone) + minute for day in (today, today - timedelta(days=1)))
    return next(moment for moment in moments if moment <= now)


def begin(tx: Tx, shop_id: int, asked_by: str, now: datetime) -> list[int]:
    """Begins a run; gives its parts. None when one is under way: a second press of the button changes nothing.

    Raises BeckonError while the history is not there.
    """
    history = backfill.every(tx, shop_id)
    if not history or any(part.state in OPEN for part in history):
        raise BeckonError("The store's history is still loading. Beckon can compare once it is done.")
    since = _since(tx, shop_id)
    whole = asked_by == MERCHANT or _last_whole(tx, shop_id) < now - WHOLE_EVERY
    run = {"shop_id": shop_id, "asked_by": asked_by, "since": since, "whole": whole, "started_at": now}
    made = insert_new_returning(tx, reconciliations, [run])
    if not made:
        return []
    everything = EVERYTHING | (WEEKLY if whole else set())
    parts: list[dict[str, object]] = [{"kind": kind, "since": None if kind in everything else since} for kind in KINDS]
    parts += [{"kind": kind, "since": None} for kind in missing.KINDS] if whole else []
    backfill.begin_parts(tx, shop_id, parts, now, reconciliation_id=made[0])
    return [part.id for part in backfill.every(tx, shop_id, made[0])]


def settle(tx: Tx, run_id: int, now: datetime) -> Reconciliation | None:
    """Sums up a run whose parts are all over; None while one is not, or when it was summed up already."""
    row = tx.execute(select(reconciliations).where(reconciliations.c.id == run_id)).one_or_none()
    parts = backfill.every(tx, row.shop_id, run_id) if row else []
    if not parts or any(part.state in OPEN for part in parts):
        return None
    kinds = _kinds(parts)
    troubles = [f"{part.kind.removeprefix('ids_').capitalize()}: {part.error}" for part in parts if part.error]
    told = {
        "finished_at": now,
        "looked_at": sum(kind["looked_at"] for kind in kinds.values()),
        "repaired": sum(kind["repaired"] + kind["removed"] for kind in kinds.values()),
        "kinds": kinds,
        "error": " ".join(dict.fromkeys(troubles)) or None,
    }
    tx.execute(reconciliations.update().where(reconciliations.c.id == run_id).values(**told))
    tx.execute(backfills.delete().where(backfills.c.reconciliation_id == run_id))
    return by_id(tx, run_id)


def sentence(run: Reconciliation) -> str:
    """What came of a run, in a merchant's words."""
    if run.finished_at is None:
        return "under way"
    told = f"{run.looked_at:,} looked at, {run.repaired:,} repaired"
    return f"{told}; not everything could be compared" if run.error else told


def latest(tx: Tx, shop_id: int, limit: int = 1) -> list[Reconciliation]:
    """The runs of a shop, the newest first."""
    query = select(reconciliations).where(reconciliations.c.shop_id == shop_id)
    return [_run(row) for row in tx.execute(query.order_by(reconciliations.c.id.desc()).limit(limit))]


def by_id(tx: Tx, run_id: int) -> Reconciliation:
    return _run(tx.execute(select(reconciliations).where(reconciliations.c.id == run_id)).one())


def clean(tx: Tx, now: datetime) -> None:
    """Old reports are of no use to anybody."""
    tx.execute(reconciliations.delete().where(reconciliations.c.finished_at < now - KEPT))


def _since(tx: Tx, shop_id: int) -> datetime:
    """The start of the last run that was done in full, or of the history, and a little before."""
    done = reconciliations.c.finished_at.is_not(None) & reconciliations.c.error.is_(None)
    last = tx.execute(
        select(func.max(reconciliations.c.started_at)).where(reconciliations.c.shop_id == shop_id, done)
    ).scalar()
    return (last or _loaded(tx, shop_id)) - OVERLAP


def _last_whole(tx: Tx, shop_id: int) -> datetime:
    whole = reconciliations.c.whole & reconciliations.c.finished_at.is_not(None)
    last = tx.execute(
        select(func.max(reconciliations.c.started_at)).where(reconciliations.c.shop_id == shop_id, whole)
    ).scalar()
    return last or _loaded(tx, shop_id)


def _loaded(tx: Tx, shop_id: int) -> datetime:
    mine = backfills.c.shop_id == shop_id, backfills.c.reconciliation_id == HISTORY
    found: datetime = tx.execute(select(func.min(backfills.c.started_at)).where(*mine)).scalar_one()
    return found


def _kinds(parts: Sequence[Backfill]) -> dict[str, dict[str, Any]]:
    kinds = {kind: {"looked_at": 0, "repaired": 0, "removed": 0} for kind in KINDS}
    for part in parts:
        if part.kind in kinds:
            kinds[part.kind] |= {"looked_at": part.looked_at, "repaired": part.repaired}
        else:
            kinds[part.kind.removeprefix("ids_")]["removed"] = part.repaired
    return kinds


def _run(row: Row[*tuple[Any, ...]]) -> Reconciliation:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    return Reconciliation(**{name: values[name] for name in Reconciliation.__slots__})
