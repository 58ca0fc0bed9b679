"""The way into a shop's Admin API: its access token, renewed before it ends, by one process at a time."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta

from sqlalchemy import select

from plugin.base import clock
from plugin.base.errors import Refused, Unavailable
from plugin.shopify import session
from plugin.shopify.client import Client
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import leases
from plugin.store.tables import shops as shops_table
from plugin.store.upsert import insert_new_returning

from . import shops
from .shops import Shop

RENEW_BEFORE = timedelta(minutes=5)
TURN = timedelta(seconds=30)
IDLE = timedelta(days=30)


def client_for(shop_id: int) -> Client:
    """The shop's client. Raises Refused when the merchant must open the app again, Unavailable when Shopify is away.

    Call it with no transaction open: it may ask for tokens over the network.
    """
    waited_until = clock.now() + TURN
    while True:
        shop = _read(shop_id)
        if shop.access_token and not _ends_soon(shop, clock.now()):
            return Client(shop.domain, shop.access_token)
        if _take_turn(shop_id, clock.now()):
            return Client(shop.domain, _renewed(shop))
        if clock.now() > waited_until:
            raise Unavailable(f"{shop.domain}: another process has been renewing the token for too long.")
        time.sleep(0.2)  # its token will do for us too


def renew(shop_id: int) -> None:
    """Renews a shop's tokens now. Raises as `client_for`."""
    if _take_turn(shop_id, clock.now()):
        _renewed(_read(shop_id))


def idle(tx: Tx, now: datetime) -> list[int]:
    """Shops whose refresh token ends within thirty days: for the clock, lest a quiet shop loses its access."""
    here = shops_table.c.uninstalled_at.is_(None), ~shops_table.c.needs_reconnect
    query = select(shops_table.c.id).where(shops_table.c.refresh_expires_at < now + IDLE, *here)
    return list(tx.execute(query).scalars())


def _read(shop_id: int) -> Shop:
    with snapshot() as tx:
        shop = shops.by_id(tx, shop_id)
    if shop.uninstalled_at is not None:
        raise Refused(f"{shop.domain} has uninstalled Beckon.")
    if shop.needs_reconnect or not shop.access_token:
        raise Refused(f"{shop.domain}: the merchant must open Beckon once, so that it gets access again.")
    return shop


def _ends_soon(shop: Shop, now: datetime) -> bool:
    return shop.access_expires_at is not None and shop.access_expires_at < now + RENEW_BEFORE


def _take_turn(shop_id: int, now: datetime) -> bool:
    """A lease, not a lock: whoever dies while renewing holds nobody up for long."""
    turn = {"name": _turn(shop_id), "holder": str(os.getpid()), "until": now + TURN}
    with transaction() as tx:
        tx.execute(leases.delete().where(leases.c.name == turn["name"], leases.c.until < now))
        return bool(insert_new_returning(tx, leases, [turn], column="name"))


def _renewed(shop: Shop) -> str:
    try:
        tokens = session.refresh(shop.domain, shop.refresh_token or "")
    except Refused:
        with transaction() as tx:
            shops.needs_reconnect(tx, shop.id)
            _end_turn(tx, shop.id)
        raise
    except Unavailable:
        with transaction() as tx:
            _end_turn(tx, shop.id)
        raise
    with transaction() as tx:
        shops.keep_tokens(tx, shop.id, tokens)
        _end_turn(tx, shop.id)
    return tokens.access


def _end_turn(tx: Tx, shop_id: int) -> None:
    tx.execute(leases.delete().where(leases.c.name == _turn(shop_id)))


def _turn(shop_id: int) -> str:
    return f"tokens:{shop_id}"
