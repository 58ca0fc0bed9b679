"""The shop itself: its settings, its theme, its plan, its own segments, and its leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShopifySegmentChanged:
    """segments/create, segments/update: a segment of the store's own, in Shopify's language."""

    segment_id: int
    name: str
    query: str
    created_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ShopifySegmentDeleted:
    segment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ThemePublished:
    """themes/publish: another theme is the storefront now, in which the bell may not be switched on."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShopChanged:
    """shop/update, and the shop as the Admin API tells it. `timezone` None: it was not told."""

    name: str
    currency: str
    timezone: str | None
    storefront_url: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Uninstalled:
    at: datetime


@dataclass(frozen=True, slots=True)
class ScopesChanged:
    scopes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class BulkFinished:
    """bulk_operations/finish: a part of the history can be read."""

    operation_id: str


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """app_subscriptions/update: which plan the shop has now, we ask Shopify."""

    subscription_gid: str
