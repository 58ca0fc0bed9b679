"""Lists that Shopify tells whole: metafields, companies, store credit. A list replaces what was told before it.

Of a person who was several customers one list of each kind counts: the kept customer's own, once told, until then the
newest of the others'. The rest stays written down, overruled, until later news says otherwise: see `families`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select

from plugin.ingest.events import Credit, CustomerChanged, CustomerPartsFound
from plugin.ingest.metafields import Metafield
from plugin.store.engine import Tx
from plugin.store.tables import person_companies, person_metafields, store_credits
from plugin.store.upsert import insert_new

from . import shop_clock, versions
from .identity import Source
from .news import NEVER

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WholeList:
    """`version` is a column of people; `rows` gives what one thing of the list becomes."""

    table: Table
    version: str
    of: Callable[[CustomerChanged], Sequence[Any] | None]
    rows: Callable[[Any, ZoneInfo], Iterable[Row]]


def write(tx: Tx, shop_id: int, changed: Sequence[CustomerChanged], source: dict[int, Source]) -> None:
    """The newest list of each kind and customer."""
    for kind in LISTS:
        fresh = versions.replacing(
            tx,
            changed,
            source,
            tables=(kind.table,),
            version=kind.version,
            says=lambda event, of=kind.of: of(event) is not None,  # type: ignore[misc]
        )
        told = [(source[event.customer_id], kind.of(event) or (), event.updated_at) for event in fresh]
        _insert(tx, shop_id, kind, told)


def add(tx: Tx, shop_id: int, found: Sequence[CustomerPartsFound], source: dict[int, Source]) -> None:
    """What the history told apart from its customer."""
    for kind, parts in ((_METAFIELDS, "metafields"), (_CREDITS, "credits")):
        told = [(source[event.customer_id], getattr(event, parts), NEVER) for event in found]
        _insert(tx, shop_id, kind, told)


def reckon_dates(tx: Tx, shop_id: int) -> None:
    """The shop has moved to another zone: noon is at another time."""
    zone, of = shop_clock.zone(tx, shop_id), person_metafields.c
    days = of.shop_id == shop_id, of.type.in_(("date", "list.date")), of.at.is_not(None)
    told = tx.execute(select(of.text).distinct().where(*days)).scalars()
    dates = [{"day": day, "noon": shop_clock.noon(date.fromisoformat(day), zone)} for day in told]
    anew = person_metafields.update().where(*days, of.text == bindparam("day"))
    if dates:
        tx.execute(anew.values(at=bindparam("noon")), dates)


def _insert(tx: Tx, shop_id: int, kind: WholeList, told: Sequence[tuple[Source, Sequence[Any], datetime]]) -> None:
    if not any(things for _, things, _ in told):
        return
    zone = shop_clock.zone(tx, shop_id)
    rows = [
        {"shop_id": shop_id, "person_id": of.person_id, "source_id": of.id, "changed_at": at} | row
        for of, things, at in told
        for thing in things
        for row in kind.rows(thing, zone)
    ]
    insert_new(tx, kind.table, rows)


def _metafield(field: Metafield, zone: ZoneInfo) -> Iterable[Row]:
    at = field.at if field.day is None else shop_clock.noon(field.day, zone)
    named = {"namespace": field.namespace, "key": field.key, "type": field.type}
    meant = {"number": field.number, "truth": field.truth, "at": at}
    nothing = dict.fromkeys(meant)
    return (
        named | (nothing if place else meant) | {"text": text, "position": place}
        for place, text in enumerate(field.texts)
    )


def _company(company_id: int, _: ZoneInfo) -> Iterable[Row]:
    yield {"company_id": company_id}


def _credit(credit: Credit, _: ZoneInfo) -> Iterable[Row]:
    yield {"account_id": credit.account_id, "currency": credit.currency, "balance": credit.balance}


_METAFIELDS = WholeList(person_metafields, "metafields_at", lambda event: event.metafields, _metafield)
_CREDITS = WholeList(store_credits, "credits_at", lambda event: event.credits, _credit)
LISTS: Final = (
    _METAFIELDS,
    _CREDITS,
    WholeList(person_companies, "companies_at", lambda event: event.companies, _company),
)
