"""Segments of Shopify's become segments of ours: which could, which did, which changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Row, Select, and_, func, or_, select

from plugin.base.errors import BeckonError, NotFound
from plugin.store.engine import Tx
from plugin.store.tables import segment_imports, segments, shopify_segments, shops
from plugin.store.upsert import upsert

from . import saved
from .translation import Effect, Translation, translate

State = Literal["new", "imported", "changed", "edited", "gone"]
"""`changed`: Shopify's is another one than was imported; `edited`: ours is; `gone`: Shopify's was deleted."""
WORDS: Final = {
    Effect.WIDER: "Without it the segment is wider: people may be in it whom Shopify leaves out.",
    Effect.NARROWER: "Without it the segment is narrower: people whom Shopify has in it may be missing.",
    Effect.OTHER: "Without it the segment has other members: some come in, some are missing.",
}


BY = "imported from Shopify"
"""Who saved a version, in the list of versions."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was made of a segment of Shopify's, and how ours stands now."""

    segment_id: int
    name: str
    query: str
    """Shopify's, as it was imported."""
    ours: str
    """Our query today."""
    left_out: tuple[Mapping[str, str], ...]
    in_step: bool
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """One segment of Shopify's: as it is there, as it reads here, and what was made of it."""

    shopify_id: int
    name: str
    updated_at: datetime
    translation: Translation
    state: State
    imported: Imported | None

    @property
    def is_importable(self) -> bool:
        """Read as a whole, and something to do: by one click."""
        return self.translation.is_whole and self.state in ("new", "changed")


def every(tx: Tx, shop_id: int, now: datetime) -> list[Offer]:
    """The store's segments by name; those that were deleted there only when they were imported."""
    timezone = _timezone(tx, shop_id)
    rows = tx.execute(_rows(shop_id).order_by(func.lower(shopify_segments.c.name), shopify_segments.c.segment_id))
    return [_offer(row, now, timezone) for row in rows]


def find(tx: Tx, shop_id: int, shopify_id: int, now: datetime) -> Offer:
    """One of them. Raises NotFound."""
    row = tx.execute(_rows(shop_id).where(shopify_segments.c.segment_id == shopify_id)).one_or_none()
    if row is None:
        raise NotFound(f"Shopify has told Beckon of no segment {shopify_id}. Read the list from Shopify again.")
    return _offer(row, now, _timezone(tx, shop_id))


