"""What we know of a shop's plan, how old that is, and asking anew. Shopify is the truth; this is its last word.

An answer that does not come changes nothing: the last known plan holds on, with its age.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, or_, select

from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.ingest import shops
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import shop_plans
from plugin.store.tables import shops as shops_table
from plugin.store.upsert import insert_new, upsert

from .offer import Answer, Ids, Told, offer
from .plans import FREE, Plan, plan_of

log = logging.getLogger(__name__)

EVERY = timedelta(hours=6)
AGAIN = timedelta(minutes=10)
SOON = timedelta(minutes=1)
OPENED = timedelta(minutes=10)
"""Whoever opens the panel sees nothing older for long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A shop's plan as far as we know. `told` None: Shopify never told, so that nothing is limited."""

    told: Told | None = None
    ids: Ids | None = None
    known_at: datetime | None = None
    tried_at: datetime | None = None
    ask_at: datetime | None = None
    error: str | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan whose limits hold: the free one without a choice or a payment; None while we know nothing."""
        if self.told is None:
            return None
        return plan_of(self.told.plan) if self.told.plan and self.told.state in ("active", "trial") else FREE


def of(tx: Tx, shop: Shop) -> Standing:
    """What we know of this installation of the shop: an uninstall ended the plan, whatever was known before."""
    row = tx.execute(select(shop_plans).where(shop_plans.c.shop_id == shop.id)).one_or_none()
    return _standing(row, shop.installed_at) if row else Standing()


def ask(shop_id: int) -> Standing:
    """Asks Shopify and keeps the answer; what went wrong is kept as well, and said. No transaction may be open."""
    began = clock.now()
    with snapshot() as tx:
        shop = shops.by_id(tx, shop_id)
        before = of(tx, shop)
    sold = offer()
    if sold is None or shop.uninstalled_at is not None:
        return before
    try:
        answer = sold.ask(shop, before.ids, began)
    except BeckonError as error:
        log.warning("the plan of %s is not known anew: %s", shop.domain, error)
        with transaction() as tx:
            _keep(tx, shop_id, {"error": str(error), "tried_at": began, "ask_at": began + AGAIN})
    else:
        with transaction() as tx:
            _learn(tx, shop_id, answer, began)
    with snapshot() as tx:
        return of(tx, shop)


def ask_soon(tx: Tx, shop_id: int, at: datetime) -> None:
    """Something has changed: the clock asks at `at`."""
    _keep(tx, shop_id, {"ask_at": at})


def is_stale(standing: Standing, now: datetime) -> bool:
    """Whether opening the panel is worth a question."""
    due = standing.ask_at is not None and standing.ask_at <= now
    return due or standing.tried_at is None or standing.tried_at < now - OPENED


def due(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Shops to ask about, those never asked about first; notes that they are being asked about now."""
    here = shops_table.c.uninstalled_at.is_(None), shops_table.c.access_token.is_not(None)
    waits = or_(shop_plans.c.ask_at.is_(None), shop_plans.c.ask_at <= now)
    found = (
        select(shops_table.c.id)
        .outerjoin(shop_plans, shop_plans.c.shop_id == shops_table.c.id)
        .where(*here, waits)
        .order_by(shop_plans.c.ask_at.is_not(None), shop_plans.c.ask_at)
        .limit(limit)
    )
    shop_ids = list(tx.execute(found).scalars())
    upsert(tx, shop_plans, [{"shop_id": each, "ask_at": now + AGAIN} for each in shop_ids], key=("shop_id",))
    return shop_ids


def _learn(tx: Tx, shop_id: int, answer: Answer, began: datetime) -> None:
    """Of two answers the one that was asked for later holds."""
    told, ids = answer.told, answer.ids
    values = {name: getattr(told, name) for name in Told.__slots__}
    if ids is not None:
        values |= {"shop_gid": ids.shop_gid, "app_gid": ids.app_gid, "development": ids.development}
    values |= {"known_at": began, "tried_at": began, "error": None, "ask_at": began + EVERY}
    _begin(tx, shop_id, began)
    older = shop_plans.c.known_at.is_(None) | (shop_plans.c.known_at <= began)
    tx.execute(shop_plans.update().where(shop_plans.c.shop_id == shop_id, older).values(**values))


def _keep(tx: Tx, shop_id: int, values: dict[str, object]) -> None:
    _begin(tx, shop_id, clock.now())
    tx.execute(shop_plans.update().where(shop_plans.c.shop_id == shop_id).values(**values))


def _begin(tx: Tx, shop_id: int, at: datetime) -> None:
    insert_new(tx, shop_plans, [{"shop_id": shop_id, "ask_at": at}])


def _standing(row: Row[tuple[object, ...]], installed_at: datetime) -> Standing:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    ids = Ids(values["shop_gid"], values["app_gid"], values["development"]) if values["shop_gid"] else None
    current = values["known_at"] is not None and values["known_at"] >= installed_at
    told = Told(**{name: values[name] for name in Told.__slots__}) if current else None
    known_at = values["known_at"] if current else None
    tried = values["tried_at"] if values["tried_at"] and values["tried_at"] >= installed_at else None
    return Standing(told, ids, known_at, tried, values["ask_at"], values["error"] if tried else None)
