"""orders/* and refunds/create."""

from __future__ import annotations

from plugin.ingest.events import Event, Line, OrderChanged, OrderDeleted, OrderRefunded, Refund, normal_cart_token
from plugin.ingest.payload import Part, country, currency

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """Every orders/* topic tells the whole order; only `orders/delete` does not."""
    unit = currency(payload, "currency")
    customer = payload.part_if_any("customer")
    return [
        OrderChanged(
            order_id=payload.id("id"),
            name=payload.text_if_any("name") or f"#{payload.id('id')}",
            customer_id=customer.id_if_any("id") if customer else None,
            placed_at=payload.instant_if_any("processed_at") or payload.instant("created_at"),
            updated_at=version(payload, delivery),
            cancelled_at=payload.instant_if_any("cancelled_at"),
            currency=unit,
            total=payload.money("total_price", unit),
            refunds=tuple(
                Refund(refund.id("id"), given_back(refund, unit)) for refund in payload.parts_if_any("refunds")
            ),
            test=payload.value.get("test") is True,
            lines=tuple(_line(line, unit) for line in payload.parts("line_items")),
            cart_token=normal_cart_token(payload.text_if_any("cart_token", 255) or "") or None,
            checkout_token=payload.text_if_any("checkout_token", 255),
            app_id=payload.id_if_any("app_id"),
            location_id=payload.id_if_any("location_id"),
            countries=_countries(payload),
        )
    ]


def deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """orders/delete names the order and nothing else."""
    return [OrderDeleted(order_id=payload.id("id"), at=delivery.at)]


def refunded(payload: Part, delivery: Delivery) -> list[Event]:
    """refunds/create; every later state of the order tells the same refund again, by its id."""
    return [
        OrderRefunded(
            order_id=payload.id("order_id"),
            refund_id=payload.id("id"),
            amount=given_back(payload, delivery.currency),
            at=payload.instant_if_any("processed_at") or payload.instant_if_any("created_at") or delivery.at,
        )
    ]


def given_back(refund: Part, unit: str) -> int:
    """The money that went back: its successful transactions of kind refund."""
    return sum(
        transaction.money("amount", unit)
        for transaction in refund.parts_if_any("transactions")
        if transaction.value.get("kind") == "refund" and transaction.value.get("status") == "success"
    )


def _line(line: Part, unit: str) -> Line:
    return Line(
        product_id=line.id_if_any("product_id"),
        variant_id=line.id_if_any("variant_id"),
        title=line.text_if_any("title") or line.text_if_any("name") or "",
        quantity=line.count("quantity"),
        price=line.money("price", unit),
        line_id=line.id_if_any("id"),
    )


def _countries(payload: Part) -> tuple[str, ...]:
    addresses = (payload.part_if_any(key) for key in ("shipping_address", "billing_address"))
    lands = (country(address, "country_code") for address in addresses)
    return tuple(dict.fromkeys(land for land in lands if land))
