"""Who is on a list: imports put people on it, and each import can be taken back by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import func, select

from plugin.base.errors import BeckonError, NotFound
from plugin.profile import contact, identity
from plugin.profile.memberships import EVENT, Cause, mark
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import list_imports, list_members, lists, people, visitors
from plugin.store.upsert import insert_new

from .read import By, Named

SHOWN: Final = 100
"""So many numbers of rows that name nobody are kept, to be looked up in the file."""

_PUT_ON: Final = Cause(EVENT, "put on a static list")
_TAKEN_OFF: Final = Cause(EVENT, "taken off a static list")

Source = Literal["file", "text", "segment"]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an import: people found, those of them who are new on the list, rows that name nobody."""

    import_id: int
    found: int
    added: int
    missing: int
    rows: tuple[int, ...]
    people: frozenset[int] = frozenset()
    """Those who are new."""

    @property
    def sentence(self) -> str:
        """`812 found, 3 not found: rows 5, 9, 11.`"""
        found = f"{self.found:,} found"
        if self.added < self.found:
            found += f", {self.found - self.added:,} of them on the list already"
        if not self.missing:
            return f"{found}."
        more = f" and {self.missing - len(self.rows):,} more" if self.missing > len(self.rows) else ""
        rows = f"row{'s' if self.missing > 1 else ''} {', '.join(map(str, self.rows))}{more}"
        return f"{found}, {self.missing:,} not found: {rows}."


def put(tx: Tx, shop_id: int, list_id: int, named: Sequence[Named], source: Source, name: str, now: datetime) -> Report:
    """Puts those on the list whom `named` names. Raises NotFound, and BeckonError when e-mails are not kept."""
    found = _find(tx, shop_id, named)
    absent = [one.row for one in named if one.by is None or (one.by, one.name) not in found]
    return _put(tx, shop_id, list_id, set(found.values()), absent, source, name, now)


def put_people(tx: Tx, shop_id: int, list_id: int, person_ids: Collection[int], name: str, now: datetime) -> Report:
    """Puts people on the list: the present members of the segment `name`. Raises NotFound."""
    return _put(tx, shop_id, list_id, set(person_ids), [], "segment", name, now)


def take_back(tx: Tx, shop_id: int, import_id: int, now: datetime) -> frozenset[int]:
    """Takes those off the list whom an import put on it; gives them. Once only. Raises NotFound."""
    mine = list_imports.c.shop_id == shop_id, list_imports.c.id == import_id, list_imports.c.undone_at.is_(None)
    undone = list_imports.update().where(*mine).values(undone_at=now).returning(list_imports.c.list_id)
    list_id = tx.execute(undone).scalar()
    if list_id is None:
        raise NotFound("This import is not there any more, or was taken back already.")
    gone = list_members.delete().where(list_members.c.shop_id == shop_id, list_members.c.import_id == import_id)
    off = frozenset(tx.execute(gone.returning(list_members.c.person_id)).scalars())
    tx.execute(lists.update().where(lists.c.shop_id == shop_id, lists.c.id == list_id).values(updated_at=now))
    mark(tx, shop_id, off, _TAKEN_OFF, now)
    return off


def _put(
    tx: Tx,
    shop_id: int,
    list_id: int,
    person_ids: Collection[int],
    absent: Sequence[int],
    source: Source,
    name: str,
    now: datetime,
) -> Report:
    told = lists.update().where(lists.c.shop_id == shop_id, lists.c.id == list_id).values(updated_at=now)
    if tx.execute(told.returning(lists.c.id)).first() is None:
        raise NotFound("This list is not there any more.")
    counts = {"found": len(person_ids), "missing": len(absent), "missing_rows": list(absent[:SHOWN])}
    about = {"shop_id": shop_id, "list_id": list_id, "source": source, "name": name[:200], "at": now, "added": 0}
    made = tx.execute(list_imports.insert().values(**about, **counts).returning(list_imports.c.id))
    import_id = int(made.scalar_one())
    before = _on(tx, list_id, person_ids)
    new = sorted(set(person_ids) - before)
    for some in batches(new, 5_000):
        mine = {"shop_id": shop_id, "list_id": list_id, "import_id": import_id, "added_at": now}
        insert_new(tx, list_members, [mine | {"person_id": one} for one in some])
    tx.execute(list_imports.update().where(list_imports.c.id == import_id).values(added=len(new)))
    mark(tx, shop_id, new, _PUT_ON, now)
    return Report(import_id, len(person_ids), len(new), len(absent), tuple(absent[:SHOWN]), frozenset(new))


def _on(tx: Tx, list_id: int, person_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    query = select(list_members.c.person_id).where(list_members.c.list_id == list_id)
    for some in batches(sorted(person_ids), 5_000):
        found.update(tx.execute(query.where(list_members.c.person_id.in_(some))).scalars())
    return found


def _find(tx: Tx, shop_id: int, named: Sequence[Named]) -> dict[tuple[By | None, str], int]:
    """(kind, name) → person, of those whom we know and who are not deleted in Shopify."""
    names: dict[By, set[str]] = {"customer": set(), "email": set(), "visitor": set()}
    for one in named:
        if one.by:
            names[one.by].add(one.name)
    _refuse_emails_not_kept(tx, shop_id, names["email"])
    found: dict[tuple[By | None, str], int] = {}
    for some in batches(sorted(names["customer"]), 5_000):
        known = identity.known(tx, shop_id, [int(name) for name in some])
        found.update({("customer", name): known[int(name)] for name in some if int(name) in known})
    for some in batches(sorted(names["email"]), 5_000):
        mine = select(func.lower(people.c.email), people.c.id).where(
            people.c.shop_id == shop_id, func.lower(people.c.email).in_(some), people.c.merged_into.is_(None)
        )
        found.update({("email", name): person_id for name, person_id in tx.execute(mine.order_by(people.c.id.desc()))})
    for some in batches(sorted(names["visitor"]), 5_000):
        seen = select(visitors.c.token, visitors.c.person_id).where(
            visitors.c.shop_id == shop_id, visitors.c.token.in_(some)
        )
        found.update({("visitor", name): person_id for name, person_id in tx.execute(seen)})
    here = _there(tx, shop_id, set(found.values()))
    return {name: person_id for name, person_id in found.items() if person_id in here}


def _refuse_emails_not_kept(tx: Tx, shop_id: int, emails: Collection[str]) -> None:
    if emails and "email" not in contact.kept(tx, shop_id):
        raise BeckonError(
            "The rows name people by e-mail address, which Beckon does not keep for your store. Name them by Shopify's "
            "customer number (Customer ID in Shopify's export), or switch e-mail addresses on in Settings first."
        )


def _there(tx: Tx, shop_id: int, person_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in batches(sorted(person_ids), 5_000):
        mine = people.c.shop_id == shop_id, people.c.id.in_(some), people.c.customer_deleted_at.is_(None)
        found.update(tx.execute(select(people.c.id).where(*mine)).scalars())
    return found
