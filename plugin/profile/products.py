"""Products with their tags and variants, each as its newest news told it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from plugin.ingest.events import Event, ProductChanged, ProductDeleted, Variant, VariantsFound
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import product_tags, products, variants
from plugin.store.upsert import insert_new, upsert

from . import classes
from .load_products import products_of, skus
from .news import NEVER, newest, of_kind


def apply(tx: Tx, shop_id: int, events: Sequence[Event]) -> tuple[tuple[int, ...], set[int]]:
    """Gives the ids of the products that changed, and of those of which segments ask what changed."""
    told = newest(of_kind(events, ProductChanged), lambda event: event.product_id, lambda event: event.updated_at)
    deleted = of_kind(events, ProductDeleted)
    versions = _versions(tx, shop_id, told)
    fresh = [event for event in told.values() if versions.get(event.product_id, NEVER) <= event.updated_at]
    found = of_kind(events, VariantsFound)
    ids = {event.product_id for event in fresh} | {event.product_id for event in found}
    were, numbered = products_of(tx, shop_id, ids), _skus(tx, shop_id, ids)
    _write(tx, shop_id, fresh)
    for more in found:
        insert_new(tx, variants, _variant_rows(shop_id, more.product_id, more.variants))
    others = classes.differing(were, products_of(tx, shop_id, ids))
    others |= classes.differing(numbered, _skus(tx, shop_id, ids))
    for gone in deleted:
        _delete(tx, shop_id, gone)
    changed = {event.product_id for event in fresh} | {event.product_id for event in deleted}
    return tuple(sorted(changed)), others


def _skus(tx: Tx, shop_id: int, product_ids: Collection[int]) -> dict[int, frozenset[tuple[int, str]]]:
    """The stock numbers of these products' variants."""
    found: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for product_id, variant_id, sku in skus(tx, shop_id, variants.c.product_id, product_ids):
        found[product_id].add((variant_id, sku))
    return {product_id: frozenset(some) for product_id, some in found.items()}


def _versions(tx: Tx, shop_id: int, product_ids: Collection[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in batches(product_ids, 1_000):
        query = select(products.c.product_id, products.c.updated_at)
        query = query.where(products.c.shop_id == shop_id, products.c.product_id.in_(some))
        found.update(tx.execute(query).all())
    return found


def _write(tx: Tx, shop_id: int, fresh: Sequence[ProductChanged]) -> None:
    upsert(tx, products, [_row(shop_id, event) for event in fresh], key=("shop_id", "product_id"), newer="updated_at")
    for some in batches((event.product_id for event in fresh), 1_000):
        for table in (product_tags, variants):  # what a variant's stock came to is in `stock`, and reckoned anew
            tx.execute(table.delete().where(table.c.shop_id == shop_id, table.c.product_id.in_(some)))
    tags = {(event.product_id, tag.casefold()): tag for event in fresh for tag in event.tags}
    rows = [{"shop_id": shop_id, "product_id": of, "tag": tag, "key": key} for (of, key), tag in tags.items()]
    insert_new(tx, product_tags, rows)
    all_variants = {
        row["variant_id"]: row for event in fresh for row in _variant_rows(shop_id, event.product_id, event.variants)
    }
    upsert(tx, variants, list(all_variants.values()), key=("shop_id", "variant_id"))


def _row(shop_id: int, event: ProductChanged) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "product_id": event.product_id,
        "title": event.title,
        "handle": event.handle,
        "image_url": event.image_url,
        "vendor": event.vendor,
        "product_type": event.product_type,
        "category": event.category,
        "status": event.status,
        "updated_at": event.updated_at,
    }


def _variant_rows(shop_id: int, product_id: int, some: Iterable[Variant]) -> list[dict[str, Any]]:
    return [
        {
            "shop_id": shop_id,
            "variant_id": variant.variant_id,
            "product_id": product_id,
            "title": variant.title,
            "sku": variant.sku,
            "price": variant.price,
            "inventory": variant.inventory,
            "inventory_policy": variant.inventory_policy,
            "in_stock": variant.inventory is None or variant.inventory > 0 or variant.inventory_policy == "continue",
        }
        for variant in some
    ]


def _delete(tx: Tx, shop_id: int, gone: ProductDeleted) -> None:
    """Orders still name it, so it stays, marked; one that we never saw is marked too, against late news."""
    unknown = {
        "shop_id": shop_id,
        "product_id": gone.product_id,
        "title": "",
        "handle": "",
        "status": "archived",
        "updated_at": NEVER,
    }
    insert_new(tx, products, [unknown])
    tx.execute(
        products.update()
        .where(products.c.shop_id == shop_id, products.c.product_id == gone.product_id)
        .values(deleted_at=func.coalesce(products.c.deleted_at, gone.at))
    )
