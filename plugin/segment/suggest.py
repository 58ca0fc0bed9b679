"""Values that a shop has among its own: its tags, countries, products… for who writes or clicks a segment together.

The distinct values of millions of rows are found by seeks in an index, from one value to the next, never by reading
them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, ColumnElement, func, not_, or_, select

from plugin.profile import shopper_facts
from plugin.segment.kinds import Kind
from plugin.store.engine import Tx
from plugin.store.tables import (
    answers,
    campaigns,
    collections,
    custom_events,
    lists,
    person_countries,
    person_located,
    person_metafields,
    person_places,
    person_tags,
    product_tags,
    products,
    segments,
    variants,
    visits,
)

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`value` as a query compares it, `label` as people call it."""

    value: str
    label: str
    detail: str = ""


Search: TypeAlias = Callable[[Tx, int, str], list[Suggestion]]


def source_of(kind: Kind, entry: str, parameter: str | None = None) -> str | None:
    """Where the values of a filter, or of a parameter of a function, come from; a key of SOURCES."""
    return _SOURCE_OF.get((entry, parameter)) or _BY_KIND.get(kind.name)


def suggestions(tx: Tx, shop_id: int, source: str, search: str) -> list[Suggestion]:
    """The first few of the shop's values that fit to what was typed. None for a source that there is not."""
    return SOURCES[source].search(tx, shop_id, search.strip()[:200]) if source in SOURCES else []


def named(tx: Tx, shop_id: int, source: str, values: Sequence[str]) -> dict[str, str]:
    """What people call values that stand in a query already; those that nobody has any more are left out."""
    names = SOURCES[source].names if source in SOURCES else None
    if names is None:
        return {}
    ids, label, alive = names
    wanted = [number for value in values if (number := _number(value)) is not None]
    rows = tx.execute(select(ids, label).where(ids.table.c.shop_id == shop_id, ids.in_(wanted), *alive))
    return {str(value): str(called) for value, called in rows}


def metafields(tx: Tx, shop_id: int) -> list[tuple[str, str]]:
    """The paths of the metafields that the shop's customers have, `customer.metafields.custom.level`, with Shopify's
    type of each."""
    of = person_metafields.c
    rows = tx.execute(
        select(of.namespace, of.key, func.min(of.type))
        .where(of.shop_id == shop_id)
        .group_by(of.namespace, of.key)
        .order_by(of.namespace, of.key)
        .limit(200)
    )
    return [(f"customer.metafields.{space}.{key}", type_) for space, key, type_ in rows]


@dataclass(frozen=True, slots=True)
class Source:
    """How values are searched, and where those that are numbers have their names: (id, name, conditions)."""

    search: Search
    names: tuple[Column[int], Column[str], tuple[ColumnElement[bool], ...]] | None = None


def _titled(ids: Column[int], title: Column[str], *details: Column[Any]) -> Source:
    """Things with a number and a title, such as products: found by a part of the title, or by the number."""
    table = ids.table.c

    def search(tx: Tx, shop_id: int, text: str) -> list[Suggestion]:
        number = _number(text)
        by_title = func.lower(title).contains(text.lower(), autoescape=True)
        rows = tx.execute(
            select(ids, title, *details)
            .where(table.shop_id == shop_id, table.deleted_at.is_(None))
            .where(by_title if number is None else or_(by_title, ids == number))
            .order_by(func.lower(title), ids)
            .limit(MOST)
        )
        return [Suggestion(str(row[0]), row[1], " · ".join(filter(None, row[2:]))) for row in rows]

    return Source(search, (ids, title, ()))


