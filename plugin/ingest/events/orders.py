"""Orders, what was given back for them, and their parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugin.ingest.places import Place


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order or a cart; `product_id` None for a custom line."""

    product_id: int | None
    variant_id: int | None
    title: str
    quantity: int
    price: int
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back: known again by its id, whoever tells of it."""

    refund_id: int
    amount: int
    at: datetime | None = None
    """When the money went back; None where the payload does not say."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What made an order cheaper. `kind`: code, automatic, manual. `code` as the customer wrote it, or the automatic
    one's title; empty for a manual one, whose title is free text."""

    kind: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """orders/create, paid, updated, cancelled…, and an order of the history: its whole state at `updated_at`."""

    order_id: int
    name: str
    customer_id: int | None
    placed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    currency: str
    total: int
    refunds: tuple[Refund, ...]
    test: bool
    lines: tuple[Line, ...]
    cart_token: str | None = None
    checkout_token: str | None = None
    app_id: int | None = None
    location_id: int | None = None
    countries: tuple[str, ...] = ()
    """Of its addresses; they become the customer's."""
    places: tuple[Place, ...] = ()
    source_name: str | None = None
    """The channel: web, pos, shopify_draft_order, or an app's name or number."""
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """refunds/create: only part of an order's state; `refund_id` makes it countable once."""

    order_id: int
    refund_id: int
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LinesFound:
    """Further lines and discounts of an order of the history, which came apart from it."""

    order_id: int
    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderDeleted:
    order_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FulfillmentChanged:
    """fulfillments/create, fulfillments/update, and each shipment that an order names."""

    fulfillment_id: int
    order_id: int
    status: str | None
    shipment_status: str | None
    tracking_company: str | None
    tracking_number: str | None
    tracking_url: str | None
    created_at: datetime | None
    updated_at: datetime
