"""discounts/*: what a discount is called and whether it runs, and the codes that belong to it.

Shapes: Shopify's samples of the webhook reference of API version 2026-07. Neither its value nor its days are told;
`starts_at` and `ends_at` are read in case a later version tells them.
"""

from __future__ import annotations

from plugin.ingest.events import DiscountChanged, DiscountDeleted, Event, RedeemCodeChanged
from plugin.ingest.payload import Part

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """discounts/create, discounts/update."""
    return [
        DiscountChanged(
            discount_id=_discount(payload),
            title=payload.text_if_any("title") or "",
            status=(payload.text_if_any("status", 20) or "active").lower(),
            starts_at=payload.instant_if_any("starts_at"),
            ends_at=payload.instant_if_any("ends_at"),
            updated_at=version(payload, delivery),
        )
    ]


def deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """discounts/delete."""
    return [DiscountDeleted(_discount(payload), payload.instant_if_any("deleted_at") or delivery.at)]


def code_added(payload: Part, delivery: Delivery) -> list[Event]:
    """discounts/redeemcode_added."""
    return [_code(payload, delivery, removed=False)]


def code_removed(payload: Part, delivery: Delivery) -> list[Event]:
    """discounts/redeemcode_removed."""
    return [_code(payload, delivery, removed=True)]


def _code(payload: Part, delivery: Delivery, *, removed: bool) -> RedeemCodeChanged:
    code = payload.part("redeem_code")
    return RedeemCodeChanged(
        discount_id=_discount(payload),
        code_id=code.text("id", 100),
        code=code.text("code", 255),
        removed=removed,
        at=version(payload, delivery),
    )


def _discount(payload: Part) -> str:
    """A gid: an automatic discount and one with codes may have the same number."""
    return payload.text("admin_graphql_api_id", 100)
