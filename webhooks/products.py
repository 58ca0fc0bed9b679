"""products/*."""

from __future__ import annotations

from plugin.ingest.events import Event, ProductChanged, ProductDeleted, Variant
from plugin.ingest.payload import Part, web_address

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """products/create, products/update."""
    return [
        ProductChanged(
            product_id=payload.id("id"),
            title=payload.text("title"),
            handle=payload.text_if_any("handle") or "",
            image_url=_image(payload),
            vendor=payload.text_if_any("vendor"),
            product_type=payload.text_if_any("product_type"),
            status=(payload.text_if_any("status", 20) or "active").lower(),
            tags=payload.texts("tags"),
            variants=tuple(_variant(variant, delivery.currency) for variant in payload.parts_if_any("variants")),
            updated_at=version(payload, delivery),
            category=_category(payload),
        )
    ]


def deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """products/delete names the product and nothing else."""
    return [ProductDeleted(product_id=payload.id("id"), at=delivery.at)]


def _category(payload: Part) -> str | None:
    found = payload.part_if_any("category")
    return found.text_if_any("full_name", 1_000) if found else None


def _image(payload: Part) -> str | None:
    first = next(payload.parts_if_any("images"), None)
    return web_address(payload.part_if_any("image") or first, "src")


def _variant(variant: Part, unit: str) -> Variant:
    return Variant(
        variant_id=variant.id("id"),
        title=variant.text_if_any("title") or "",
        sku=variant.text_if_any("sku"),
        price=variant.money("price", unit),
        inventory=pieces(variant),
        tracked=_tracked(variant),
        inventory_item_id=variant.id_if_any("inventory_item_id"),
        inventory_policy=variant.text_if_any("inventory_policy", 20),
    )


def pieces(variant: Part) -> int | None:
    """Pieces in stock, of all locations; None where they are not counted, or not told."""
    return None if _tracked(variant) is False else variant.count_if_any("inventory_quantity")


def _tracked(variant: Part) -> bool | None:
    """Payloads of 2023 say whether stock is tracked; the present ones do not (the history and the levels do)."""
    return variant.has("inventory_management") if "inventory_management" in variant.value else None
