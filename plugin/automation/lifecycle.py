"""An automation's switch, delay and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from plugin.audience.browsers import Browsers
from plugin.base.errors import BeckonError, NotFound
from plugin.segment import saved
from plugin.segment.saved import Segment
from plugin.store.engine import Tx
from plugin.store.tables import automations, enrollments
from plugin.store.upsert import upsert

from .recipes import RECIPES, Recipe


@dataclass(frozen=True, slots=True)
class Automation:
    """A recipe as this shop has it, whether or not it was ever touched; of a segment, where it is about one."""

    recipe: Recipe
    enabled: bool
    delay: timedelta
    title: str
    body: str
    waiting: int
    url: str = ""
    segment: Segment | None = None
    id: int | None = None
    """None before it was ever saved."""
    browsers: Browsers = Browsers.LAST
    asks_stock: bool = True
    """These two: what is asked once more at the moment of sending, of the product that its link opens."""
    asks_purchase: bool = True
    paused: str | None = None
    """Why it paused itself, in words."""

    @property
    def heading(self) -> str:
        return f"{self.recipe.heading}: {self.segment.name}" if self.segment else self.recipe.heading

    @property
    def segment_id(self) -> int:
        """0 where it is about none."""
        return self.segment.id if self.segment else 0

    @property
    def path(self) -> str:
        """Names it in addresses."""
        return f"{self.recipe.name}/{self.segment.id}" if self.segment else self.recipe.name


def configure(
    tx: Tx,
    shop_id: int,
    recipe: str,
    *,
    enabled: bool,
    delay: timedelta,
    title: str,
    body: str,
    now: datetime,
    url: str = "",
    segment_id: int = 0,
    browsers: Browsers = Browsers.LAST,
    asks_stock: bool = True,
    asks_purchase: bool = True,
) -> None:
    """Keeps the merchant's choice. Whoever waits keeps waiting; what happened before it was on triggers nothing.

    The words' limits and merge tags: `plugin.message.check` says them. Raises NotFound for a recipe or a segment that
    there is not, BeckonError for a delay or a title.
    """
    kept = _recipe(recipe)
    _segment(tx, shop_id, kept, segment_id)
    if not kept.shortest <= delay <= kept.longest:
        raise BeckonError(f"The delay must be between {span_in_words(kept)}.")
    if not title.strip():
        raise BeckonError("The message has no title. Write one: it is the line in bold that people see first.")
    before = _row(tx, shop_id, recipe, segment_id)
    enabled_at = (before.enabled_at if before and before.enabled else now) if enabled else None
    row = {
        "shop_id": shop_id,
        "recipe": recipe,
        "segment_id": segment_id,
        "enabled": enabled,
        "delay": int(delay.total_seconds()),
        "title": title.strip(),
        "body": body.strip(),
        "url": url.strip(),
        "browsers": browsers,
        "updated_at": now,
        "enabled_at": enabled_at,
        "asks_stock": asks_stock,
        "asks_purchase": asks_purchase,
    }
    if enabled and not (before and before.enabled):
        row |= {"paused_at": None, "reason": None}
    upsert(tx, automations, [row], key=("shop_id", "recipe", "segment_id"))


def find(tx: Tx, shop_id: int, recipe: str, segment_id: int = 0) -> Automation:
    """One automation of this shop. Raises NotFound for an unknown recipe, or a segment that there is not."""
    kept = _recipe(recipe)
    segment = _segment(tx, shop_id, kept, segment_id)
    made = _row(tx, shop_id, recipe, segment_id)
    if made is None:
        return Automation(
            kept, enabled=False, delay=kept.delay, title=kept.title, body=kept.body, waiting=0, segment=segment
        )
    waiting = tx.execute(
        select(func.count()).where(enrollments.c.automation_id == made.id, enrollments.c.state == "waiting")
    ).scalar_one()
    delay = timedelta(seconds=made.delay)
    return Automation(
        kept,
        made.enabled,
        delay,
        made.title,
        made.body,
        waiting,
        made.url,
        segment,
        made.id,
        Browsers(made.browsers),
        made.asks_stock,
        made.asks_purchase,
        made.reason if made.enabled and made.paused_at else None,
    )


def overview(tx: Tx, shop_id: int) -> list[Automation]:
    """All automations, as this shop has them: those of segments that were saved, by their names."""
    alive = {segment.id: segment for segment in saved.every(tx, shop_id)}
    made = tx.execute(select(automations.c.recipe, automations.c.segment_id).where(automations.c.shop_id == shop_id))
    of_segments = [find(tx, shop_id, row.recipe, row.segment_id) for row in made if row.segment_id in alive]
    plain = [find(tx, shop_id, recipe.name) for recipe in RECIPES.values() if not recipe.of_segment]
    return plain + sorted(of_segments, key=lambda one: one.heading.casefold())


def span_in_words(recipe: Recipe) -> str:
    """How long a delay may be."""
    shortest = "0 minutes" if not recipe.shortest else "1 minute"
    return f"{shortest} and {recipe.longest.days} days"


def _recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise NotFound(f"There is no automation {name!r}.")
    return RECIPES[name]


def _segment(tx: Tx, shop_id: int, recipe: Recipe, segment_id: int) -> Segment | None:
    if recipe.of_segment:
        return saved.find(tx, shop_id, segment_id)
    if segment_id:
        raise NotFound(f"{recipe.heading} is about no segment.")
    return None


def _row(tx: Tx, shop_id: int, recipe: str, segment_id: int) -> Row[*tuple[Any, ...]] | None:
    return tx.execute(
        select(
            automations.c.id,
            automations.c.enabled,
            automations.c.delay,
            automations.c.title,
            automations.c.body,
            automations.c.url,
            automations.c.browsers,
            automations.c.enabled_at,
            automations.c.asks_stock,
            automations.c.asks_purchase,
            automations.c.paused_at,
            automations.c.reason,
        ).where(
            automations.c.shop_id == shop_id, automations.c.recipe == recipe, automations.c.segment_id == segment_id
        )
    ).one_or_none()
