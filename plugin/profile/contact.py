"""Level 2 of protected customer data: name, e-mail, phone, address. Absent unless the merchant switched the field on.

What is off is not put into events, is not written, and is erased the moment it is switched off. Everything that reads
or writes the switches holds the shop, so no late batch writes what was just erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select

from plugin.base.errors import NotFound
from plugin.ingest.events import CustomerChanged
from plugin.store.engine import Tx
from plugin.store.tables import people, shops

from . import identity, places, standing
from .identity import Source
from .news import newest

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("first_name", "last_name"),
    "email": ("email", "email_domain"),
    "phone": ("phone",),
    "address": (),
}
"""Field, as the merchant switches it (`shops.keeps_…`) → its columns of `people`; `…_at` is its version.
An address has none there: it is a place, finer than a region (places.py)."""


def kept(tx: Tx, shop_id: int) -> frozenset[str]:
    """The fields that the merchant switched on."""
    row = tx.execute(select(*(shops.c[f"keeps_{field}"] for field in FIELDS)).where(shops.c.id == shop_id)).one()
    return frozenset(field for field, on in zip(FIELDS, row, strict=True) if on)


def switch(tx: Tx, shop_id: int, field: str, *, on: bool) -> bool:
    """Switches a field; off erases it of everybody, at once. True when it was the other way. Raises NotFound."""
    if field not in FIELDS:
        raise NotFound(f"There is no field {field} to switch.")
    identity.hold(tx, shop_id)
    column = shops.c[f"keeps_{field}"]
    turned = shops.update().where(shops.c.id == shop_id, column.is_not(on)).values({column: on})
    changed = tx.execute(turned.returning(shops.c.id)).scalar() is not None
    if not on and field == "address":
        places.erase_fine(tx, shop_id)
    elif not on:
        nothing: dict[str, None] = dict.fromkeys((*FIELDS[field], f"{field}_at"))
        tx.execute(people.update().where(people.c.shop_id == shop_id).values(**nothing))
    return changed


def write(tx: Tx, shop_id: int, changed: Sequence[CustomerChanged], source: dict[int, Source]) -> None:
    """Each field as told last. Read anew what is on: the event may be from before a field was switched off."""
    telling = [event for event in changed if event.contact is not None]
    for field in kept(tx, shop_id) - {"address"} if telling else ():
        saying = [event for event in telling if event.contact and field in event.contact.says]
        latest = newest(saying, lambda event: event.customer_id, lambda event: event.updated_at).values()
        rows = [
            {"of": source[event.customer_id].id, "at": event.updated_at}
            | {f"new_{column}": getattr(event.contact, column) for column in FIELDS[field]}
            for event in latest
        ]
        standing.update_newer(tx, f"{field}_at", {column: f"new_{column}" for column in FIELDS[field]}, rows)
