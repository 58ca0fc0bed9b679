"""Where a post to the pixel comes from: its network address is looked up, and forgotten.

Only there: behind Shopify's proxy the next address is Shopify's, and which of those before it are true is nowhere
promised.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request

from plugin.base import settings
from plugin.ingest import cities
from plugin.ingest.events import Located
from plugin.profile import located
from plugin.store.engine import Tx

OFTEN = timedelta(days=1)
"""A browser is located once in this time."""


def where(tx: Tx, shop_id: int, visitor: str, now: datetime) -> list[Located]:
    """The visitor's place, if it is known and was not noted today."""
    spot = cities.locate(_address())
    if spot is None or located.is_fresh(tx, shop_id, visitor, now - OFTEN):
        return []
    return [Located(visitor, "address", spot, now)]


def _address() -> str | None:
    """The shopper's, by as many steps back as there are proxies of ours; what stands before is a stranger's word."""
    proxies = settings.current().proxies
    if not proxies:
        return request.remote_addr
    passed = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    return passed[-proxies] if len(passed) >= proxies else None
