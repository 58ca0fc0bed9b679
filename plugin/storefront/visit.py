"""One verified request of one shop's storefront: who asks, and the one transaction in which they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from plugin import news
from plugin.audience import passing_on
from plugin.base.errors import NotFound
from plugin.ingest import shops
from plugin.ingest.shops import Shop
from plugin.profile.logins import Browser, browser_of
from plugin.shopify.proxy import ProxyRequest
from plugin.store.engine import Tx, transaction


@dataclass(frozen=True, slots=True)
class Seen:
    """A browser, and the customer who is logged in there."""

    visitor: str
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class Visiting:
    tx: Tx
    shop: Shop
    customer_id: int | None
    now: datetime

    def person(self, visitor: str) -> int:
        """The person behind a visitor's token, and behind the customer whom Shopify says is logged in."""
        return self.browser(visitor).person_id

    def browser(self, visitor: str) -> Browser:
        """The same, with its browser: one that changes hands takes its subscriptions along, and no message that waits
        for the former person."""
        tx, shop_id, now = self.tx, self.shop.id, self.now
        news.before(tx, shop_id, [self.who(visitor)], now)
        found = browser_of(tx, shop_id, visitor=visitor, customer_id=self.customer_id, now=now)
        if found.changed:
            passing_on.of_browser(tx, shop_id, found.visitor_id, found.person_id, now)
        return found

    def who(self, visitor: str) -> Seen:
        """Whoever this request is of, before and after we know that they are one."""
        return Seen(visitor, self.customer_id)


@contextmanager
def visiting(asked: ProxyRequest, now: datetime) -> Iterator[Visiting]:
    """Opens the transaction, remembers that this shop's script lives and where its proxy is."""
    with transaction() as tx:
        shop = shops.find(tx, asked.shop)
        if shop is None or shop.uninstalled_at is not None:
            raise NotFound(f"{asked.shop} does not use Beckon.")
        if asked.path_prefix.startswith("/") and len(asked.path_prefix) <= 255:
            shops.remember_proxy_path(tx, shop.id, asked.path_prefix)
        shops.script_seen(tx, shop.id, now)
        yield Visiting(tx, shop, asked.customer_id, now)
