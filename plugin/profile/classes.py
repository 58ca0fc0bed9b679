"""What segments ask of products rather than of people: tags, vendor, type, category, collections.

Whoever bought or saw a product, or has it in a cart, may belong elsewhere when one of these changes, and only then:
news of a product comes with every piece that is sold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping

from sqlalchemy import Select, exists, select, union

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import (
    cart_lines,
    carts,
    collection_products,
    order_lines,
    people,
    views,
)

from .load_behaviour import still_full

Classes = Mapping[int, Hashable]
"""Product → what it is, to be compared."""


def of_collections(tx: Tx, shop_id: int, collection_ids: Collection[int]) -> Classes:
    """Of every product in these collections, which of them it is in."""
    found: dict[int, set[int]] = defaultdict(set)
    for some in batches(sorted(collection_ids), 1_000):
        mine = collection_products.c.shop_id == shop_id, collection_products.c.collection_id.in_(some)
        rows = select(collection_products.c.product_id, collection_products.c.collection_id).where(*mine)
        for row in tx.execute(rows):
            found[row.product_id].add(row.collection_id)
    return {product_id: frozenset(told) for product_id, told in found.items()}


def differing(before: Classes, after: Classes) -> set[int]:
    """Products that are not what they were."""
    return {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}


def concerned(shop_id: int, product_ids: Collection[int]) -> Select[tuple[int]]:
    """The people who bought or saw one of these products, or have it in a cart."""
    ids = sorted(product_ids)
    bought = select(order_lines.c.person_id).where(
        order_lines.c.shop_id == shop_id, order_lines.c.product_id.in_(ids), order_lines.c.person_id.is_not(None)
    )
    seen = select(views.c.person_id).where(views.c.shop_id == shop_id, views.c.product_id.in_(ids))
    held = (
        select(carts.c.person_id)
        .join(cart_lines, cart_lines.c.cart_id == carts.c.id)
        .where(cart_lines.c.shop_id == shop_id, cart_lines.c.product_id.in_(ids))
        .where(carts.c.person_id.is_not(None), still_full())
    )
    who = union(bought, seen, held).subquery()
    return select(people.c.id).where(exists().where(who.c.person_id == people.c.id))


def lookers(shop_id: int, collection_ids: Collection[int]) -> Select[tuple[int]]:
    """The people who looked at one of these collections."""
    of = views.c
    seen = of.shop_id == shop_id, of.kind == "collection_viewed", of.collection_id.in_(sorted(collection_ids))
    return select(people.c.id).where(people.c.id.in_(select(of.person_id).where(*seen)))
