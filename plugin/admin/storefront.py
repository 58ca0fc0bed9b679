"""What stands on the storefront, for Settings: the bell's embed and the web pixel."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.ingest import pixels
from plugin.ingest.pixels import Pixel
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx

EMBED = "bell"
"""The app embed's handle, as Shopify names it: extensions/web-push/blocks/bell.liquid."""

_BADGES = {
    "on": ("Switched on", "success"),
    "forbidden": ("Needs your permission", "attention"),
    "refused": ("Not switched on", "critical"),
    "asking": ("One moment", "info"),
}


@dataclass(frozen=True, slots=True)
class Storefront:
    pixel: Pixel | None
    pixel_state: str
    """on, forbidden, refused, or asking."""
    embed: str = EMBED

    @property
    def pixel_badge(self) -> str:
        return _BADGES[self.pixel_state][0]

    @property
    def pixel_tone(self) -> str:
        return _BADGES[self.pixel_state][1]


def of(tx: Tx, shop: Shop) -> Storefront:
    pixel = pixels.of(tx, shop.id)
    return Storefront(pixel, _state(pixel, shop))


def _state(pixel: Pixel | None, shop: Shop) -> str:
    if pixel is not None and pixel.is_on:
        return "on"
    if pixels.SCOPE not in shop.scopes:
        return "forbidden"
    return "refused" if pixel is not None and pixel.error else "asking"
