"""What a hosted installation sells: one table. Handles are those of the plans in the Partner Dashboard.

A plan holds so many pushes a billing month (thirty days). Everything else, subscribers, segments, automations and
reports, is in every plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CURRENCY: Final = "USD"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan; `price` in cents for thirty days, `pushes` a month, None: as many as they like."""

    handle: str
    name: str
    price: int
    pushes: int | None
    trial_days: int = 0
    listed: bool = True
    """False: a private plan, given to single stores in the Partner Dashboard."""

    @property
    def price_in_words(self) -> str:
        """For display; what is charged is what Shopify shows when the plan is approved."""
        if not self.price:
            return "Free"
        whole, cents = divmod(self.price, 100)
        return f"${whole}{f'.{cents:02}' if cents else ''} every 30 days"

    @property
    def holds(self) -> str:
        """What it holds, in words."""
        return f"{self.pushes:,} pushes a month" if self.pushes is not None else "As many pushes as you like"


FREE: Final = Plan("free", "Free", price=0, pushes=1_000)
PLANS: Final = {
    plan.handle: plan
    for plan in (
        FREE,
        Plan("starter", "Starter", price=1_500, pushes=15_000, trial_days=14),
        Plan("growth", "Growth", price=4_900, pushes=75_000, trial_days=14),
        Plan("scale", "Scale", price=14_900, pushes=300_000, trial_days=14),
        Plan("partner", "Partner", price=0, pushes=None, listed=False),
    )
}


def plan_of(handle: str) -> Plan:
    """The plan of that handle. One that was made in the Dashboard and not here is nobody's fault but ours: no limit."""
    return PLANS.get(handle) or Plan(handle, handle.replace("-", " ").capitalize(), price=0, pushes=None, listed=False)


def named(name: str) -> Plan | None:
    """The plan of that name: charges of the Billing API made before handles existed tell no more."""
    return next((plan for plan in PLANS.values() if plan.name.casefold() == name.strip().casefold()), None)
