"""A shop's first sight, and its return: a session token is exchanged for access, then the history begins to load."""

from __future__ import annotations

from plugin import jobs, queue
from plugin.base import clock
from plugin.ingest import shops
from plugin.ingest.shops import Shop
from plugin.shopify import session
from plugin.store.engine import snapshot, transaction


def shop_of(token: str) -> Shop:
    """The shop that a session token names, installed if it is new, was gone, or lost its access.

    Raises Refused, Unavailable.
    """
    now = clock.now()
    domain = session.verify(token, now).shop
    with snapshot() as tx:
        known = shops.find(tx, domain)
    if known is not None and _has_access(known):
        return known
    tokens = session.exchange(domain, token)  # no transaction is open while we ask Shopify
    with transaction() as tx:
        shop_id, is_new = shops.install(tx, domain, tokens, now)
        found = shops.by_id(tx, shop_id)
    if is_new:
        queue.enqueue(queue.HISTORY, jobs.installed, shop_id)
    return found


def _has_access(shop: Shop) -> bool:
    return shop.uninstalled_at is None and bool(shop.access_token) and not shop.needs_reconnect
