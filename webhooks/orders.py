"""orders/* and refunds/create."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from plugin.ingest import places
from plugin.ingest.events import (
    Discount,
    Event,
    Line,
    OrderChanged,
    OrderDeleted,
    OrderRefunded,
    Refund,
    normal_cart_token,
)
from plugin.ingest.payload import Part, currency

from . import fulfillments
from .delivery import Delivery, version
from .money import in_shop_currency, of_set


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """Every orders/* topic tells the whole order, with its shipments; only `orders/delete` does not.

    `total_price` is what was ordered, edits included; `current_total_price`, which is less what was given back,
    would count refunds twice.
    """
    order_id = payload.id("id")
    shipments = [
        fulfillments.shipment(part, delivery, order_id)
        for part in payload.parts_if_any("fulfillments")
        if part.has("id") and part.has("updated_at")
    ]
    return [_order(payload, delivery, order_id), *shipments]


def _order(payload: Part, delivery: Delivery, order_id: int) -> OrderChanged:
    unit = currency(payload, "currency")
    customer = payload.part_if_any("customer")
    rate = _rate(payload, unit) if payload.has("refunds") else None
    addresses = (payload.part_if_any(key) for key in ("shipping_address", "billing_address"))
    found = places.of_webhook(addresses, delivery.keeps)
    return OrderChanged(
        order_id=order_id,
        name=payload.text_if_any("name") or f"#{order_id}",
        customer_id=customer.id_if_any("id") if customer else None,
        placed_at=payload.instant_if_any("processed_at") or payload.instant("created_at"),
        updated_at=version(payload, delivery),
        cancelled_at=payload.instant_if_any("cancelled_at"),
        currency=unit,
        total=in_shop_currency(payload, "total_price", unit),
        refunds=tuple(
            Refund(refund.id("id"), given_back(refund, unit, rate), at=_given_back_at(refund))
            for refund in payload.parts_if_any("refunds")
        ),
        test=payload.value.get("test") is True,
        lines=tuple(_line(line, unit) for line in payload.parts("line_items")),
        cart_token=normal_cart_token(payload.text_if_any("cart_token", 255) or "") or None,
        checkout_token=payload.text_if_any("checkout_token", 255),
        app_id=payload.id_if_any("app_id"),
        location_id=payload.id_if_any("location_id"),
        countries=places.countries(found),
        places=found,
        source_name=payload.text_if_any("source_name", 255) or None,
        discounts=_discounts(payload),
    )


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
            at=_given_back_at(payload) or delivery.at,
        )
    ]


def given_back(refund: Part, unit: str, rate: Fraction | None = None) -> int:
    """The money that went back, in the shop's currency: its successful transactions of kind refund.

    They are written in the currency that the customer paid in. Where that is another one, `rate` (the order's shop
    money for one minor unit paid) turns it back; an order's refund that comes alone says it by its lines.
    """
    gone = [
        transaction
        for transaction in refund.parts_if_any("transactions")
        if transaction.value.get("kind") == "refund" and transaction.value.get("status") == "success"
    ]
    foreign = [one for one in gone if one.has("currency") and currency(one, "currency") != unit]
    if foreign and rate is None and refund.has("refund_line_items"):
        return _of_lines(refund, unit)
    return sum(_shop_amount(one, unit, rate) for one in gone)


def _shop_amount(transaction: Part, unit: str, rate: Fraction | None) -> int:
    told = of_set(transaction, "amount_set", unit)
    if told is not None:
        return told
    paid_in = currency(transaction, "currency") if transaction.has("currency") else unit
    amount = transaction.money("amount", paid_in)
    return amount if paid_in == unit else round(amount * (rate or 1))


def _rate(payload: Part, unit: str) -> Fraction | None:
    """Minor units of shop money for one that the customer paid, as the order's own total has it."""
    total = payload.part_if_any("total_price_set")
    paid = total.part_if_any("presentment_money") if total else None
    shop = of_set(payload, "total_price_set", unit)
    if paid is None or shop is None or not paid.has("amount") or not paid.has("currency_code"):
        return None
    amount = paid.money("amount", currency(paid, "currency_code"))
    return Fraction(shop, amount) if amount else None


def _of_lines(refund: Part, unit: str) -> int:
    """What the lines and adjustments of a refund are worth; an adjustment that gives more back is negative."""
    lines = sum(
        (of_set(line, key, unit) or 0)
        for line in refund.parts_if_any("refund_line_items")
        for key in ("subtotal_set", "total_tax_set")
    )
    adjusted = sum(
        (of_set(one, key, unit) or 0)
        for one in refund.parts_if_any("order_adjustments")
        for key in ("amount_set", "tax_amount_set")
    )
    return max(0, lines - adjusted)


def _given_back_at(refund: Part) -> datetime | None:
    return refund.instant_if_any("processed_at") or refund.instant_if_any("created_at")


def _line(line: Part, unit: str) -> Line:
    return Line(
        product_id=line.id_if_any("product_id"),
        variant_id=line.id_if_any("variant_id"),
        title=line.text_if_any("title") or line.text_if_any("name") or "",
        quantity=line.count("quantity"),
        price=in_shop_currency(line, "price", unit),
        line_id=line.id_if_any("id"),
    )


def _discounts(payload: Part) -> tuple[Discount, ...]:
    """`discount_codes` names codes alone; `discount_applications` also what came by itself, or by a merchant's hand."""
    codes = [code.text("code", 255) for code in payload.parts_if_any("discount_codes") if code.has("code")]
    found = [Discount("code", code) for code in codes]
    for one in payload.parts_if_any("discount_applications"):
        kind = _KINDS.get(one.text_if_any("type", 40) or "")
        if kind == "code" and one.has("code"):
            found.append(Discount("code", one.text("code", 255)))
        elif kind == "automatic":
            found.append(Discount("automatic", one.text_if_any("title", 255) or ""))
        elif kind == "manual":
            found.append(Discount("manual"))
    return tuple(dict.fromkeys(found))


_KINDS = {"discount_code": "code", "automatic": "automatic", "script": "automatic", "manual": "manual"}
