"""The set-up as a checklist: history, storefront script, first subscriber, first campaign."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from plugin.audience import consent
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx
from plugin.store.tables import backfills, campaigns

KINDS = ("products", "customers", "orders")


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of the store's history."""

    kind: str
    state: str
    objects: int
    total: int | None
    error: str | None

    @property
    def done(self) -> bool:
        return self.state == "done"


@dataclass(frozen=True, slots=True)
class Steps:
    history: tuple[Part, ...]
    script_seen: bool
    reachable: int
    campaigns: int
    """Those that began to be sent, or will be."""

    @property
    def history_loaded(self) -> bool:
        return all(part.done for part in self.history)

    @property
    def history_failed(self) -> bool:
        return any(part.state == "failed" for part in self.history)

    @property
    def done(self) -> int:
        return [self.history_loaded, self.script_seen, self.reachable > 0, self.campaigns > 0].count(True)


def of(tx: Tx, shop: Shop) -> Steps:
    """How far this shop is."""
    columns = (backfills.c.kind, backfills.c.state, backfills.c.objects, backfills.c.total, backfills.c.error)
    loaded = {row.kind: Part(*row) for row in tx.execute(select(*columns).where(backfills.c.shop_id == shop.id))}
    begun = select(func.count()).where(
        campaigns.c.shop_id == shop.id, campaigns.c.started_at.is_not(None) | (campaigns.c.state == "scheduled")
    )
    return Steps(
        history=tuple(loaded.get(kind, Part(kind, "waiting", 0, None, None)) for kind in KINDS),
        script_seen=shop.script_seen_at is not None and not shop.bell_unseen_since_theme,
        reachable=consent.overview(tx, shop.id).people,
        campaigns=tx.execute(begun).scalar_one(),
    )
