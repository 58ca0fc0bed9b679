"""A shop's first sight, and its return: a session token is exchanged for access, then the history begins to load."""

from __future__ import annotations

from plugin import jobs, queue
from plugin.ingest import access, shops
from plugin.ingest.shops import Shop
from plugin.store.engine import snapshot


def shop_of(domain: str, token: str) -> Shop:
    """The shop that a session token which holds names, installed if it is new, was gone, or lost its access.

    Raises Refused, Unavailable.
    """
    with snapshot() as tx:
        known = shops.find(tx, domain)
    if known is not None and shops.has_access(known):
        return known
    shop_id, is_new = access.connect(domain, token)  # no transaction is open while we ask Shopify
    with snapshot() as tx:
        found = shops.by_id(tx, shop_id)
    if is_new:
        queue.enqueue(queue.HISTORY, jobs.installed, shop_id)
    return found
