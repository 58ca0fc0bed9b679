"""themes/publish: another theme is the storefront, in which the bell may not be switched on yet.

Shape: Shopify's sample of the webhook reference of API version 2026-07.
"""

from __future__ import annotations

from plugin.ingest.events import Event, ThemePublished
from plugin.ingest.payload import Part

from .delivery import Delivery, turn


def published(payload: Part, delivery: Delivery) -> list[Event]:
    """themes/publish. The theme for phones of long ago (`mobile`) is none that anybody sees."""
    if payload.value.get("role") not in (None, "main"):
        return []
    return [ThemePublished(name=payload.text_if_any("name") or "", at=turn(payload, delivery))]
