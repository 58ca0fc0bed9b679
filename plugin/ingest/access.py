"""The way into a shop's Admin API: tokens for a session token, renewed before they end, by one process at a time.

A refresh replaces both tokens. Its answer may get lost, with the process or on the wire: then the row still holds the
former refresh token, which Shopify takes until its replacement is used, and the next one asks again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from plugin.base import clock
from plugin.base.errors import Disconnected, Refused
from plugin.shopify import session
from plugin.shopify.client import Client
from plugin.shopify.session import Tokens
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import shops as shops_table

from . import shops
from .shops import Shop
from .turns import turn

log = logging.getLogger(__name__)

RENEW_BEFORE = timedelta(minutes=5)
IDLE = timedelta(days=30)
JUST_NOW = timedelta(minutes=5)


def client_for(shop_id: int) -> Client:
    """The shop's client. Raises Refused when it has left, Disconnected when the merchant must open the app again,
    Unavailable when Shopify is away. In the last two cases the work waits.

    Call it with no transaction open: it may ask for tokens over the network.
    """
    return Client(_read(shop_id).domain, _token(shop_id), renew=_after_refusal(shop_id))


def connect(domain: str, id_token: str) -> tuple[int, bool]:
    """Tokens of our own for a session token; gives the shop's id, and whether it is new or came back.

    One at a time: an exchange ends the refresh tokens of the one before. Raises Refused when Shopify does not take
    the session token, Unavailable.
    """
    with turn(turn_of(domain)):
        with snapshot() as tx:
            known = shops.find(tx, domain)
        if known is not None and shops.has_access(known):
            return known.id, False  # the other tab did it
        tokens = session.exchange(domain, id_token)
        with transaction() as tx:
            return shops.install(tx, domain, tokens, clock.now())


def renew(shop_id: int) -> None:
    """Renews a shop's tokens now. Raises as `client_for`."""
    shop = _read(shop_id)
    with turn(turn_of(shop.domain)):
        _renewed(_read(shop_id))


def idle(tx: Tx, now: datetime) -> list[int]:
    """Shops whose refresh token ends within thirty days: for the clock, lest a quiet shop loses its access."""
    here = shops_table.c.uninstalled_at.is_(None), ~shops_table.c.needs_reconnect
    query = select(shops_table.c.id).where(shops_table.c.refresh_expires_at < now + IDLE, *here)
    return list(tx.execute(query).scalars())


def turn_of(domain: str) -> str:
    """The name of the lease under which a shop's tokens change; a shop that is new has no number yet."""
    return f"tokens:{hashlib.sha256(domain.encode()).hexdigest()[:32]}"


def _token(shop_id: int, refused: str | None = None) -> str:
    """An access token with time left that is not `refused`."""
    shop = _read(shop_id)
    if token := _usable(shop, refused):
        return token
    with turn(turn_of(shop.domain)):
        shop = _read(shop_id)  # while we waited for our turn another process may have renewed it
        return _usable(shop, refused) or _renewed(shop)


def _after_refusal(shop_id: int) -> Callable[[str], str]:
    """What a client does about a 401: one refresh. When the token that it gives is refused too, access is lost."""
    made: dict[str, datetime] = {}

    def instead_of(refused: str) -> str:
        if refused in made and clock.now() - made[refused] < JUST_NOW:
            shop = _read(shop_id)
            _lose(shop, "access_token", refused)
            raise _disconnected(shop)
        token = _token(shop_id, refused)
        made[token] = clock.now()
        return token

    return instead_of


def _read(shop_id: int) -> Shop:
    with snapshot() as tx:
        shop = shops.by_id(tx, shop_id)
    if shop.uninstalled_at is not None:
        raise Refused(f"{shop.domain} has uninstalled Beckon.")
    if shop.needs_reconnect or shop.access_token is None:
        raise _disconnected(shop)
    return shop


def _usable(shop: Shop, refused: str | None) -> str | None:
    ends_soon = shop.access_expires_at is not None and shop.access_expires_at < clock.now() + RENEW_BEFORE
    token = shop.access_token.text() if shop.access_token else ""
    return None if ends_soon or token == refused else token


def _renewed(shop: Shop) -> str:
    """To be called in the shop's turn."""
    former = shop.refresh_token.text() if shop.refresh_token else ""
    try:
        tokens = session.refresh(shop.domain, former)
    except Refused as error:
        log.warning("%s", error)
        _lose(shop, "refresh_token", former)
        raise _disconnected(shop) from error
    return _keep(shop, former, tokens)


def _keep(shop: Shop, former: str, tokens: Tokens) -> str:
    """Both tokens in one transaction, unless the shop left meanwhile or came back with others."""
    with transaction() as tx:
        if shops.holds(tx, shop.id, "refresh_token", former):
            shops.keep_tokens(tx, shop.id, tokens)
            return tokens.access
    return _usable(_read(shop.id), None) or tokens.access


def _lose(shop: Shop, column: str, secret: str) -> None:
    """Marks the shop, unless it has other tokens by now."""
    with transaction() as tx:
        if not secret or shops.holds(tx, shop.id, column, secret):
            shops.needs_reconnect(tx, shop.id)


def _disconnected(shop: Shop) -> Disconnected:
    return Disconnected(f"{shop.domain}: the merchant must open Beckon once, so that it gets access again.")
