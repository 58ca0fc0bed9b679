"""What is stuck for want of somebody's access or answer, in sentences for `beckon status`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from plugin.automation.recipes import RECIPES
from plugin.message.content import Template
from plugin.message.standing import Place, codes_over
from plugin.store import reseal
from plugin.store.engine import Tx
from plugin.store.tables import automations, privacy_requests, shops


def without_access(tx: Tx) -> list[str]:
    """Shops that Shopify does not let us into, and secrets that our keys do not open."""
    lost = select(shops.c.domain).where(shops.c.uninstalled_at.is_(None), shops.c.needs_reconnect)
    sentences = [
        f"{domain}: Shopify takes none of our tokens. Its merchant must open Beckon once; pushes go out meanwhile."
        for domain in tx.execute(lost.order_by(shops.c.id)).scalars()
    ]
    if closed := reseal.count(tx).closed:
        sentences.append(
            f"{len(closed)} secrets cannot be opened with BECKON_ENCRYPTION_KEYS, the first is {closed[0]}:"
            " add the key that they were encrypted with."
        )
    return sentences


def automations_held(tx: Tx, now: datetime) -> list[str]:
    """Automations that paused themselves, and those whose discount code is over."""
    of = automations.c
    rows = tx.execute(
        select(
            of.recipe,
            of.title,
            of.body,
            of.url,
            of.paused_at,
            of.reason,
            shops.c.id,
            shops.c.domain,
            shops.c.storefront_url,
            shops.c.timezone,
        )
        .join(shops, shops.c.id == of.shop_id)
        .where(of.enabled, shops.c.uninstalled_at.is_(None))
        .order_by(of.id)
    ).all()
    told: list[str] = []
    for row in rows:
        name = f"{row.domain}: the automation “{RECIPES[row.recipe].heading}”"
        if row.paused_at is not None:
            told.append(f"{name} paused itself and waits for its merchant: {row.reason}")
        place = Place(row.id, row.storefront_url or f"https://{row.domain}", row.domain, row.timezone)
        over = codes_over(tx, place, Template(row.title, row.body, row.url or "/"), now)
        told += [f"{name} sends nothing: {each.sentence}" for each in over]
    return told


def unanswered(tx: Tx, now: datetime) -> list[str]:
    """Privacy requests that stopped, or whose limit is over."""
    table = privacy_requests.c
    rows = tx.execute(
        select(shops.c.domain, table.kind, table.due_at, table.error)
        .join(shops, shops.c.id == table.shop_id)
        .where(table.state == "open", or_(table.error.is_not(None), table.due_at < now))
        .order_by(table.due_at, table.id)
        .limit(20)
    )
    return [
        f"{domain}: a privacy request ({kind}) {f'stopped: {error}; the clock tries again' if error else 'is overdue'}."
        f" Its limit is {due_at:%Y-%m-%d}; `beckon privacy open --shop {domain}` shows it."
        for domain, kind, due_at, error in rows
    ]
