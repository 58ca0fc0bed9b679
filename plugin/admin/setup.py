"""The set-up as a checklist: history, storefront script, first subscriber, first campaign."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from plugin.audience import consent
from plugin.ingest.backfill import HISTORY
from plugin.ingest.history import KINDS
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx
from plugin.store.tables import backfills, campaigns, checkouts, collections, orders, people, products

from . import words

LABELS = {
    "products": "Products",
    "collections": "Collections",
    "customers": "Customers",
    "orders": "Orders",
    "checkouts": "Abandoned checkouts",
}


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

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def words(self) -> str:
        """What is happening now. Records are what a file counts: an order's lines are some of their own."""
        so_far, all_told = words.count(self.objects), words.count(self.total or 0)
        match self.state:
            case "waiting":
                return "Waiting for its turn"
            case "running":
                return f"Shopify is collecting them: {all_told} so far" if self.total else "Shopify is collecting them"
            case "loading":
                return f"Reading: {so_far} of {all_told} records" if self.total else f"Reading: {so_far} records"
            case "failed":
                return f"Stopped after {words.plural(self.objects, 'record')}" if self.objects else "Stopped"
            case _:
                return f"Done: {words.plural(self.objects, 'record')}" if self.objects else "Done: there are none"


@dataclass(frozen=True, slots=True)
class Steps:
    history: tuple[Part, ...]
    held: dict[str, int]
    """How many of each kind there are, once they are loaded."""
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
    def history_words(self) -> str:
        """The whole of it in one sentence, for those who do not see the bars."""
        done = sum(part.done for part in self.history)
        failed = [part.label.lower() for part in self.history if part.state == "failed"]
        stopped = f" Stopped: {', '.join(failed)}." if failed else ""
        return f"{done} of {len(self.history)} parts of the history are loaded.{stopped}"

    @property
    def done(self) -> int:
        return [self.history_loaded, self.script_seen, self.reachable > 0, self.campaigns > 0].count(True)


def of(tx: Tx, shop: Shop) -> Steps:
    """How far this shop is."""
    columns = (backfills.c.kind, backfills.c.state, backfills.c.objects, backfills.c.total, backfills.c.error)
    mine = select(*columns).where(backfills.c.shop_id == shop.id, backfills.c.reconciliation_id == HISTORY)
    loaded = {row.kind: Part(*row) for row in tx.execute(mine)}
    begun = select(func.count()).where(
        campaigns.c.shop_id == shop.id, campaigns.c.started_at.is_not(None) | (campaigns.c.state == "scheduled")
    )
    history = tuple(loaded.get(kind, Part(kind, "waiting", 0, None, None)) for kind in KINDS)
    return Steps(
        history=history,
        held=_held(tx, shop) if all(part.done for part in history) else {},
        script_seen=shop.script_seen_at is not None and not shop.bell_unseen_since_theme,
        reachable=consent.overview(tx, shop.id).people,
        campaigns=tx.execute(begun).scalar_one(),
    )


def _held(tx: Tx, shop: Shop) -> dict[str, int]:
    there = {
        "product": (products, products.c.deleted_at.is_(None)),
        "collection": (collections, collections.c.deleted_at.is_(None)),
        "customer": (people, people.c.customer_id.is_not(None)),
        "order": (orders, orders.c.deleted_at.is_(None)),
        "abandoned checkout": (checkouts, checkouts.c.completed_at.is_(None)),
    }
    return {
        name: tx.execute(select(func.count()).where(table.c.shop_id == shop.id, which)).scalar_one()
        for name, (table, which) in there.items()
    }
