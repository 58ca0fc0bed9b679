"""The small interface behind which plans are sold, whichever way Shopify takes the money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from plugin.base import settings
from plugin.ingest.shops import Shop

from .plans import Plan

State = Literal["none", "active", "trial", "frozen", "cancelled"]
Request = Literal["pending", "declined", "expired"]


@dataclass(frozen=True, slots=True)
class Told:
    """A shop's plan as Shopify tells it now."""

    state: State = "none"
    plan: str | None = None
    """The handle of the plan that the state is of."""
    request: Request | None = None
    """What became of a newer choice that is not in force."""
    request_plan: str | None = None
    test: bool = False
    subscription_gid: str | None = None
    month_from: datetime | None = None
    trial_ends_at: datetime | None = None
    ends_at: datetime | None = None
    next_plan: str | None = None


@dataclass(frozen=True, slots=True)
class Ids:
    """Shopify's ids of the shop and of the app in it, which never change."""

    shop_gid: str
    app_gid: str
    development: bool
    """It cannot be charged. Such a store may be handed over to a merchant and become a real one, never the reverse."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Shopify told."""

    told: Told = field(default_factory=Told)
    ids: Ids | None = None


class Offer(Protocol):
    """One way to sell plans. Both methods use the network: call them with no transaction open."""

    @property
    def hosted_page(self) -> bool:
        """Plans are chosen on a page of Shopify's, not on ours."""

    def ask(self, shop: Shop, ids: Ids | None, now: datetime) -> Answer:
        """The shop's plan now. Raises Unavailable, Refused."""

    def choose(self, shop: Shop, plan: Plan | None, ids: Ids | None, told: Told) -> str | None:
        """Where the merchant goes on to get `plan` (None: to any), to be opened at the top; None: it is done.

        Raises Unavailable, Refused, BeckonError.
        """


def offer() -> Offer | None:
    """How this installation sells plans; None: it is self-hosted and sells none."""
    from . import app_pricing, billing_api

    mine = settings.current().billing
    if mine is None:
        return None
    return app_pricing.AppPricing(mine) if mine.way == "app_pricing" else billing_api.BillingApi(mine)


def store_handle(shop: Shop) -> str:
    """`name` of name.myshopify.com, as the admin's addresses say it."""
    return shop.domain.removesuffix(".myshopify.com")
