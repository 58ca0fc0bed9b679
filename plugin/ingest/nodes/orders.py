"""Orders and abandoned checkouts, as the Admin API tells them."""

from __future__ import annotations

import re

from plugin.ingest import places
from plugin.ingest.events import (
    CheckoutChanged,
    Discount,
    Line,
    LinesFound,
    OrderChanged,
    Refund,
    normal_cart_token,
)
from plugin.ingest.payload import Part, currency, web_address

from .source import Source, parent_id, shop_money, version


def order(part: Part, children: list[Part], source: Source) -> OrderChanged:
    """An order with its lines and the discounts used, its children."""
    unit = currency(part, "currencyCode")
    app, location, customer = (part.part_if_any(key) for key in ("app", "retailLocation", "customer"))
    found = places.of_api(part.part_if_any(f"{kind}Address") for kind in ("shipping", "billing"))
    return OrderChanged(
        order_id=part.id("id"),
        name=part.text("name"),
        customer_id=customer.id("id") if customer else None,
        placed_at=part.instant_if_any("processedAt") or part.instant("createdAt"),
        updated_at=version(part, source.asked_at),
        cancelled_at=part.instant_if_any("cancelledAt"),
        currency=unit,
        total=shop_money(part, "totalPriceSet", unit),
        refunds=tuple(
            Refund(refund.id("id"), shop_money(refund, "totalRefundedSet", unit))
            for refund in part.parts_if_any("refunds")
        ),
        test=part.value.get("test") is True,
        lines=_lines(children, unit),
        cart_token=normal_cart_token(part.text_if_any("cartToken", 255) or "") or None,
        checkout_token=part.text_if_any("checkoutToken", 255),
        app_id=app.id("id") if app else None,
        location_id=location.id("id") if location else None,
        countries=places.countries(found),
        places=found,
        source_name=part.text_if_any("sourceName", 255) or None,
        discounts=_discounts(children),
    )


def more_of_order(children: list[Part], source: Source) -> LinesFound:
    """Lines and discounts that came apart from their order."""
    lines = _lines(children, source.currency)
    return LinesFound(order_id=parent_id(children), lines=lines, discounts=_discounts(children))


def _lines(children: list[Part], unit: str) -> tuple[Line, ...]:
    return tuple(_line(child, unit) for child in children if child.has("id"))


def _discounts(children: list[Part]) -> tuple[Discount, ...]:
    """They are an order's children as its lines are, without an id, and say by their type what they are."""
    found: dict[Discount, None] = {}
    for child in (child for child in children if not child.has("id")):
        kind = _KINDS.get(child.text("__typename", 100))
        if kind is not None:
            told = child.text_if_any("code" if kind == "code" else "title", 255) or ""
            found[Discount(kind, "" if kind == "manual" else told)] = None
    return tuple(found)


_KINDS = {
    "DiscountCodeApplication": "code",
    "AutomaticDiscountApplication": "automatic",
    "ScriptDiscountApplication": "automatic",
    "ManualDiscountApplication": "manual",
}


def _line(part: Part, unit: str) -> Line:
    product, variant = part.part_if_any("product"), part.part_if_any("variant")
    return Line(
        product_id=product.id("id") if product else None,
        variant_id=variant.id("id") if variant else None,
        title=part.text("title"),
        quantity=part.count("quantity"),
        price=shop_money(part, "originalUnitPriceSet", unit),
        line_id=part.id("id"),
    )


def checkout(part: Part, _: list[Part], source: Source) -> CheckoutChanged:
    """An abandoned checkout."""
    customer = part.part_if_any("customer")
    return CheckoutChanged(
        token=_checkout_token(part),
        cart_token=None,
        customer_id=customer.id("id") if customer else None,
        lines=(),
        recovery_url=web_address(part, "abandonedCheckoutUrl"),
        updated_at=version(part, source.asked_at),
        completed_at=part.instant_if_any("completedAt"),
        total=shop_money(part, "totalLineItemsPriceSet", source.currency),
        started_at=part.instant_if_any("createdAt"),
    )


def _checkout_token(part: Part) -> str:
    """The Admin API names a checkout by a number, webhooks by a token: the recovery link has it before `/recover`."""
    found = re.search(r"/checkouts/(?:[a-z]{2}/)?([^/?#]{1,255})", part.text("abandonedCheckoutUrl", 4_000))
    return found[1] if found else f"id:{part.id('id')}"
