"""What segments ask of the products and collections that somebody bought, looked at or marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, select

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import collection_products, collections, product_tags, products, variants

STEP = " > "
"""Between the steps of a category."""


@dataclass(frozen=True, slots=True)
class Product:
    """`tags` are casefolded, `collections` are Shopify's ids."""

    vendor: str | None = None
    product_type: str | None = None
    category: str | None = None
    """Shopify's taxonomy, whole: Apparel & Accessories > Clothing."""
    tags: frozenset[str] = frozenset()
    collections: frozenset[int] = frozenset()

    @property
    def categories(self) -> frozenset[str]:
        """The category, and all that it lies in."""
        steps = self.category.split(STEP) if self.category else []
        return frozenset(STEP.join(steps[: end + 1]) for end in range(len(steps)))


UNKNOWN = Product()
"""A product that Shopify never told us of, or none at all."""


def products_of(tx: Tx, shop_id: int, product_ids: Collection[int]) -> dict[int, Product]:
    """Product id → what is known of it. Three queries for 5,000 products."""
    found: dict[int, Product] = {}
    for some in batches(sorted(product_ids), 5_000):
        tags: defaultdict[int, set[str]] = defaultdict(set)
        held: defaultdict[int, set[int]] = defaultdict(set)
        kinds: dict[int, tuple[str | None, str | None, str | None]] = {}
        of = product_tags.c
        for product_id, key in tx.execute(
            select(of.product_id, of.key).where(of.shop_id == shop_id, of.product_id.in_(some))
        ):
            tags[product_id].add(key)
        within = collection_products.c
        for product_id, collection_id in tx.execute(
            select(within.product_id, within.collection_id).where(
                within.shop_id == shop_id, within.product_id.in_(some)
            )
        ):
            held[product_id].add(collection_id)
        its = products.c
        for row in tx.execute(
            select(its.product_id, its.vendor, its.product_type, its.category).where(
                its.shop_id == shop_id, its.product_id.in_(some)
            )
        ):
            kinds[row.product_id] = row.vendor, row.product_type, row.category
        found |= {
            one: Product(*kinds.get(one, (None, None, None)), frozenset(tags[one]), frozenset(held[one]))
            for one in some
        }
    return found


def names_of(tx: Tx, shop_id: int, collection_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Collection id → (handle, title), of those that Shopify ever told us of."""
    found: dict[int, tuple[str, str]] = {}
    of = collections.c
    for some in batches(sorted(collection_ids), 1_000):
        rows = tx.execute(
            select(of.collection_id, of.handle, of.title).where(of.shop_id == shop_id, of.collection_id.in_(some))
        )
        found |= {row.collection_id: (row.handle, row.title) for row in rows}
    return found


def skus(tx: Tx, shop_id: int, which: Column[int], ids: Collection[int]) -> Iterator[tuple[int, int, str]]:
    """Product, variant and its stock number, of the variants whose `which` (a column of theirs) is among `ids`."""
    of = variants.c
    for some in batches(sorted(ids), 5_000):
        mine = of.shop_id == shop_id, which.in_(some), of.sku.is_not(None)
        yield from tx.execute(select(of.product_id, of.variant_id, of.sku).where(*mine)).all()
