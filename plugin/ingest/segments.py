"""The list of the merchant's segments at Shopify: read once for a shop, and when asked; webhooks keep it in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from plugin.shopify.client import Client
from plugin.store.engine import Tx
from plugin.store.tables import segment_readings, shopify_segments, shops
from plugin.store.upsert import upsert

from . import payload
from .events import ShopifySegmentChanged, ShopifySegmentDeleted

AGAIN = timedelta(minutes=30)
PAGE = 50
"""Segments a page. A page is paid for by what it could hold, not by what it does: of a store with some dozens of
segments, pages of 250 would take five times the points: 750 of the 2,000 that a standard plan has."""
SCOPE = "read_customers"


@dataclass(frozen=True, slots=True)
class Reading:
    """When the list was read, and why the last try failed."""

    asked_at: datetime | None = None
    read_at: datetime | None = None
    tried_at: datetime | None = None
    error: str | None = None

    @property
    def is_under_way(self) -> bool:
        return self.asked_at is not None and (self.tried_at is None or self.tried_at < self.asked_at)


def of(tx: Tx, shop_id: int) -> Reading:
    """How the shop's list was read last."""
    mine = segment_readings.c
    row = tx.execute(
        select(mine.asked_at, mine.read_at, mine.tried_at, mine.error).where(mine.shop_id == shop_id)
    ).one_or_none()
    return Reading(*row) if row else Reading()


def waiting(tx: Tx, now: datetime, limit: int = 50) -> list[int]:
    """Shops whose list was never read, or not since they came back: for the clock."""
    mine = segment_readings.c
    found = select(shops.c.id).join(segment_readings, mine.shop_id == shops.c.id, isouter=True)
    here = (
        shops.c.uninstalled_at.is_(None),
        shops.c.access_token.is_not(None),
        ~shops.c.needs_reconnect,
        shops.c.scopes.contains(SCOPE),
    )
    unread = or_(mine.read_at.is_(None), mine.read_at < shops.c.installed_at)
    rested = or_(mine.tried_at.is_(None), mine.tried_at < now - AGAIN)
    return list(tx.execute(found.where(*here, unread, rested).limit(limit)).scalars())


def ask(tx: Tx, shop_id: int, now: datetime) -> None:
    """The list is to be read now."""
    upsert(tx, segment_readings, [{"shop_id": shop_id, "asked_at": now}], key=("shop_id",))


def read(client: Client) -> list[ShopifySegmentChanged]:
    """Every segment that Shopify lists. Raises as `Client.run`, and Unreadable."""
    found: list[ShopifySegmentChanged] = []
    after: str | None = None
    while True:
        answer = client.run("segments", first=PAGE, after=after)
        page = payload.Part("segments", "", answer.data).part("segments")
        found += [_segment(node) for node in page.parts("nodes")]
        more = page.part("pageInfo")
        after = more.text_if_any("endCursor")
        if more.value.get("hasNextPage") is not True or after is None:
            return found


def absent(
    tx: Tx, shop_id: int, listed: list[ShopifySegmentChanged], asked_at: datetime
) -> list[ShopifySegmentDeleted]:
    """Those we hold that Shopify does not list: deleted, unless they are younger than the question."""
    of_shop = shopify_segments.c
    held = select(of_shop.segment_id).where(
        of_shop.shop_id == shop_id, of_shop.deleted_at.is_(None), of_shop.updated_at < asked_at
    )
    there = {one.segment_id for one in listed}
    return [ShopifySegmentDeleted(each, asked_at) for each in tx.execute(held).scalars() if each not in there]


def note(tx: Tx, shop_id: int, now: datetime, error: str | None = None) -> None:
    """The list was read, or could not be."""
    told = {"shop_id": shop_id, "tried_at": now, "error": error}
    upsert(tx, segment_readings, [told if error else told | {"read_at": now}], key=("shop_id",))


def _segment(node: payload.Part) -> ShopifySegmentChanged:
    return ShopifySegmentChanged(
        segment_id=node.id("id"),
        name=node.text_if_any("name") or "",
        query=node.text("query", 50_000),
        created_at=node.instant_if_any("creationDate"),
        updated_at=node.instant("lastEditDate"),
    )
