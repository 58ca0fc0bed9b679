"""customers/* and customer.*: mind the dots and the camelCase of the newer topics."""

from __future__ import annotations

from plugin.base.errors import Unreadable
from plugin.ingest import places
from plugin.ingest.events import (
    Contact,
    CustomerChanged,
    CustomerDeleted,
    CustomersMerged,
    CustomerTagged,
    Event,
    Purchases,
    PurchasesTold,
)
from plugin.ingest.payload import Part, currency
from plugin.ingest.places import Place

from . import consents
from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/create, customers/update. Since 2025 tags, sums and consents have topics of their own."""
    found = _places(payload, delivery)
    return [
        CustomerChanged(
            customer_id=payload.id("id"),
            added_at=payload.instant_if_any("created_at"),
            updated_at=version(payload, delivery),
            locale=payload.text_if_any("locale", 20),
            countries=None if found is None else places.countries(found),
            places=found,
            account_status=(payload.text_if_any("state", 20) or "").upper() or None,
            tags=payload.texts("tags") if payload.has("tags") else None,
            contact=_contact(payload, delivery),
            purchases=_sums_of_2023(payload, delivery),
            email_status=consents.status_within(payload, "email_marketing_consent"),
            sms_status=consents.status_within(payload, "sms_marketing_consent"),
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


def merged(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/merge: told when it begins, is done or failed; only one that is done changes anything."""
    lost, kept = (payload.id(f"admin_graphql_api_customer_{which}_id") for which in ("deleted", "kept"))
    status = payload.text("status", 40).lower()
    if status in {"requested", "in_progress", "failed"} or lost == kept:
        return []
    if status != "completed":  # there is no way back from a merge: rather kept, with its reason, than guessed
        raise Unreadable(f'{payload.of}: "status" is {status}, which we do not know.')
    return [CustomersMerged(lost_id=lost, kept_id=kept, at=delivery.at)]


def summed(payload: Part, delivery: Delivery) -> list[Event]:
    """customers/purchasing_summary."""
    spent = payload.part("amountSpent")
    return [
        PurchasesTold(
            customer_id=payload.id("customerId"),
            purchases=Purchases(
                orders=payload.count("numberOfOrders"),
                spent=spent.money("amount", currency(spent, "currencyCode")),
                last_order_id=payload.id_if_any("lastOrderId"),
            ),
            at=payload.instant_if_any("occurredAt") or delivery.at,
        )
    ]


def _contact(payload: Part, delivery: Delivery) -> Contact | None:
    """Only what the merchant switched on leaves this function; a key that is absent says nothing, null says "none"."""
    keys = {"name": ("first_name", "last_name"), "email": ("email",), "phone": ("phone",)}
    says = {field for field in delivery.keeps & keys.keys() if any(key in payload.value for key in keys[field])}
    if not says:
        return None
    told = {key: payload.text_if_any(key, 500) or None for field in says for key in keys[field]}
    return Contact(frozenset(says), **told)


def _sums_of_2023(payload: Part, delivery: Delivery) -> Purchases | None:
    if not (payload.has("orders_count") and payload.has("total_spent")):
        return None
    unit = currency(payload, "currency") if payload.has("currency") else delivery.currency
    return Purchases(
        orders=payload.count("orders_count"),
        spent=payload.money("total_spent", unit),
        last_order_id=payload.id_if_any("last_order_id"),
    )


def _places(payload: Part, delivery: Delivery) -> tuple[Place, ...] | None:
    """Of all addresses; None when the payload is silent about them, as when Shopify hides them from us."""
    if payload.value.get("addresses") is None and payload.value.get("default_address") is None:
        return None
    addresses = [one for one in (*payload.parts_if_any("addresses"), payload.part_if_any("default_address")) if one]
    found = places.of_webhook(addresses, delivery.keeps)
    return None if addresses and not found else found


def _tags(
    payload: Part, delivery: Delivery, *, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()
) -> CustomerTagged:
    return CustomerTagged(
        customer_id=payload.id("customerId"),
        added=added,
        removed=removed,
        at=payload.instant_if_any("occurredAt") or delivery.at,
    )
