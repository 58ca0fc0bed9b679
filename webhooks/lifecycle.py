"""What happens to the shop and to our access: app/*, shop/update, bulk_operations/finish."""

from __future__ import annotations

from plugin.ingest.events import BulkFinished, Event, ScopesChanged, ShopChanged, Uninstalled
from plugin.ingest.payload import Part, currency

from .delivery import Delivery, version


def uninstalled(_payload: Part, delivery: Delivery) -> list[Event]:
    """app/uninstalled: the payload is the shop, with half of it empty; the header names it."""
    return [Uninstalled(at=delivery.at)]


def scopes_changed(payload: Part, delivery: Delivery) -> list[Event]:
    """app/scopes_update."""
    return [ScopesChanged(scopes=payload.texts("current"), at=delivery.at)]


def shop_changed(payload: Part, delivery: Delivery) -> list[Event]:
    """shop/update. Shopify's sample leaves zone and instant empty: then the zone stays, and the sending tells when."""
    domain = payload.text_if_any("domain", 255)
    return [
        ShopChanged(
            name=payload.text("name"),
            currency=currency(payload, "currency"),
            timezone=payload.text_if_any("iana_timezone", 64),
            storefront_url=f"https://{domain}" if domain else None,
            updated_at=version(payload, delivery) if payload.has("updated_at") else delivery.at,
        )
    ]


def bulk_finished(payload: Part, _delivery: Delivery) -> list[Event]:
    """bulk_operations/finish: whether it went well, we ask Shopify."""
    return [BulkFinished(operation_id=payload.text("admin_graphql_api_id", 100))]
