"""The pretend Partner Dashboard: the organization, its Partner API client, the app's plans and their welcome link."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from sandbox.state import fact, remember
from sandbox.world import World

ORGANIZATION = "4242"
TOKEN = "prtapi_sandbox_only"
WELCOME = "/settings"
"""Where the app is opened after a plan was chosen; Shopify adds `plan_handle`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A public plan; `amount` in cents of a dollar for thirty days."""

    handle: str
    name: str
    amount: int
    trial_days: int = 0
    about: str = ""


PLANS = (
    Listed("free", "Free", 0, about="1,000 pushes a month"),
    Listed("starter", "Starter", 1_500, 14, "15,000 pushes a month"),
    Listed("growth", "Growth", 4_900, 14, "75,000 pushes a month"),
    Listed("scale", "Scale", 14_900, 14, "300,000 pushes a month"),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the hand may change."""

    pricing: Literal["app_pricing", "manual"] = "app_pricing"
    """As the Dashboard is set: App Pricing refuses charges of the Billing API, manual pricing has no hosted page."""
    development: bool = True
    """The store is a development store: it tries plans and never pays."""
    trials: bool = False
    """Whether plans begin with their free trial."""
    partner: Literal["here", "away", "slow down", "forbidden"] = "here"
    """How the Partner API feels."""


def rules(world: World) -> Rules:
    return Rules(**(fact(world.db, "billing_rules") or {}))


def set_rules(world: World, **changes: object) -> None:
    """Raises TypeError for a rule that there is not."""
    remember(world.db, "billing_rules", asdict(Rules(**(asdict(rules(world)) | changes))))


def plan(handle: str) -> Listed | None:
    return next((each for each in PLANS if each.handle == handle), None)
