"""Shopify App Pricing: plans, prices and trials stand in the Partner Dashboard, Shopify shows the page on which a plan
is chosen, and the Partner API tells what was chosen. No webhook tells of it: we ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from plugin.base import settings
from plugin.base.errors import BeckonError, Unavailable
from plugin.base.settings import Billing
from plugin.ingest.payload import Part
from plugin.ingest.shops import Shop

from . import billing_api
from .offer import Answer, Ids, Told, store_handle
from .partner import PartnerApi
from .plans import PLANS, Plan


@dataclass(frozen=True, slots=True)
class AppPricing:
    """Offer: Shopify's own."""

    mine: Billing
    hosted_page: bool = True

    def ask(self, shop: Shop, ids: Ids | None, now: datetime) -> Answer:
        """The contract; where there is none, what the Admin API knows: an older charge, one that is frozen."""
        older = billing_api.read(shop, now) if ids is None or ids.development else None
        ids = (older.ids if older else None) or ids
        if ids is None:
            raise Unavailable(f"Shopify did not say who {shop.domain} is.")
        found = PartnerApi(self.mine).run("active_subscription", appId=ids.app_gid, shopId=ids.shop_gid)
        contract = Part("the plan", "", found).part_if_any("activeSubscription")
        if contract is None:
            return older or billing_api.read(shop, now)
        try:
            return Answer(_told(contract, ids), ids)
        except BeckonError as error:
            raise Unavailable(f"Shopify's answer about {shop.domain}'s plan could not be read: {error}") from error

    def choose(self, shop: Shop, _plan: Plan | None, _ids: Ids | None, _told: Told) -> str:
        """Shopify's page shows all plans, and changes and ends them."""
        admin = settings.current().admin_url
        return f"{admin}/store/{store_handle(shop)}/charges/{self.mine.app_handle}/pricing_plans"


def _told(contract: Part, ids: Ids) -> Told:
    if contract.part("shop").text("id", 100) != ids.shop_gid:
        raise BeckonError("it is another shop's.")
    trial, cycle = contract.instant_if_any("trialEndsAt"), contract.part_if_any("currentBillingCycle")
    pending = contract.part_if_any("pendingUpdate")
    items = list(contract.parts("items"))
    ends = contract.value.get("cancelAtEndOfCycle") is True
    return Told(
        state="trial" if trial else "active",
        plan=_handle(items) or "unnamed",
        test=ids.development or _costs_nothing(items),
        subscription_gid=contract.text_if_any("legacySubscriptionId", 100),
        month_from=cycle.instant("startTime") if cycle else trial,
        trial_ends_at=trial,
        ends_at=(cycle.instant("endTime") if cycle else trial) if ends else None,
        next_plan=_handle(list(pending.parts("items"))) if pending else None,
    )


def _handle(items: list[Part]) -> str | None:
    """Of several items the plan that we know: meters are items too."""
    handles = [handle for item in items if (handle := item.text_if_any("handle", 100))]
    return next((handle for handle in handles if handle in PLANS), next(iter(handles), None))


def _costs_nothing(items: list[Part]) -> bool:
    """A plan that costs money and is charged at nothing: Shopify's way to let reviewers and partners try it."""
    handle = _handle(items)
    prices = [price for item in items if (price := item.part("price").value.get("amount")) is not None]
    paid = bool(handle and handle in PLANS and PLANS[handle].price)
    return paid and bool(prices) and all(Decimal(str(price)) == 0 for price in prices)
