"""fulfillments/*: where an order's parcel is. The address and the e-mail in them are not kept.

Shapes: Shopify's samples of the webhook reference of API version 2026-07.
"""

from __future__ import annotations

from plugin.ingest.events import Event, FulfillmentChanged
from plugin.ingest.payload import Part, web_address

from .delivery import Delivery, version


def changed(payload: Part, delivery: Delivery) -> list[Event]:
    """fulfillments/create, fulfillments/update."""
    return [shipment(payload, delivery, payload.id("order_id"))]


def shipment(payload: Part, delivery: Delivery, order_id: int) -> FulfillmentChanged:
    """One fulfillment, alone or within its order. Of several parcels the first."""
    return FulfillmentChanged(
        fulfillment_id=payload.id("id"),
        order_id=order_id,
        status=payload.text_if_any("status", 20),
        shipment_status=payload.text_if_any("shipment_status", 40),
        tracking_company=payload.text_if_any("tracking_company", 255),
        tracking_number=payload.text_if_any("tracking_number", 255),
        tracking_url=web_address(payload, "tracking_url"),
        created_at=payload.instant_if_any("created_at"),
        updated_at=version(payload, delivery),
    )
