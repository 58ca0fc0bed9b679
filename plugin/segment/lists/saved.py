"""The merchant's static lists: named, filled by imports, asked for by `in_list('name')`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select

from plugin.base.errors import BeckonError, NotFound
from plugin.segment import saved as segments
from plugin.segment.saved import Segment
from plugin.store.engine import Tx
from plugin.store.tables import list_imports, list_members, lists

from .naming import asked_for, clean, key

MAX_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list with the number of people on it."""

    id: int
    name: str
    people: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Import:
    """What became of one import; `rows` are the first of those that named nobody."""

    id: int
    source: str
    name: str
    at: datetime
    found: int
    added: int
    missing: int
    rows: tuple[int, ...]
    undone_at: datetime | None


def create(tx: Tx, shop_id: int, name: str, now: datetime) -> int:
    """Makes an empty list and returns its id. Raises BeckonError for its name."""
    name = _named(tx, shop_id, name, None)
    made = lists.insert().values(shop_id=shop_id, name=name, key=name.casefold(), created_at=now, updated_at=now)
    return int(tx.execute(made.returning(lists.c.id)).scalar_one())


def rename(tx: Tx, shop_id: int, list_id: int, name: str, now: datetime) -> None:
    """Segments ask for it by name, so one that is asked for keeps its name. Raises NotFound, BeckonError."""
    one = find(tx, shop_id, list_id)
    name = _named(tx, shop_id, name, list_id)
    users = users_of(tx, shop_id, one.name) if name.casefold() != one.name.casefold() else []
    if users:
        raise BeckonError(f"{_told(users)} for the list by its name. Change that first, or make another list.")
    mine = lists.c.shop_id == shop_id, lists.c.id == list_id
    tx.execute(lists.update().where(*mine).values(name=name, key=name.casefold(), updated_at=now))


def delete(tx: Tx, shop_id: int, list_id: int) -> frozenset[int]:
    """Gives those who were on it. Refused while a segment asks for it. Raises NotFound, BeckonError."""
    one = find(tx, shop_id, list_id)
    users = users_of(tx, shop_id, one.name)
    if users:
        raise BeckonError(f"{_told(users)} for the list. Change or delete what asks first.")
    gone = list_members.delete().where(list_members.c.shop_id == shop_id, list_members.c.list_id == list_id)
    people = frozenset(tx.execute(gone.returning(list_members.c.person_id)).scalars())
    tx.execute(lists.delete().where(lists.c.shop_id == shop_id, lists.c.id == list_id))
    return people


def find(tx: Tx, shop_id: int, list_id: int) -> PeopleList:
    """One list of the shop. Raises NotFound."""
    row = tx.execute(_lists(shop_id).where(lists.c.id == list_id)).first()
    if row is None:
        raise NotFound("There is no such list in this shop.")
    return PeopleList(*row)


def by_name(tx: Tx, shop_id: int, name: str) -> PeopleList | None:
    row = tx.execute(_lists(shop_id).where(lists.c.key == key(name))).first()
    return PeopleList(*row) if row else None


def every(tx: Tx, shop_id: int) -> list[PeopleList]:
    """The shop's lists by name."""
    return [PeopleList(*row) for row in tx.execute(_lists(shop_id).order_by(lists.c.key))]


def imports(tx: Tx, shop_id: int, list_id: int) -> list[Import]:
    """What the list was filled from, the newest first."""
    mine = list_imports.c.shop_id == shop_id, list_imports.c.list_id == list_id
    return [_import(row) for row in tx.execute(select(list_imports).where(*mine).order_by(list_imports.c.id.desc()))]


def users_of(tx: Tx, shop_id: int, name: str) -> list[Segment]:
    """The segments that ask for the list."""
    wanted = key(name)
    return [one for one in segments.every(tx, shop_id) if wanted in {key(each.value) for each in asked_for(one.query)}]


def _named(tx: Tx, shop_id: int, name: str, list_id: int | None) -> str:
    name = clean(name)
    if not name:
        raise BeckonError("Give the list a name.")
    if len(name) > MAX_NAME:
        raise BeckonError(f"The name is too long: {len(name)} characters, {MAX_NAME} at most.")
    other = by_name(tx, shop_id, name)
    if other is not None and other.id != list_id:
        raise BeckonError(f"There is a list “{other.name}” already. Choose another name, or add people to that one.")
    return name


def _told(users: list[Segment]) -> str:
    names = ", ".join(f"“{one.name}”" for one in users[:5])
    more = f" and {len(users) - 5} more" if len(users) > 5 else ""
    return f"The segment {names} asks" if len(users) == 1 else f"The segments {names}{more} ask"


def _lists(shop_id: int) -> Select[Any]:
    on_it = select(func.count()).where(list_members.c.list_id == lists.c.id).scalar_subquery()
    columns = lists.c.id, lists.c.name, on_it, lists.c.created_at, lists.c.updated_at
    return select(*columns).where(lists.c.shop_id == shop_id)


def _import(row: Row[tuple[object, ...]]) -> Import:
    told = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    rest = {name: told[name] for name in ("id", "source", "name", "at", "found", "added", "missing", "undone_at")}
    return Import(rows=tuple(told["missing_rows"]), **rest)
