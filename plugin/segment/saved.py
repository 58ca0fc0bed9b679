"""The merchant's saved segments: a name and a query that could be read when it was saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select, update

from plugin.base.errors import BeckonError, NotFound
from plugin.profile import identity
from plugin.store.engine import Tx
from plugin.store.tables import segments, shops

from . import membership
from .compile import compile_segment
from .containing import containing
from .lists.naming import refuse_unknown

MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Segment:
    """`query` stands as the merchant wrote it."""

    id: int
    name: str
    query: str
    updated_at: datetime


def create(tx: Tx, shop_id: int, name: str, query: str, now: datetime, *, by: str = "") -> int:
    """Saves a new segment with its members and returns its id; `by` is who did it, in words. Raises BeckonError for its
    name, SegmentError for its query."""
    values = _checked(tx, shop_id, name, query, now)
    made = segments.insert().values(shop_id=shop_id, created_at=now, updated_at=now, **values)
    segment_id = int(tx.execute(made.returning(segments.c.id)).scalar_one())
    membership.saved(tx, shop_id, segment_id, name=values["name"], query=values["query"], by=by, now=now)
    return segment_id


def save(
    tx: Tx,
    shop_id: int,
    segment_id: int,
    name: str,
    query: str,
    now: datetime,
    *,
    by: str = "",
    restores: int | None = None,
) -> None:
    """Changes name and query, and with them the members. Raises NotFound, and what `create` raises."""
    identity.hold(tx, shop_id)
    before = find(tx, shop_id, segment_id)
    values = _checked(tx, shop_id, name, query, now)
    if values == {"name": before.name, "query": before.query} and restores is None:
        return
    if values["name"] != before.name:
        _refuse_if_asked_for(tx, shop_id, before.name, "keep its name")
    _change(tx, shop_id, segment_id, updated_at=now, **values)
    asks_anew = values["query"] != before.query
    membership.saved(
        tx,
        shop_id,
        segment_id,
        name=values["name"],
        query=values["query"],
        by=by,
        now=now,
        asks_anew=asks_anew,
        restores=restores,
    )


def delete(tx: Tx, shop_id: int, segment_id: int, now: datetime) -> None:
    """Takes the segment off the list, and everybody out of it; campaigns that went to it keep their report. Raises
    NotFound."""
    _refuse_if_asked_for(tx, shop_id, find(tx, shop_id, segment_id).name, "keep it")
    _change(tx, shop_id, segment_id, deleted_at=now)
    membership.forget(tx, shop_id, segment_id, now)


def find(tx: Tx, shop_id: int, segment_id: int) -> Segment:
    """One segment of the shop. Raises NotFound."""
    row = tx.execute(_segments(shop_id).where(segments.c.id == segment_id)).first()
    if row is None:
        raise _missing(segment_id)
    return Segment(row.id, row.name, row.query, row.updated_at)


def every(tx: Tx, shop_id: int) -> list[Segment]:
    """The shop's segments by name."""
    rows = tx.execute(_segments(shop_id).order_by(func.lower(segments.c.name), segments.c.id))
    return [Segment(row.id, row.name, row.query, row.updated_at) for row in rows]


def queries(tx: Tx, shop_id: int) -> dict[str, str]:
    """The shop's queries by the names of their segments, for `in_segment`; of two of one name the older one's."""
    rows = tx.execute(_segments(shop_id).order_by(segments.c.id.desc()))
    return {row.name: row.query for row in rows}


def _checked(tx: Tx, shop_id: int, name: str, query: str, now: datetime) -> dict[str, str]:
    name = " ".join(name.replace("\0", " ").split())
    if not name:
        raise BeckonError("Give the segment a name.")
    if len(name) > MAX_NAME:
        raise BeckonError(f"The name is too long: {len(name)} characters, {MAX_NAME} at most.")
    timezone = tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one()
    compile_segment(query, now=now, timezone=timezone, segments=queries(tx, shop_id) | {name: query})
    refuse_unknown(tx, shop_id, query)
    return {"name": name, "query": query.strip()}


def _refuse_if_asked_for(tx: Tx, shop_id: int, name: str, instead: str) -> None:
    """Others ask for it by its name."""
    outer = containing(name, queries(tx, shop_id))
    if outer:
        said = " and ".join(f"“{one}”" for one in outer[:3])
        raise BeckonError(f"{said} asks for “{name}”: take it out there first, or {instead}.")


def _segments(shop_id: int) -> Select[tuple[int, str, str, datetime]]:
    columns = (segments.c.id, segments.c.name, segments.c.query, segments.c.updated_at)
    return select(*columns).where(segments.c.shop_id == shop_id, segments.c.deleted_at.is_(None))


def _change(tx: Tx, shop_id: int, segment_id: int, **values: object) -> None:
    one = (segments.c.shop_id == shop_id, segments.c.id == segment_id, segments.c.deleted_at.is_(None))
    if tx.execute(update(segments).where(*one).values(**values).returning(segments.c.id)).first() is None:
        raise _missing(segment_id)


def _missing(segment_id: int) -> NotFound:
    return NotFound(f"There is no segment {segment_id} in this shop.")
