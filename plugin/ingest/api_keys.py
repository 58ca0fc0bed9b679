"""Keys of the events API: shown once, kept as hashes, taken back by the merchant.

Each may tell so many events at once and so many a minute. The allowance is a row: no Redis, nothing lost with it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import select

from plugin.base.errors import BeckonError, NotFound
from plugin.store.engine import Tx
from plugin.store.tables import api_keys, shops

AT_ONCE = 10_000
"""Events that a rested key may tell without waiting."""
A_MINUTE = 6_000
MOST = 20
"""Keys of one shop that are valid at a time."""
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Key:
    """One key as the panel lists it."""

    id: int
    name: str
    ending: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a key opens. `wait`: seconds until it may tell so many events; 0 when it may now."""

    shop_id: int
    keeps_email: bool
    wait: int


def make(tx: Tx, shop_id: int, name: str, now: datetime) -> str:
    """A new key, which nobody can read again. Raises BeckonError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise BeckonError(f"Name the key after the tool that gets it, in at most {LONGEST_NAME} characters.")
    if len(valid(tx, shop_id)) >= MOST:
        raise BeckonError(f"There are {MOST} keys already. Revoke one that nobody uses any more.")
    key = f"bk_{secrets.token_urlsafe(32)}"
    row = {"shop_id": shop_id, "name": name, "key_hash": _hash(key), "ending": key[-4:]}
    tx.execute(api_keys.insert().values(**row, created_at=now, left=AT_ONCE, filled_at=now))
    return key


def valid(tx: Tx, shop_id: int) -> list[Key]:
    """The keys that open, the newest first."""
    of = api_keys.c
    query = select(of.id, of.name, of.ending, of.created_at, of.last_used_at)
    rows = tx.execute(query.where(of.shop_id == shop_id, of.revoked_at.is_(None)).order_by(of.id.desc()))
    return [Key(*row) for row in rows]


def revoke(tx: Tx, shop_id: int, key_id: int, now: datetime) -> None:
    """It opens nothing any more. Raises NotFound."""
    mine = api_keys.c.shop_id == shop_id, api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)
    if not tx.execute(api_keys.update().where(*mine).values(revoked_at=now).returning(api_keys.c.id)).all():
        raise NotFound("That key is revoked already.")


def open_with(tx: Tx, key: str, events: int, now: datetime) -> Opened | None:
    """Takes `events` off the key's allowance and notes its use; None for a key that opens nothing."""
    row = tx.execute(
        select(api_keys.c.id, api_keys.c.left, api_keys.c.filled_at, api_keys.c.shop_id, shops.c.keeps_email)
        .join(shops, shops.c.id == api_keys.c.shop_id)
        .where(api_keys.c.key_hash == _hash(key), api_keys.c.revoked_at.is_(None), shops.c.uninstalled_at.is_(None))
        .with_for_update(of=api_keys)
    ).one_or_none()
    if row is None:
        return None
    rested = max((now - row.filled_at).total_seconds(), 0)
    left = min(row.left + rested * A_MINUTE / 60, AT_ONCE)
    wait = ceil((events - left) * 60 / A_MINUTE) if events > left else 0
    left = left if wait else left - events
    used = {"left": left, "filled_at": max(now, row.filled_at), "last_used_at": now}
    tx.execute(api_keys.update().where(api_keys.c.id == row.id).values(used))
    return Opened(row.shop_id, row.keeps_email, wait)


def _hash(key: str) -> bytes:
    """Of 256 random bits: no salt and no slow hash would make it harder to guess."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
