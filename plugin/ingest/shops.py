"""The shops that installed us: their tokens, their keys, where their storefront and their proxy stand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Row, func, select

from plugin.base.errors import NotFound
from plugin.shopify.session import Tokens
from plugin.store.engine import Tx
from plugin.store.sealed import CannotOpen, Sealed
from plugin.store.tables import backfills, shops
from plugin.store.upsert import insert_new_returning

SCRIPT_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """One merchant's store as we know it."""

    id: int
    domain: str
    name: str
    currency: str
    timezone: str
    storefront_url: str | None
    proxy_path: str
    scopes: tuple[str, ...]
    access_token: Sealed | None
    access_expires_at: datetime | None
    refresh_token: Sealed | None
    refresh_expires_at: datetime | None
    needs_reconnect: bool
    vapid_private: Sealed
    vapid_public: bytes
    installed_at: datetime
    connected_at: datetime | None
    uninstalled_at: datetime | None
    script_seen_at: datetime | None
    theme_name: str | None
    theme_published_at: datetime | None
    updated_at: datetime | None
    keeps_name: bool
    keeps_email: bool
    keeps_phone: bool
    keeps_address: bool

    @property
    def keeps(self) -> frozenset[str]:
        """The fields of level 2 that the merchant switched on: name, email, phone (profile/contact.py)."""
        return frozenset(field for field in ("name", "email", "phone", "address") if getattr(self, f"keeps_{field}"))

    @property
    def bell_unseen_since_theme(self) -> bool:
        """Another theme was published, and the bell that worked before was not seen in it yet."""
        seen, published = self.script_seen_at, self.theme_published_at
        return seen is not None and published is not None and seen < published


def install(tx: Tx, shop_domain: str, tokens: Tokens, now: datetime) -> tuple[int, bool]:
    """Keeps the tokens of a shop; gives its id, and whether it is new or came back after leaving.

    A shop's VAPID key pair is made once: another one would end every subscription. Who comes back has everything as
    it was, but the history, which is asked for anew: nobody told us what happened meanwhile.
    """
    known = tx.execute(select(shops.c.id, shops.c.uninstalled_at).where(shops.c.domain == shop_domain)).one_or_none()
    if known is None:
        private, public = _key_pair()
        row = {"domain": shop_domain, "vapid_private": private, "vapid_public": public, "installed_at": now}
        insert_new_returning(tx, shops, [row])  # of two first page loads, one makes the row
        known = tx.execute(select(shops.c.id, shops.c.uninstalled_at).where(shops.c.domain == shop_domain)).one()
        fresh = True
    else:
        fresh = known.uninstalled_at is not None
    keep_tokens(tx, known.id, tokens)
    stay: dict[str, Any] = {"connected_at": now}
    if fresh:
        stay |= {"installed_at": now, "uninstalled_at": None}
        tx.execute(backfills.delete().where(backfills.c.shop_id == known.id))  # the clock, too, sees that one is due
    tx.execute(shops.update().where(shops.c.id == known.id).values(stay))
    return known.id, fresh


def leave(tx: Tx, shop_id: int, at: datetime) -> bool:
    """The app was uninstalled at `at`: its tokens are forgotten, everything else waits 48 hours for shop/redact.

    False for late news: Shopify has let us in since, or we knew.
    """
    since = func.coalesce(shops.c.connected_at, shops.c.installed_at)
    left = (
        shops.update()
        .where(shops.c.id == shop_id, since <= at, shops.c.uninstalled_at.is_(None))
        .values(uninstalled_at=at, needs_reconnect=False, **dict.fromkeys(_TOKENS))
        .returning(shops.c.id)
    )
    return tx.execute(left).scalar() is not None


_TOKENS = ("access_token", "access_expires_at", "refresh_token", "refresh_expires_at")


def has_access(shop: Shop) -> bool:
    """Whether we hold tokens that Shopify may take. Those that no key of ours opens are as good as none."""
    return shop.uninstalled_at is None and not shop.needs_reconnect and _opens(shop.access_token)


def holds(tx: Tx, shop_id: int, column: str, secret: str) -> bool:
    """Whether the shop's row still has this token, for as long as `tx` is open."""
    row = tx.execute(select(shops.c[column]).where(shops.c.id == shop_id).with_for_update()).one_or_none()
    return row is not None and row[0] is not None and row[0].text() == secret


def keep_tokens(tx: Tx, shop_id: int, tokens: Tokens) -> None:
    """Both tokens at once: the refresh token is worthless as soon as its successor was used."""
    tx.execute(
        shops.update()
        .where(shops.c.id == shop_id)
        .values(
            access_token=tokens.access,
            access_expires_at=tokens.access_expires_at,
            refresh_token=tokens.refresh,
            refresh_expires_at=tokens.refresh_expires_at,
            scopes=",".join(tokens.scopes),
            needs_reconnect=False,
        )
    )


def find(tx: Tx, domain: str) -> Shop | None:
    """The shop `name.myshopify.com`, installed or gone; None when we never saw it."""
    row = tx.execute(select(shops).where(shops.c.domain == domain)).one_or_none()
    return _shop(row) if row else None


def by_id(tx: Tx, shop_id: int) -> Shop:
    """The shop with our id. Raises NotFound."""
    row = tx.execute(select(shops).where(shops.c.id == shop_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no shop {shop_id}.")
    return _shop(row)


def remember_proxy_path(tx: Tx, shop_id: int, path: str) -> None:
    """Where the shop's app proxy stands, as a signed request said: merchants may move it."""
    tx.execute(shops.update().where(shops.c.id == shop_id, shops.c.proxy_path != path).values(proxy_path=path))


def script_seen(tx: Tx, shop_id: int, now: datetime) -> None:
    """The storefront script called; written at most once a minute."""
    stale = shops.c.script_seen_at.is_(None) | (shops.c.script_seen_at < now - SCRIPT_SEEN_EVERY)
    tx.execute(shops.update().where(shops.c.id == shop_id, stale).values(script_seen_at=now))


def needs_reconnect(tx: Tx, shop_id: int) -> None:
    """Shopify takes none of our tokens any more: the merchant must open the app once."""
    tx.execute(shops.update().where(shops.c.id == shop_id).values(needs_reconnect=True))


def _opens(token: Sealed | None) -> bool:
    try:
        return token is not None and bool(token.open())
    except CannotOpen:
        return False


def close(tx: Tx, shop_id: int) -> None:
    """A shop that is being erased loses its name, its access and its keys first: it may be installed anew meanwhile."""
    nothing = {"access_token": None, "refresh_token": None, "vapid_private": b"", "vapid_public": b""}
    unnamed = {"domain": f"erased-{secrets.token_hex(16)}.invalid", "name": "", "storefront_url": None}
    tx.execute(shops.update().where(shops.c.id == shop_id).values(nothing | unnamed))


def _key_pair() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_numbers().private_value.to_bytes(32, "big")
    return private, key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _shop(row: Row[tuple[object, ...]]) -> Shop:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    values["scopes"] = tuple(scope for scope in values["scopes"].split(",") if scope)
    return Shop(**values)
