"""The older Billing API of the Admin GraphQL: we make a charge, the merchant approves it on Shopify's page, we ask.

It sells to apps that cannot use Shopify App Pricing, and it tells of charges made before an app moved there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from plugin.base import settings
from plugin.base.errors import BeckonError, Unavailable
from plugin.base.settings import Billing
from plugin.ingest import access
from plugin.ingest.payload import Part
from plugin.ingest.shops import Shop

from .offer import Answer, Ids, Request, State, Told, store_handle
from .plans import CURRENCY, FREE, Plan, named

Json = dict[str, Any]

MONTH = timedelta(days=30)
NEWS = timedelta(days=7)
"""So long a declined or forgotten choice is worth a word."""
_REQUESTS: dict[str, Request] = {"PENDING": "pending", "DECLINED": "declined", "EXPIRED": "expired"}
_STATES: dict[str, State] = {"FROZEN": "frozen", "CANCELLED": "cancelled"}


@dataclass(frozen=True, slots=True)
class BillingApi:
    """Offer: charges of our own making."""

    mine: Billing
    hosted_page: bool = False

    def ask(self, shop: Shop, _ids: Ids | None, now: datetime) -> Answer:
        """One query tells the plan in force, the newest choice, and who the shop is."""
        return read(shop, now)

    def choose(self, shop: Shop, plan: Plan | None, ids: Ids | None, told: Told) -> str | None:
        """A charge to approve; the free plan needs none, so that its choice ends the charge in force."""
        if plan is None or not plan.listed:
            raise BeckonError("Choose one of the plans on this page.")
        if plan is FREE:
            self._cancel(shop, told)
            return None
        if ids is None:
            raise Unavailable("Shopify has not said yet whether your store can be charged. Try again in a few minutes.")
        answer = _run(
            shop,
            "app_subscription_create",
            name=plan.name,
            returnUrl=_return_url(shop),
            lineItems=[_line_item(plan)],
            replacementBehavior="STANDARD",
            trialDays=plan.trial_days if told.state == "none" else 0,
            test=self.mine.test or ids.development,
        )["appSubscriptionCreate"]
        _complain(answer)
        return _address(answer.get("confirmationUrl"))

    def _cancel(self, shop: Shop, told: Told) -> None:
        if told.subscription_gid is None or told.state not in ("active", "trial", "frozen"):
            return
        _complain(_run(shop, "app_subscription_cancel", id=told.subscription_gid)["appSubscriptionCancel"])


def read(shop: Shop, now: datetime) -> Answer:
    """What the Admin API knows: of charges, of the shop, of the app. Raises Unavailable, Refused."""
    data = Part("the app's installation", "", _run(shop, "billing_installation"))
    try:
        ids = Ids(
            data.part("shop").text("id", 100),
            data.part("currentAppInstallation").part("app").text("id", 100),
            data.part("shop").part("plan").value.get("partnerDevelopment") is True,
        )
        here = data.part("currentAppInstallation")
        active = [_charge(one) for one in here.parts("activeSubscriptions")]
        newest = [_charge(one) for one in here.part("allSubscriptions").parts("nodes")]
    except BeckonError as error:
        raise Unavailable(f"Shopify's answer about {shop.domain}'s plan could not be read: {error}") from error
    return Answer(_told(active, newest, now), ids)


def _run(shop: Shop, document: str, /, **variables: Any) -> Json:
    """Whole answers only: a charge that is hidden from us must not look like none."""
    answer = access.client_for(shop.id).run(document, **variables)
    if answer.errors:
        raise Unavailable(f"Shopify kept a part of {shop.domain}'s plan back: {answer.errors[0].message}.")
    return answer.data


@dataclass(frozen=True, slots=True)
class _Charge:
    id: str
    plan: str
    status: str
    test: bool
    trial_ends_at: datetime
    created_at: datetime
    period_end: datetime | None


def _charge(part: Part) -> _Charge:
    name, created = part.text("name"), part.instant("createdAt")
    lines = (line.part("plan").part("pricingDetails").value.get("planHandle") for line in part.parts("lineItems"))
    known = named(name)
    handle = next((each for each in lines if isinstance(each, str) and each), known.handle if known else name)
    return _Charge(
        id=part.text("id", 100),
        plan=handle[:100],
        status=part.text("status", 20),
        test=part.value.get("test") is True,
        trial_ends_at=created + timedelta(days=part.count("trialDays")),
        created_at=created,
        period_end=part.instant_if_any("currentPeriodEnd"),
    )


def _told(active: list[_Charge], newest: list[_Charge], now: datetime) -> Told:
    """The charge in force, or what became of the last one; and the newest choice when it is not that."""
    in_force = next((charge for charge in active if charge.status == "ACTIVE"), None)
    ended = next((charge for charge in [*active, *newest] if charge.status in _STATES), None)
    asked = next((charge for charge in newest if charge.status in _REQUESTS), None)
    held = in_force or ended
    if asked and (now - asked.created_at > NEWS or (held and held.created_at > asked.created_at)):
        asked = None
    request = (_REQUESTS[asked.status], asked.plan) if asked else (None, None)
    if held is None:
        return Told(request=request[0], request_plan=request[1])
    state: State = _STATES.get(held.status, "trial" if held.trial_ends_at > now else "active")
    return Told(
        state=state,
        plan=held.plan,
        request=request[0],
        request_plan=request[1],
        test=held.test,
        subscription_gid=held.id,
        month_from=held.period_end - MONTH if held.period_end else held.created_at,
        trial_ends_at=held.trial_ends_at if state == "trial" else None,
    )


def _line_item(plan: Plan) -> Json:
    price = {"amount": f"{plan.price // 100}.{plan.price % 100:02}", "currencyCode": CURRENCY}
    return {"plan": {"appRecurringPricingDetails": {"price": price, "interval": "EVERY_30_DAYS"}}}


def _return_url(shop: Shop) -> str:
    """Back into the frame: the panel's Settings inside the shop's admin. Shopify adds `charge_id`."""
    mine = settings.current()
    return f"{mine.admin_url}/store/{store_handle(shop)}/apps/{mine.client_id}/settings"


def _complain(answer: Json) -> None:
    if problems := answer.get("userErrors"):
        raise BeckonError(f"Shopify did not take it: {' '.join(str(each.get('message')) for each in problems)[:300]}")


def _address(url: object) -> str:
    """Only Shopify's own pages are opened at the top. Raises Unavailable."""
    mine, parts = settings.current(), urlsplit(str(url or ""))
    sandbox = urlsplit(mine.admin_url)
    shopify = parts.scheme == "https" and (parts.hostname or "").endswith((".shopify.com", ".myshopify.com"))
    if not shopify and (parts.scheme, parts.netloc) != (sandbox.scheme, sandbox.netloc):
        raise Unavailable("Shopify named no page on which the plan can be approved. Try again in a few minutes.")
    return str(url)
