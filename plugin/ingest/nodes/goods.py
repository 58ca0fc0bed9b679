"""Products and collections, as the Admin API tells them."""

from __future__ import annotations

from datetime import datetime

from plugin.ingest.events import CollectionChanged, MembersFound, ProductChanged, Variant, VariantsFound
from plugin.ingest.payload import Part, web_address

from .source import Source, parent_id, version


def product(part: Part, children: list[Part], source: Source) -> ProductChanged:
    """A product with its variants, its children."""
    media = part.part_if_any("featuredMedia")
    preview = media.part_if_any("preview") if media else None
    image = preview.part_if_any("image") if preview else None
    category = part.part_if_any("category")
    return ProductChanged(
        product_id=part.id("id"),
        title=part.text("title"),
        handle=part.text("handle"),
        image_url=web_address(image, "url"),
        vendor=part.text_if_any("vendor"),
        product_type=part.text_if_any("productType"),
        status=part.text("status", 20).lower(),
        tags=part.texts("tags"),
        variants=tuple(_variant(child, source.currency) for child in children),
        updated_at=version(part, source.asked_at),
        category=category.text_if_any("fullName", 1_000) if category else None,
    )


def more_of_product(children: list[Part], source: Source) -> VariantsFound:
    """Variants that came apart from their product."""
    variants = tuple(_variant(child, source.currency) for child in children)
    return VariantsFound(product_id=parent_id(children), variants=variants)


def _variant(part: Part, shop_currency: str) -> Variant:
    item = part.part_if_any("inventoryItem")
    tracked = item.value.get("tracked") is not False if item and item.has("tracked") else None
    return Variant(
        variant_id=part.id("id"),
        title=part.text("title"),
        sku=part.text_if_any("sku"),
        price=part.money("price", shop_currency),
        inventory=None if tracked is False else part.count_if_any("inventoryQuantity"),
        tracked=tracked,
        inventory_item_id=item.id_if_any("id") if item else None,
        inventory_policy=(part.text_if_any("inventoryPolicy", 20) or "").lower() or None,
    )


def collection(part: Part, children: list[Part], source: Source) -> CollectionChanged:
    """A collection with its products, its children."""
    return collection_with(part, tuple(child.id("id") for child in children), source.asked_at)


def collection_with(told: Part, product_ids: tuple[int, ...], read_at: datetime) -> CollectionChanged:
    """A collection with what was in it at `read_at` or later."""
    return CollectionChanged(
        collection_id=told.id("id"),
        title=told.text("title"),
        handle=told.text("handle"),
        updated_at=version(told, read_at),
        product_ids=product_ids,
        read_at=read_at,
    )


def more_of_collection(children: list[Part], source: Source) -> MembersFound:
    """Products that came apart from their collection."""
    product_ids = tuple(child.id("id") for child in children)
    return MembersFound(parent_id(children), product_ids, read_at=source.asked_at)
