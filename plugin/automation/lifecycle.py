"""An automation's switch, delay and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from plugin.base.errors import BeckonError, NotFound
from plugin.store.engine import Tx
from plugin.store.tables import automations, enrollments
from plugin.store.upsert import upsert

from .recipes import RECIPES, Recipe

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Automation:
    """A recipe as this shop has it, whether or not it was ever touched."""

    recipe: Recipe
    enabled: bool
    delay: timedelta
    title: str
    body: str
    waiting: int


def configure(
    tx: Tx, shop_id: int, recipe: str, *, enabled: bool, delay: timedelta, title: str, body: str, now: datetime
) -> None:
    """Keeps the merchant's choice. Whoever waits keeps waiting; what happened before it was on triggers nothing.

    The words' limits and merge tags: `plugin.message.check` says them.
    """
    if recipe not in RECIPES:
        raise NotFound(f"There is no automation {recipe!r}.")
    if not SHORTEST <= delay <= LONGEST:
        raise BeckonError("The delay must be between 1 minute and 7 days.")
    if not title.strip():
        raise BeckonError("The message has no title. Write one: it is the line in bold that people see first.")
    before = _row(tx, shop_id, recipe)
    enabled_at = (before.enabled_at if before and before.enabled else now) if enabled else None
    row = {
        "shop_id": shop_id,
        "recipe": recipe,
        "enabled": enabled,
        "delay": int(delay.total_seconds()),
        "title": title.strip(),
        "body": body.strip(),
        "updated_at": now,
        "enabled_at": enabled_at,
    }
    upsert(tx, automations, [row], key=("shop_id", "recipe"))


def find(tx: Tx, shop_id: int, recipe: str) -> Automation:
    """One automation of this shop. Raises NotFound for an unknown recipe."""
    if recipe not in RECIPES:
        raise NotFound(f"There is no automation {recipe!r}.")
    kept, made = RECIPES[recipe], _row(tx, shop_id, recipe)
    if made is None:
        return Automation(kept, enabled=False, delay=kept.delay, title=kept.title, body=kept.body, waiting=0)
    waiting = tx.execute(
        select(func.count()).where(enrollments.c.automation_id == made.id, enrollments.c.state == "waiting")
    ).scalar_one()
    return Automation(kept, made.enabled, timedelta(seconds=made.delay), made.title, made.body, waiting)


def overview(tx: Tx, shop_id: int) -> list[Automation]:
    """All automations, as this shop has them."""
    return [find(tx, shop_id, recipe) for recipe in RECIPES]


def _row(tx: Tx, shop_id: int, recipe: str) -> Row[*tuple[Any, ...]] | None:
    return tx.execute(
        select(
            automations.c.id,
            automations.c.enabled,
            automations.c.delay,
            automations.c.title,
            automations.c.body,
            automations.c.enabled_at,
        ).where(automations.c.shop_id == shop_id, automations.c.recipe == recipe)
    ).one_or_none()