def _number(text: str) -> int | None:
    """An id of Shopify's, 64 bits at most."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 2**63
    return found if found < 2**63 else None


def _keys(key: Column[str], label: Column[str], *alive: ColumnElement[bool], most: int = MOST) -> Source:
    """The distinct values of an indexed column (shop_id, key): those that begin with what was typed."""

    def here(shop_id: int) -> tuple[ColumnElement[bool], ...]:
        return (key.table.c.shop_id == shop_id, *alive)

    def search(tx: Tx, shop_id: int, text: str) -> list[Suggestion]:
        begins = text.casefold() if key is not label else text.upper()
        return [Suggestion(one, one) for one in _sought(tx, key, label, here(shop_id), begins, most)]

    return Source(search)


def _sought(
    tx: Tx, key: Column[str], label: Column[str], here: Sequence[ColumnElement[bool]], begins: str, most: int
) -> list[str]:
    """The labels of the first few keys that begin so, one seek for each."""
    found: list[str] = []
    fits = select(func.min(key)).where(*here, key.startswith(begins, autoescape=True))
    last = tx.execute(fits).scalar()
    while last is not None and len(found) < most:
        found.append(tx.execute(select(func.min(label)).where(*here, key == last)).scalar_one())
        last = tx.execute(fits.where(key > last)).scalar()
    return found


def _facts(fact: str) -> Source:
    """What customers said of themselves, and what the metafield tells that the merchant chose."""

    def search(tx: Tx, shop_id: int, text: str) -> list[Suggestion]:
        space, key = shopper_facts.paths(tx, shop_id)[fact]
        told, said = person_metafields.c, answers.c
        field = told.shop_id == shop_id, told.key == key, told.namespace == space
        question = said.shop_id == shop_id, said.question == fact
        found = _sought(tx, told.text, told.text, field, text, MOST)
        found += _sought(tx, said.key, said.answer, question, text.casefold(), MOST)
        return [Suggestion(one, one) for one in sorted(set(found), key=str.casefold)[:MOST]]

    return Source(search)


def _texts(column: Column[str]) -> Source:
    """The distinct texts of a column of a small table: those that have what was typed in them."""
    table = column.table.c

    def search(tx: Tx, shop_id: int, text: str) -> list[Suggestion]:
        rows = tx.execute(
            select(column, func.count())
            .where(table.shop_id == shop_id, column.is_not(None), column != "", table.deleted_at.is_(None))
            .where(func.lower(column).contains(text.lower(), autoescape=True))
            .group_by(column)
            .order_by(func.count().desc(), column)
            .limit(MOST)
        )
        return [Suggestion(value, value, f"{count:,} product{'s' if count != 1 else ''}") for value, count in rows]

    return Source(search)


def _cities(tx: Tx, shop_id: int, text: str) -> list[Suggestion]:
    """As segments write them: `US-NY-NewYorkCity`."""
    of = person_places.c
    rows = tx.execute(
        select(func.coalesce(of.region, of.country), of.city)
        .where(of.shop_id == shop_id, of.city_key.is_not(None))
        .where(func.lower(of.city).startswith(text.lower(), autoescape=True))
        .group_by(func.coalesce(of.region, of.country), of.city)
        .order_by(func.count().desc(), of.city)
        .limit(MOST)
    )
    return [Suggestion(f"{area}-{''.join(city.split())}", city, area) for area, city in rows]


def _named_things(name: Column[str], *alive: ColumnElement[bool]) -> Source:
    """Things of which there are few, by a part of the name."""

    def search(tx: Tx, shop_id: int, text: str) -> list[Suggestion]:
        lower = func.lower(name)
        rows = tx.execute(
            select(name)
            .distinct()
            .where(name.table.c.shop_id == shop_id, name != "", *alive)
            .where(lower.contains(text.lower(), autoescape=True))
            .order_by(name)
            .limit(MOST)
        )
        return [Suggestion(one, one) for one in rows.scalars()]

    return Source(search)


_FACTS: Final = ("gender", "income_band", "profession", "education")

SOURCES: Final[Mapping[str, Source]] = {
    "product": _titled(products.c.product_id, products.c.title, products.c.vendor, products.c.product_type),
    "collection": _titled(collections.c.collection_id, collections.c.title),
    "collection_handle": _named_things(collections.c.handle, collections.c.deleted_at.is_(None)),
    "collection_title": _named_things(collections.c.title, collections.c.deleted_at.is_(None)),
    "vendor": _texts(products.c.vendor),
    "product_type": _texts(products.c.product_type),
    "product_tag": _keys(product_tags.c.key, product_tags.c.tag),
    "customer_tag": _keys(person_tags.c.key, person_tags.c.tag, not_(person_tags.c.removed)),
    "region": _keys(person_places.c.region, person_places.c.region),
    "postcode": _keys(person_places.c.postcode, person_places.c.postcode),
    "city": Source(_cities),
    "segment": _named_things(segments.c.name, segments.c.deleted_at.is_(None)),
    "campaign": _named_things(campaigns.c.name),
    "platform": _named_things(visits.c.platform),
    "browser": _named_things(visits.c.browser),
    "referrer": _named_things(visits.c.referrer),
    "utm_source": _named_things(visits.c.utm_source),
    "utm_medium": _named_things(visits.c.utm_medium),
    "utm_campaign": _named_things(visits.c.utm_campaign),
    "category": _named_things(products.c.category),
    "sku": _named_things(variants.c.sku),
    "located_city": _named_things(person_located.c.city),
    "located_region": _named_things(person_located.c.region),
    "event": _named_things(custom_events.c.name),
    "question": _named_things(answers.c.question),
    "list": _named_things(lists.c.name),
    "answer": _named_things(answers.c.answer),
    **{fact: _facts(fact) for fact in _FACTS},
    "country": _keys(person_countries.c.country, person_countries.c.country, most=300),
}
"""The names are known to static/panel-values.js: the browser calls countries by their names."""

_OF_VISITS = ("platform", "browser", "referrer", "utm_source", "utm_medium", "utm_campaign")
_SOURCE_OF: Final[Mapping[tuple[str, str | None], str]] = {
    ("in_segment", "name"): "segment",
    **{(name, None): name for name in (*_OF_VISITS, *_FACTS)},
    **{("site_visited", name): name for name in _OF_VISITS},
    ("most_viewed_product", None): "product",
    ("favourite_vendor", None): "vendor",
    ("favourite_category", None): "category",
    ("collection_viewed", "id"): "collection",
    ("storefront_event.collection_viewed", "id"): "collection",
    **{
        (function, "id"): "product"
        for function in (
            *("products_purchased", "product_viewed", "storefront_event.product_viewed"),
            *("added_to_cart", "favourited", "cart_updated"),
        )
    },
}
_BY_KIND: Final[Mapping[str, str]] = {
    "tags": "customer_tag",
    "tag": "product_tag",
    "countries": "country",
    "regions": "region",
    "cities": "city",
    "postcodes": "postcode",
    "collection handle": "collection_handle",
    "collection title": "collection_title",
    "vendor": "vendor",
    "product type": "product_type",
    "collection": "collection",
    "campaign": "campaign",
    "category": "category",
    "stock number": "sku",
    "city by name": "located_city",
    "region by name": "located_region",
    "event": "event",
    "question": "question",
    "answer": "answer",
    "list name": "list",
}
"""By a kind's name: values of one kind mean the same wherever they stand."""
