"""Where a plan's limit acts: before a campaign is sent or scheduled, and nowhere else.

What has begun is finished, automations go on, the storefront asks for opt-ins: whatever the plan holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plugin.base.errors import BeckonError
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx

from . import standing, usage
from .plans import Plan
from .standing import Standing
from .usage import Month

WARNING = 80
"""Per cent of a plan's pushes."""


class OverPlan(BeckonError):
    """The plan does not hold what is to be sent."""

    where = ("/settings#plan", "See the plans")
    """What to do about it, and where."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of the plan is used in a month. `limit` None: as much as they like."""

    plan: Plan | None
    month: Month
    sent: int
    promised: int

    @property
    def limit(self) -> int | None:
        return self.plan.pushes if self.plan else None

    @property
    def left(self) -> int | None:
        """What another campaign may need; None: any number."""
        return None if self.limit is None else max(0, self.limit - self.sent - self.promised)

    @property
    def is_nearly_full(self) -> bool:
        return self.limit is not None and self.sent * 100 >= self.limit * WARNING


def meter(tx: Tx, shop: Shop, known: Standing, at: datetime, now: datetime) -> Meter:
    """The meter of the month that holds `at`. Months are counted from the plan's, else from the installation."""
    anchor = known.told.month_from if known.told and known.told.month_from else shop.installed_at
    month = usage.month_of(anchor, at)
    return Meter(
        known.plan, month, usage.sent(tx, shop.id, month), usage.promised(tx, shop.id, month, now) if known.plan else 0
    )


def too_much(tx: Tx, shop: Shop, need: int, at: datetime, now: datetime) -> str:
    """Why `need` pushes cannot go out at `at`, in a sentence that says what to do; "" when they can."""
    known = standing.of(tx, shop)
    if known.plan is None or known.plan.pushes is None or need == 0:
        return ""
    found = meter(tx, shop, known, at, now)
    if found.left is None or need <= found.left:
        return ""
    ends = found.month.ends.astimezone(ZoneInfo(shop.timezone))
    under_way = f", {_pushes(found.promised)} kept for campaigns on their way" if found.promised else ""
    return (
        f"Your plan {known.plan.name} holds {_pushes(known.plan.pushes)} a month: {found.sent:,} sent{under_way}, "
        f"{found.left:,} left. This campaign needs {need:,}. Choose a bigger plan or a smaller segment, "
        f"or send it after {ends.day} {ends:%B}, when the next month begins."
    )


def refuse(tx: Tx, shop: Shop, need: int, at: datetime, now: datetime) -> None:
    """Raises OverPlan with `too_much`'s sentence."""
    if sentence := too_much(tx, shop, need, at, now):
        raise OverPlan(sentence)


def _pushes(number: int) -> str:
    return f"{number:,} push" if number == 1 else f"{number:,} pushes"
