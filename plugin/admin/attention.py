"""What is worth the merchant's attention, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from plugin.automation import lifecycle
from plugin.ingest import privacy
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx
from plugin.store.tables import backfills, campaigns, webhooks

from . import words


@dataclass(frozen=True, slots=True)
class News:
    """One thing, in a sentence, and where it is mended, if the merchant can."""

    sentence: str
    link: str = ""
    verb: str = ""


def of(tx: Tx, shop: Shop) -> list[News]:
    """The most pressing first."""
    found = [
        *_privacy(tx, shop),
        *_campaigns(tx, shop),
        *_automations(tx, shop),
        *_theme(shop),
        *_history(tx, shop),
        *_webhooks(tx, shop),
    ]
    if shop.needs_reconnect:
        lost = (
            "Shopify no longer accepts Beckon's access. Open Beckon from the Apps menu of your admin once to reconnect."
        )
        found.insert(0, News(lost, "/settings", "See how"))
    return found


def _privacy(tx: Tx, shop: Shop) -> list[News]:
    """Who asks what is held waits for the merchant; an erasure that broke is told, and mended by the clock."""
    waiting = privacy.open_ones(tx, shop.id)
    asks = [each for each in waiting if each.kind == privacy.EXPORT]
    found = []
    if asks:
        who = f"Customer {asks[0].customer_id} asks" if len(asks) == 1 else f"{len(asks)} customers ask"
        until = words.day(asks[0].due_at, shop.timezone, asks[0].received_at)
        found.append(News(f"{who} what you hold of them. Answer by {until}.", "/settings/privacy", "Answer"))
    if any(each.error for each in waiting):
        stopped = "An erasure that somebody asked for has stopped half-way. Beckon goes on with it by itself."
        found.append(News(stopped, "/settings/privacy", "Look at it"))
    return found


def _campaigns(tx: Tx, shop: Shop) -> list[News]:
    """Paused ones, and those that could not be sent and came back as drafts."""
    rows = tx.execute(
        select(campaigns.c.id, campaigns.c.name, campaigns.c.state, campaigns.c.reason)
        .where(
            campaigns.c.shop_id == shop.id, campaigns.c.state.in_(("paused", "draft")), campaigns.c.reason.is_not(None)
        )
        .order_by(campaigns.c.updated_at.desc())
        .limit(5)
    )
    return [
        News(
            f"“{row.name}” {'is paused' if row.state == 'paused' else 'came back to you'}: {row.reason}",
            f"/campaigns/{row.id}",
            "Look at it",
        )
        for row in rows
    ]


def _automations(tx: Tx, shop: Shop) -> list[News]:
    """Those that paused themselves."""
    paused = [each for each in lifecycle.overview(tx, shop.id) if each.paused]
    return [
        News(f"“{each.heading}” is paused: {each.paused}", f"/automations/{each.path}", "Look at it") for each in paused
    ]


def _theme(shop: Shop) -> list[News]:
    """App embeds belong to a theme: in another one the bell is off until it is switched on there."""
    if not shop.bell_unseen_since_theme:
        return []
    name = f"the theme “{shop.theme_name}”" if shop.theme_name else "another theme"
    asks = f"You published {name}, and the bell was not seen in it yet. Check that it is switched on there."
    return [News(asks, "/settings", "Switch it on")]


def _history(tx: Tx, shop: Shop) -> list[News]:
    rows = tx.execute(
        select(backfills.c.kind, backfills.c.error).where(
            backfills.c.shop_id == shop.id, backfills.c.reconciliation_id == 0, backfills.c.state == "failed"
        )
    )
    return [
        News(f"The history of your {row.kind} could not be loaded: {row.error or 'no reason was given.'}")
        for row in rows
    ]


def _webhooks(tx: Tx, shop: Shop) -> list[News]:
    failed = tx.execute(
        select(webhooks.c.topic, func.count().label("number"), func.max(webhooks.c.error).label("error"))
        .where(webhooks.c.shop_domain == shop.domain, webhooks.c.state == "failed")
        .group_by(webhooks.c.topic)
        .order_by(func.count().desc())
    ).all()
    return [
        News(
            f"{words.plural(row.number, 'notice')} from Shopify ({row.topic}) could not be read: {row.error} "
            "Nothing is lost: Beckon keeps such notices and can read them again."
        )
        for row in failed
    ]
