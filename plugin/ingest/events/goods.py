"""Products, their stock, collections and discounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Variant:
    variant_id: int
    title: str
    sku: str | None
    price: int
    inventory: int | None
    """Pieces at all locations together; None where nobody counts them, or the payload does not say."""
    tracked: bool | None = None
    """Whether the pieces are counted at all; None where the payload does not say."""
    inventory_item_id: int | None = None
    inventory_policy: str | None = None
    """`continue` sells on without stock, `deny` does not."""


@dataclass(frozen=True, slots=True)
class ProductChanged:
    product_id: int
    title: str
    handle: str
    image_url: str | None
    vendor: str | None
    product_type: str | None
    status: str
    tags: tuple[str, ...]
    variants: tuple[Variant, ...]
    updated_at: datetime
    category: str | None = None
    """Shopify's taxonomy, whole: "Apparel & Accessories > Clothing"."""


@dataclass(frozen=True, slots=True)
class VariantsFound:
    """Further variants of a product of the history, which came apart from it."""

    product_id: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class ProductDeleted:
    product_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StockTurned:
    """variants/in_stock and variants/out_of_stock: what the storefront sells, or no longer sells, from now on."""

    variant_id: int
    in_stock: bool
    inventory: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """inventory_levels/update: pieces at one location; `available` None where nobody counts them."""

    inventory_item_id: int
    location_id: int
    available: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DiscountChanged:
    """discounts/create, discounts/update. `discount_id` is Shopify's gid: codes and automatic ones count apart."""

    discount_id: str
    title: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DiscountDeleted:
    discount_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RedeemCodeChanged:
    """discounts/redeemcode_added and discounts/redeemcode_removed: one code of a discount."""

    discount_id: str
    code_id: str
    code: str
    removed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CollectionChanged:
    """collections/create, collections/update, and a collection as the Admin API tells it.

    Webhooks do not tell its products: `product_ids` None. Where they were read, `read_at` is the instant before that.
    """

    collection_id: int
    title: str
    handle: str
    updated_at: datetime
    product_ids: tuple[int, ...] | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MembersFound:
    """Further products of a collection of the history, which came apart from it."""

    collection_id: int
    product_ids: tuple[int, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class CollectionDeleted:
    collection_id: int
    at: datetime