def origin(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> Offer | None:
    """The segment of Shopify's that ours was made of; None when it was made here."""
    row = tx.execute(_rows(shop_id).where(segment_imports.c.segment_id == segment_id)).first()
    return _offer(row, now, _timezone(tx, shop_id)) if row else None


def asked_for(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> int | None:
    """Shopify's segment that ours must equal: the one it was made of as a whole, while neither was changed since."""
    offer = origin(tx, shop_id, segment_id, now)
    return offer.shopify_id if offer and offer.state == "imported" and offer.translation.is_whole else None


def take_over(
    tx: Tx, shop_id: int, shopify_id: int, now: datetime, *, partly: bool = False, in_step: bool | None = None
) -> int:
    """Makes, or changes, our segment of one of Shopify's, and returns its id.

    `partly`: without the clauses that cannot be read. Raises BeckonError where that is needed and not said, or nothing
    would be left; NotFound.
    """
    offer = find(tx, shop_id, shopify_id, now)
    if offer.state == "gone":
        raise BeckonError(f"“{offer.name}” was deleted in Shopify. The segment here stays as it is.")
    told, before = offer.translation, offer.imported
    if told.canonical is None:
        raise BeckonError(f"“{offer.name}” cannot be read here. {told.refused[0].why}")
    if not told.is_whole and not partly:
        clauses = "; ".join(one.clause for one in told.refused)
        raise BeckonError(f"“{offer.name}” can be imported only without a part of it: {clauses}. Choose that first.")
    if before is None:
        segment_id = saved.create(tx, shop_id, _free_name(tx, shop_id, offer.name), told.canonical, now, by=BY)
    else:
        segment_id = before.segment_id
        kept = saved.find(tx, shop_id, segment_id).name
        name = offer.name if kept == before.name else kept  # a name that the merchant gave it here stays
        saved.save(tx, shop_id, segment_id, name, told.canonical, now, by=BY)
    row = {
        "shop_id": shop_id,
        "segment_id": segment_id,
        "shopify_id": shopify_id,
        "name": offer.name,
        "query": told.query,
        "made": told.canonical,
        "left_out": [{"clause": one.clause, "why": one.why} for one in told.refused],
        "in_step": before.in_step if in_step is None and before else bool(in_step),
        "imported_at": now,
    }
    upsert(tx, segment_imports, [row], key=("shop_id", "shopify_id"))
    return segment_id


def keep_in_step(tx: Tx, shop_id: int, shopify_id: int, wanted: bool) -> None:
    """Whether later changes in Shopify are taken over without being asked. Raises NotFound."""
    mine = segment_imports.c.shop_id == shop_id, segment_imports.c.shopify_id == shopify_id
    changed = segment_imports.update().where(*mine).values(in_step=wanted).returning(segment_imports.c.id)
    if tx.execute(changed).first() is None:
        raise NotFound("That segment was not imported.")


def out_of_step(tx: Tx, limit: int) -> list[tuple[int, int]]:
    """(shop, Shopify's id) of imports that are to be kept in step and are not: for the clock.

    Ours that were edited here are left alone, and so is a change that was looked at and cannot be read.
    """
    theirs, mine = shopify_segments.c, segment_imports.c
    found = (
        select(mine.shop_id, mine.shopify_id)
        .join(shopify_segments, and_(theirs.shop_id == mine.shop_id, theirs.segment_id == mine.shopify_id))
        .join(segments, segments.c.id == mine.segment_id)
        .where(
            mine.in_step,
            theirs.deleted_at.is_(None),
            segments.c.deleted_at.is_(None),
            segments.c.query == mine.made,
            or_(theirs.query != mine.query, theirs.name != mine.name),
        )
    )
    return [(row.shop_id, row.shopify_id) for row in tx.execute(found.limit(limit))]


def follow(tx: Tx, shop_id: int, shopify_id: int, now: datetime) -> bool:
    """Takes a change over when all of it can be read; else keeping in step ends, and the import page says why."""
    offer = find(tx, shop_id, shopify_id, now)
    if offer.state != "changed":
        return False
    if offer.translation.is_whole:
        take_over(tx, shop_id, shopify_id, now)
        return True
    keep_in_step(tx, shop_id, shopify_id, wanted=False)
    return False


def _rows(shop_id: int) -> Select[*tuple[object, ...]]:
    theirs, mine = shopify_segments.c, segment_imports.c
    alive = and_(segments.c.id == mine.segment_id, segments.c.deleted_at.is_(None))
    return (
        select(
            theirs.segment_id.label("shopify_id"),
            theirs.name,
            theirs.query,
            theirs.updated_at,
            theirs.deleted_at,
            segments.c.id.label("ours_id"),
            segments.c.query.label("ours"),
            mine.name.label("name_then"),
            mine.query.label("query_then"),
            mine.made,
            mine.left_out,
            mine.in_step,
            mine.imported_at,
        )
        .join(
            segment_imports,
            and_(mine.shop_id == theirs.shop_id, mine.shopify_id == theirs.segment_id),
            isouter=True,
        )
        .join(segments, alive, isouter=True)
        .where(theirs.shop_id == shop_id, or_(theirs.deleted_at.is_(None), segments.c.id.is_not(None)))
    )


def _offer(row: Row[*tuple[object, ...]], now: datetime, timezone: str) -> Offer:
    imported = None
    if row.ours_id is not None:
        left_out = tuple(row.left_out)
        imported = Imported(
            row.ours_id, row.name_then, row.query_then, row.ours, left_out, row.in_step, row.imported_at
        )
    gone = row.deleted_at is not None
    name = row.name_then if gone else row.name
    told = translate(row.query_then if gone else row.query, now=now, timezone=timezone)
    return Offer(row.shopify_id, name, row.updated_at, told, _state(row), imported)


def _state(row: Row[*tuple[object, ...]]) -> State:
    if row.ours_id is None:
        return "new"
    if row.deleted_at is not None:
        return "gone"
    if (row.query, row.name) != (row.query_then, row.name_then):
        return "changed"
    return "imported" if row.ours == row.made else "edited"


def _free_name(tx: Tx, shop_id: int, name: str) -> str:
    """The name cut to what fits, told from a segment of ours that is called so already."""
    wanted = " ".join(name.split())[: saved.MAX_NAME - 20] or "A segment of Shopify's"
    taken = {segment.name.casefold() for segment in saved.every(tx, shop_id)}
    names = [wanted, f"{wanted} (Shopify)", *(f"{wanted} (Shopify {number})" for number in range(2, 1000))]
    return next(each for each in names if each.casefold() not in taken)


def _timezone(tx: Tx, shop_id: int) -> str:
    found: str = tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one()
    return found
