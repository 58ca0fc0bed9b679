"""carts/* and checkouts/*."""

from __future__ import annotations

from plugin.ingest.events import CartChanged, CheckoutChanged, CheckoutDeleted, Event, Line, normal_cart_token
from plugin.ingest.payload import Part, currency, web_address

from .delivery import Delivery, version
from .money import of_set, unit_of_set


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """carts/create, carts/update: a token and lines; Shopify names no person."""
    return [
        CartChanged(
            token=normal_cart_token(payload.text("token", 255)),
            lines=tuple(_line(line, _unit(line, delivery)) for line in payload.parts("line_items")),
            updated_at=version(payload, delivery),
        )
    ]


def checkout_changed(payload: Part, delivery: Delivery) -> list[Event]:
    """checkouts/create, checkouts/update: tie a cart to a customer, and say where to go on."""
    unit = currency(payload, "currency") if payload.has("currency") else delivery.currency
    customer = payload.part_if_any("customer")
    return [
        CheckoutChanged(
            token=payload.text("token", 255),
            cart_token=normal_cart_token(payload.text_if_any("cart_token", 255) or "") or None,
            customer_id=customer.id_if_any("id") if customer else None,
            lines=tuple(_line(line, unit) for line in payload.parts_if_any("line_items")),
            recovery_url=web_address(payload, "abandoned_checkout_url"),
            updated_at=version(payload, delivery),
            completed_at=payload.instant_if_any("completed_at"),
            started_at=payload.instant_if_any("created_at"),
        )
    ]


def checkout_deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """checkouts/delete: sums, a number that no other topic tells, and the cart's token (Shopify's sample of 2026-07).

    A checkout without a cart (of a draft order, of another app) is none of ours.
    """
    token = payload.text_if_any("cart_token", 255) if "cart_token" in payload.value else payload.text("cart_token")
    return [CheckoutDeleted(normal_cart_token(token), delivery.at)] if token else []


def _line(line: Part, unit: str) -> Line:
    """The price in the shop's currency where it is told; the plain one may be in the customer's."""
    price = of_set(line, "price_set", unit)
    return Line(
        product_id=line.id_if_any("product_id"),
        variant_id=line.id_if_any("variant_id"),
        title=line.text_if_any("title") or "",
        quantity=line.count("quantity"),
        price=line.money("price", unit) if price is None else price,
    )


def _unit(line: Part, delivery: Delivery) -> str:
    """A cart names its currency only beside each price."""
    return unit_of_set(line, "price_set") or delivery.currency
