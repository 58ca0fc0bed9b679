"""Carts and checkouts, and who was seen with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .orders import Line


@dataclass(frozen=True, slots=True)
class CartChanged:
    """carts/create, carts/update: lines and a token, no person (Shopify sends none)."""

    token: str
    lines: tuple[Line, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutChanged:
    """checkouts/create, checkouts/update, and an abandoned checkout of the history, which names no cart."""

    token: str
    cart_token: str | None
    customer_id: int | None
    lines: tuple[Line, ...]
    recovery_url: str | None
    updated_at: datetime
    completed_at: datetime | None
    total: int | None = None
    """Of its lines; None where they are told themselves."""
    started_at: datetime | None = None
    """None where it is not told."""


@dataclass(frozen=True, slots=True)
class CheckoutDeleted:
    """checkouts/delete: its recovery link leads nowhere any more. Shopify names it by its cart alone."""

    cart_token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CartSeen:
    """The storefront script: this visitor has this cart. Ties a cart, which names nobody, to a person."""

    visitor: str
    cart_token: str
    at: datetime


def normal_cart_token(token: str) -> str:
    """A cart's token without the `?key=…` that `/cart.js` appends (whether webhooks carry it is not documented)."""
    return token.partition("?")[0]
