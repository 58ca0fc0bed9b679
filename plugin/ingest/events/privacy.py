"""What the law lets people ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DataRequested:
    """customers/data_request: a customer wants to know what is held of them. `reference`: Shopify's number of it."""

    customer_id: int
    order_ids: tuple[int, ...]
    reference: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerRedacted:
    """customers/redact: the law asks us to forget this customer and these orders. `addresses`: e-mail, telephone."""

    customer_id: int
    order_ids: tuple[int, ...]
    addresses: tuple[str, ...]
    reference: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ShopRedacted:
    """shop/redact: the law asks us to forget the shop, 48 hours after it left."""

    reference: str
    asked_at: datetime
