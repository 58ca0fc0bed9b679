"""What Shopify told of people, for `Profile`: where their addresses are, metafields, store credit, companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select

from plugin.store.engine import Tx
from plugin.store.tables import person_companies, person_metafields, person_places, store_credits


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an address is."""

    country: str
    region: str | None = None
    city_key: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A store credit account; `balance` in the smallest units of the shop's currency."""

    account_id: int
    currency: str
    balance: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Field:
    """A metafield: `texts` as written, one unless it is a list, in their order; the rest of the first of them."""

    texts: tuple[str, ...]
    number: float | None = None
    truth: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer stands with the shop; None: Shopify says nothing, or may not."""

    account_status: str | None = None
    language: str | None = None
    email_domain: str | None = None
    subscriber_status: str | None = None
    spend_tier: str | None = None
    rfm_group: str | None = None
    abandoned_checkout_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    spots: tuple[Spot, ...] = ()
    credits: tuple[Credit, ...] = ()
    companies: frozenset[int] = frozenset()
    metafields: Mapping[tuple[str, str], Field] = field(default_factory=dict)


def standing(row: Row[*tuple[Any, ...]]) -> Standing:
    """Of a row of people."""
    return Standing(
        row.account_status,
        row.language,
        row.email_domain,
        row.subscriber_status,
        row.spend_tier,
        row.shopify_rfm_group,
        row.abandoned_checkout_at,
    )


def load(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, Told]:
    """Four queries."""
    spots, credits_, companies = (_rows(tx, table, shop_id, ids) for table in _SIMPLE)
    fields = _fields(tx, shop_id, ids)
    found: defaultdict[int, Told] = defaultdict(Told)
    for person_id in {*spots, *credits_, *companies, *fields}:
        found[person_id] = Told(
            spots=tuple(map(_spot, spots[person_id])),
            credits=tuple(map(_credit, credits_[person_id])),
            companies=frozenset(row.company_id for row in companies[person_id]),
            metafields=fields[person_id],
        )
    return found


_SIMPLE: tuple[Table, ...] = (person_places, store_credits, person_companies)


def _rows(tx: Tx, table: Table, shop_id: int, ids: list[int]) -> defaultdict[int, list[Row[*tuple[Any, ...]]]]:
    counts = [~table.c.overruled] if "overruled" in table.c else []
    found: defaultdict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in tx.execute(select(table).where(table.c.shop_id == shop_id, table.c.person_id.in_(ids), *counts)):
        found[row.person_id].append(row)
    return found


def _fields(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, dict[tuple[str, str], Field]]:
    found: defaultdict[int, dict[tuple[str, str], Field]] = defaultdict(dict)
    for person_id, rows in _rows(tx, person_metafields, shop_id, ids).items():
        for row in sorted(rows, key=lambda row: row.position):
            name = row.namespace, row.key
            first = found[person_id].get(name)
            found[person_id][name] = (
                replace(first, texts=(*first.texts, row.text))
                if first
                else Field((row.text,), row.number, row.truth, row.at)
            )
    return found


def _credit(row: Row[*tuple[Any, ...]]) -> Credit:
    return Credit(row.account_id, row.currency, row.balance, row.changed_at)


def _spot(row: Row[*tuple[Any, ...]]) -> Spot:
    return Spot(row.country, row.region, row.city_key, row.postcode)
