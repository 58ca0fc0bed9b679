"""The web pixel of each shop: switched on by `webPixelCreate` after the installation, and again until Shopify has it.

The key in its settings names the shop in the pixel's posts. It is no secret, since a shopper's browser holds it, but it
cannot be guessed.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from plugin.base import settings
from plugin.base.errors import Refused
from plugin.shopify.answer import Answer
from plugin.shopify.client import Client
from plugin.store.engine import Tx
from plugin.store.tables import pixels, shops
from plugin.store.upsert import insert_new

AGAIN = timedelta(minutes=10)
HEARD_EVERY = timedelta(minutes=1)
SCOPE = "write_pixels"
_KEY = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Pixel:
    """One shop's pixel as we know it. `is_on`: Shopify has it, with the settings that it should have."""

    shop_id: int
    key: str
    pixel_id: str | None
    is_on: bool
    is_allowed: bool
    """The shop has granted what switching it on takes."""
    switched_on_at: datetime | None
    tried_at: datetime | None
    error: str | None
    heard_at: datetime | None


def endpoint() -> str:
    """Where pixels post to, without the key."""
    return f"{settings.current().app_url}/pixel"


def of(tx: Tx, shop_id: int) -> Pixel | None:
    """None before the first try."""
    row = tx.execute(_known().where(pixels.c.shop_id == shop_id)).one_or_none()
    return Pixel(**row._mapping) if row else None  # noqa: SLF001  SQLAlchemy's public name for it


def shop_of(tx: Tx, key: str) -> int | None:
    """The shop that a post's key names; None for a key that is nobody's, or of a shop that left."""
    if not _KEY.fullmatch(key):
        return None
    mine = select(pixels.c.shop_id).join(shops, shops.c.id == pixels.c.shop_id)
    return tx.execute(mine.where(pixels.c.key == key, shops.c.uninstalled_at.is_(None))).scalar_one_or_none()


def waiting(tx: Tx, now: datetime) -> list[int]:
    """Shops whose pixel is to be switched on, or has other settings than it should: for the clock."""
    rested = or_(pixels.c.tried_at.is_(None), pixels.c.tried_at < now - AGAIN)
    found = select(shops.c.id).join(pixels, pixels.c.shop_id == shops.c.id, isouter=True)
    here = shops.c.uninstalled_at.is_(None), shops.c.access_token.is_not(None), ~shops.c.needs_reconnect
    wanted = or_(pixels.c.id.is_(None), ~_is_on())
    return list(tx.execute(found.where(*here, _is_allowed(), wanted, rested).limit(50)).scalars())


def begin(tx: Tx, shop_id: int, now: datetime) -> Pixel | None:
    """Notes a try; gives the pixel to switch on, None when there is nothing to do."""
    insert_new(tx, pixels, [{"shop_id": shop_id, "key": secrets.token_urlsafe(24)}])
    pixel = of(tx, shop_id)
    if pixel is None or pixel.is_on or not pixel.is_allowed:
        return None
    tx.execute(pixels.update().where(pixels.c.shop_id == shop_id).values(tried_at=now))
    return pixel


def switch_on(client: Client, pixel: Pixel) -> str:
    """Gives Shopify's id of the pixel. Raises Refused with what Shopify says, Unavailable.

    Call it with no transaction open: it talks over the network.
    """
    wanted = {"settings": json.dumps({"endpoint": endpoint(), "key": pixel.key})}
    told = None
    if pixel.pixel_id:
        told = _answer(client.run("web_pixel_update", id=pixel.pixel_id, webPixel=wanted), "webPixelUpdate")
    if told is None or "NOT_FOUND" in _codes(told):
        told = _answer(client.run("web_pixel_create", webPixel=wanted), "webPixelCreate")
    if "TAKEN" in _codes(told):
        found = _answer(client.run("web_pixel"), "webPixel")
        told = _answer(client.run("web_pixel_update", id=found["id"], webPixel=wanted), "webPixelUpdate")
    for wrong in told["userErrors"]:
        raise Refused(f"Shopify did not switch the web pixel on: {wrong['message']}")
    return str(told["webPixel"]["id"])


def switched_on(tx: Tx, pixel: Pixel, pixel_id: str, now: datetime) -> None:
    installed = select(shops.c.installed_at).where(shops.c.id == pixel.shop_id).scalar_subquery()
    told = {"pixel_id": pixel_id, "endpoint": endpoint(), "switched_on_at": now, "error": None}
    tx.execute(pixels.update().where(pixels.c.shop_id == pixel.shop_id).values(installed_at=installed, **told))


def failed(tx: Tx, pixel: Pixel, sentence: str) -> None:
    """The clock tries again in ten minutes."""
    tx.execute(pixels.update().where(pixels.c.shop_id == pixel.shop_id).values(error=sentence))


def heard(tx: Tx, shop_id: int, now: datetime) -> None:
    """An event came; written at most once a minute."""
    stale = or_(pixels.c.heard_at.is_(None), pixels.c.heard_at < now - HEARD_EVERY)
    tx.execute(pixels.update().where(pixels.c.shop_id == shop_id, stale).values(heard_at=now))


def _known() -> Any:
    columns = (
        pixels.c[name] for name in ("shop_id", "key", "pixel_id", "switched_on_at", "tried_at", "error", "heard_at")
    )
    state = _is_on().label("is_on"), _is_allowed().label("is_allowed")
    return select(*columns, *state).join(shops, shops.c.id == pixels.c.shop_id)


def _is_on() -> ColumnElement[bool]:
    same = (pixels.c.endpoint == endpoint()) & (pixels.c.installed_at == shops.c.installed_at)
    return pixels.c.pixel_id.is_not(None) & pixels.c.endpoint.is_not(None) & pixels.c.installed_at.is_not(None) & same


def _is_allowed() -> ColumnElement[bool]:
    return shops.c.scopes.contains(SCOPE)


def _answer(answer: Answer, field: str) -> dict[str, Any]:
    told = answer.data.get(field)
    if not isinstance(told, dict):
        raise Refused(f"Shopify does not let Beckon switch the web pixel on: it keeps {field} from us.")
    return told


def _codes(told: dict[str, Any]) -> set[str]:
    return {str(wrong.get("code")) for wrong in told.get("userErrors") or ()}
