"""Products, variants and their pictures. A product has one variant, so both are read from one row."""

from __future__ import annotations

import sqlite3

from sandbox import shelves, shop
from sandbox.categories import CATEGORIES
from sandbox.history.codes import variant_id
from sandbox.money import pounds
from sandbox.shop import gid
from sandbox.world import World

from .reading import Fields, always, column, global_id, listed


def picture(world: World, product: sqlite3.Row) -> str:
    """Where the product's picture is."""
    return f"{world.settings.url}/pictures/{product['handle']}.svg"


PRODUCT: Fields = {
    "id": global_id("Product"),
    "legacyResourceId": lambda _, row: str(row["id"]),
    "title": column("title"),
    "handle": column("handle"),
    "status": always("ACTIVE"),
    "vendor": always(shop.NAME),
    "productType": column("kind"),
    "category": lambda _, row: CATEGORIES.get(row["kind"]),
    "tags": listed("tags"),
    "totalInventory": column("stock"),
    "onlineStoreUrl": lambda world, row: f"{world.settings.url}/products/{row['handle']}",
    "createdAt": column("created_at"),
    "updatedAt": column("updated_at"),
    "publishedAt": column("created_at"),
    "featuredMedia": lambda _, row: row,
    "variants": lambda _, row: (row,),
}
CATEGORY: Fields = {
    "id": lambda _, name: gid("TaxonomyCategory", 1 + list(CATEGORIES.values()).index(name)),
    "name": lambda _, name: name.rpartition(" > ")[2],
    "fullName": lambda _, name: name,
}
COLLECTION: Fields = {
    "id": global_id("Collection"),
    "legacyResourceId": lambda _, row: str(row["id"]),
    "title": column("title"),
    "handle": column("handle"),
    "updatedAt": column("updated_at"),
    "products": lambda world, row: shelves.members(world.db, row),
}
MEDIA: Fields = {
    "id": global_id("MediaImage"),
    "alt": column("title"),
    "preview": lambda _, row: row,
    "image": lambda _, row: row,
}
PREVIEW: Fields = {"image": lambda _, row: row}
IMAGE: Fields = {
    "id": global_id("ImageSource"),
    "url": picture,
    "altText": column("title"),
    "width": always(800),
    "height": always(800),
}
VARIANT: Fields = {
    "id": lambda _, row: gid("ProductVariant", variant_id(row["id"])),
    "legacyResourceId": lambda _, row: str(variant_id(row["id"])),
    "title": always("Default Title"),
    "displayName": lambda _, row: f"{row['title']} - Default Title",
    "sku": column("code"),
    "price": lambda _, row: pounds(row["price"]),
    "compareAtPrice": always(None),
    "position": always(1),
    "inventoryQuantity": column("stock"),
    "inventoryPolicy": always("DENY"),
    "inventoryItem": lambda _, row: row,
    "availableForSale": lambda _, row: row["stock"] > 0,
    "createdAt": column("created_at"),
    "updatedAt": column("updated_at"),
    "product": lambda _, row: row,
}
INVENTORY_ITEM: Fields = {"id": global_id("InventoryItem"), "tracked": always(value=True), "sku": column("code")}
