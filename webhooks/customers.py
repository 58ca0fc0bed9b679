"""customers/* and customer.*: mind the dots and the camelCase of the newer topics."""

from __future__ import annotations

from plugin.ingest.events import CustomerChanged, CustomerDeleted, CustomerTagged, Event
from plugin.ingest.payload import Part, country

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/create, customers/update. Since 2024 without tags, which have topics of their own."""
    return [
        CustomerChanged(
            customer_id=payload.id("id"),
            added_at=payload.instant_if_any("created_at"),
            updated_at=version(payload, delivery),
            locale=payload.text_if_any("locale", 20),
            countries=_countries(payload),
            tags=payload.texts("tags") if payload.value.get("tags") is not None else None,
        )
    ]


def tagged(payload: Part, delivery: Delivery) -> list[Event]:
    """customer.tags_added."""
    return [_tags(payload, delivery, added=payload.texts("tags"))]


def untagged(payload: Part, delivery: Delivery) -> list[Event]:
    """customer.tags_removed."""
    return [_tags(payload, delivery, removed=payload.texts("tags"))]


def deleted(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/delete."""
    return [CustomerDeleted(customer_id=payload.id("id"), at=delivery.at)]


def _countries(payload: Part) -> tuple[str, ...] | None:
    """Of all addresses; None when the payload is silent about them, as when Shopify hides them from us."""
    if payload.value.get("addresses") is None and payload.value.get("default_address") is None:
        return None
    addresses = [*payload.parts_if_any("addresses"), payload.part_if_any("default_address")]
    lands = [country(address, "country_code") for address in addresses if address]
    if lands and not any(lands):
        return None
    return tuple(dict.fromkeys(land for land in lands if land))


def _tags(
    payload: Part, delivery: Delivery, *, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()
) -> CustomerTagged:
    return CustomerTagged(
        customer_id=payload.id("customerId"),
        added=added,
        removed=removed,
        at=payload.instant_if_any("occurredAt") or delivery.at,
    )
