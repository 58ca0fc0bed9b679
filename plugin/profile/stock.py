"""Stock of variants: news of it from products, locations and the storefront, and what they come to (stock_sum.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from plugin.ingest.events import Event, LevelChanged, ProductChanged, StockTurned, Variant, VariantsFound
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import inventory_levels, stock, variants
from plugin.store.upsert import insert_new, upsert

from .news import NEVER, of_kind
from .stock_sum import Level, Stock, Told, needed, reckon

_TOLD = tuple(Told.__slots__)


def apply(tx: Tx, shop_id: int, events: Sequence[Event]) -> set[int]:
    """After the products. Gives the ids of products of which a variant's stock is different now."""
    news = _news(events)
    levels = _levels(events)
    if not news and not levels:
        return set()
    held = _held(tx, shop_id, news, levels)
    now = {variant_id: _merged(held.get(variant_id, Told()), told) for variant_id, told in news.items()}
    changed = {variant_id: told for variant_id, told in now.items() if told != held.get(variant_id)}
    rows = [{"shop_id": shop_id, "variant_id": variant_id, **asdict(told)} for variant_id, told in changed.items()]
    upsert(tx, stock, rows, key=("shop_id", "variant_id"))
    told_of = held | now
    located = _keep_levels(tx, shop_id, levels, told_of)
    return _write(tx, shop_id, told_of, located)


def _news(events: Sequence[Event]) -> dict[int, list[Told]]:
    """Variant id → what each event says of its stock."""
    found: defaultdict[int, list[Told]] = defaultdict(list)
    for product in of_kind(events, ProductChanged):
        for variant in product.variants:
            found[variant.variant_id].append(_of_product(variant, product.updated_at))
    for more in of_kind(events, VariantsFound):
        for variant in more.variants:
            found[variant.variant_id].append(_of_product(variant, NEVER))
    for turned in of_kind(events, StockTurned):
        found[turned.variant_id].append(_of_turn(turned))
    return dict(found)


def _of_product(variant: Variant, at: datetime) -> Told:
    return Told(
        quantity=variant.inventory,
        quantity_at=at if variant.inventory is not None else None,
        tracked=variant.tracked,
        tracked_at=at if variant.tracked is not None else None,
        inventory_item_id=variant.inventory_item_id,
    )


def _of_turn(turned: StockTurned) -> Told:
    return Told(
        quantity=turned.inventory,
        quantity_at=turned.at if turned.inventory is not None else None,
        in_stock_at=turned.at if turned.in_stock else None,
        out_of_stock_at=None if turned.in_stock else turned.at,
    )


def _levels(events: Sequence[Event]) -> dict[int, list[Level]]:
    """Inventory item id → what was told of its places."""
    found: defaultdict[int, list[Level]] = defaultdict(list)
    for level in of_kind(events, LevelChanged):
        found[level.inventory_item_id].append(Level(level.location_id, level.available, level.updated_at))
    return dict(found)


def _held(tx: Tx, shop_id: int, variant_ids: Collection[int], item_ids: Collection[int]) -> dict[int, Told]:
    """What we knew of these variants, and of those whose levels are told."""
    found: dict[int, Told] = {}
    columns = [stock.c.variant_id, *(stock.c[name] for name in _TOLD)]
    for column, wanted in ((stock.c.variant_id, variant_ids), (stock.c.inventory_item_id, item_ids)):
        for some in batches(wanted, 1_000):
            query = select(*columns).where(stock.c.shop_id == shop_id, column.in_(some))
            found.update((row[0], Told(*row[1:])) for row in tx.execute(query))
    return found


def _merged(before: Told, news: Iterable[Told]) -> Told:
    """Of each kind of news the newest; of two at the same instant the later told."""
    for told in news:
        if told.quantity_at and told.quantity_at >= (before.quantity_at or NEVER):
            before = replace(before, quantity=told.quantity, quantity_at=told.quantity_at)
        if told.tracked_at and told.tracked_at >= (before.tracked_at or NEVER):
            before = replace(before, tracked=told.tracked, tracked_at=told.tracked_at)
        before = replace(
            before,
            in_stock_at=_later(before.in_stock_at, told.in_stock_at),
            out_of_stock_at=_later(before.out_of_stock_at, told.out_of_stock_at),
            inventory_item_id=told.inventory_item_id or before.inventory_item_id,
        )
    return before


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other


def _keep_levels(
    tx: Tx, shop_id: int, told: Mapping[int, list[Level]], variants_told: Mapping[int, Told]
) -> dict[int, list[Level]]:
    """Adds levels and lets those go that cannot matter any more; gives those that stay, by inventory item."""
    until = {told.inventory_item_id: told.quantity_at for told in variants_told.values() if told.inventory_item_id}
    located = _held_levels(tx, shop_id, {*told, *until})
    for item_id in {*told, *located}:
        had = located.get(item_id, [])
        places = {(level.location_id, level.at): level for level in [*had, *told.get(item_id, [])]}
        located[item_id] = stay = needed(places.values(), until.get(item_id))
        _remove(tx, shop_id, item_id, set(had) - set(stay))
        fresh = set(stay) - set(had)
        insert_new(tx, inventory_levels, [_level_row(shop_id, item_id, level) for level in fresh])
    return located


def _held_levels(tx: Tx, shop_id: int, item_ids: Collection[int]) -> dict[int, list[Level]]:
    found: defaultdict[int, list[Level]] = defaultdict(list)
    table = inventory_levels.c
    for some in batches(item_ids, 1_000):
        query = select(table.inventory_item_id, table.location_id, table.available, table.updated_at)
        for item_id, *level in tx.execute(query.where(table.shop_id == shop_id, table.inventory_item_id.in_(some))):
            found[item_id].append(Level(*level))
    return dict(found)


def _level_row(shop_id: int, item_id: int, level: Level) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "inventory_item_id": item_id,
        "location_id": level.location_id,
        "available": level.available,
        "updated_at": level.at,
    }


def _remove(tx: Tx, shop_id: int, item_id: int, levels: Iterable[Level]) -> None:
    table = inventory_levels.c
    for level in levels:
        mine = [table.shop_id == shop_id, table.inventory_item_id == item_id, table.location_id == level.location_id]
        tx.execute(inventory_levels.delete().where(*mine, table.updated_at == level.at))


def _write(tx: Tx, shop_id: int, told_of: Mapping[int, Told], located: Mapping[int, list[Level]]) -> set[int]:
    """What it comes to, into the rows of those variants that we hold."""
    touched: set[int] = set()
    updates: list[dict[str, Any]] = []
    table = variants.c
    columns = (table.variant_id, table.product_id, table.inventory_policy)
    derived = (table.inventory, table.in_stock, table.stock_since)
    for some in batches(told_of, 1_000):
        query = select(*columns, *derived).where(table.shop_id == shop_id, table.variant_id.in_(some))
        for variant_id, product_id, policy, *before in tx.execute(query):
            told = told_of[variant_id]
            levels = located.get(told.inventory_item_id or 0, [])
            after = reckon(told, levels, sold_without=policy == "continue")
            if after != Stock(*before):
                touched.add(product_id)
                updates.append({"of": variant_id, **asdict(after)})
    if updates:
        tx.execute(_UPDATE.where(variants.c.shop_id == shop_id), updates)
    return touched


_UPDATE = (
    variants.update()
    .where(variants.c.variant_id == bindparam("of"))
    .values(inventory=bindparam("inventory"), in_stock=bindparam("in_stock"), stock_since=bindparam("since"))
)
