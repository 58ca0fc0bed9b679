"""The plan of a hosted offer, as the merchant meets it: in Settings, beside a campaign that it does not hold, on Home.

A self-hosted installation sells nothing: every function here ends at its first line, before anything is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from plugin import jobs, queue
from plugin.base import clock, settings
from plugin.base.errors import NotFound
from plugin.billing import limits, offer, standing
from plugin.billing.limits import Meter
from plugin.billing.offer import Told
from plugin.billing.plans import PLANS, Plan, plan_of
from plugin.billing.standing import Standing
from plugin.ingest.shops import Shop
from plugin.store.engine import Tx, snapshot, transaction

from . import auth
from .attention import News
from .page import wants_json

blueprint = Blueprint("billing", __name__)
RETURNS = ("plan_handle", "charge_id")
"""What Shopify adds to the address when a merchant comes back from choosing: hints, never the truth."""


@dataclass(frozen=True, slots=True)
class Section:
    """The section of Settings."""

    known: Standing
    meter: Meter
    plans: tuple[Plan, ...]
    """To be chosen from on our page; none where Shopify has a page of its own."""
    change_at: str
    """The address of Shopify's page."""
    came_back: bool
    """From choosing one, this very moment."""
    awaited: Plan | None
    """What they chose there, while Shopify does not tell it yet."""
    test: bool

    @property
    def told(self) -> Told:
        return self.known.told or Told()

    @property
    def chosen(self) -> Plan | None:
        """The plan that the state is of: the one that was cancelled, too."""
        return plan_of(self.told.plan) if self.told.plan else None

    @property
    def requested(self) -> Plan | None:
        return plan_of(self.told.request_plan) if self.told.request_plan else None

    @property
    def following(self) -> Plan | None:
        return plan_of(self.told.next_plan) if self.told.next_plan else None


@blueprint.post("/settings/plan/ask")
def ask() -> Response:
    """Asks Shopify now."""
    _sold()
    standing.ask(auth.shop().id)
    return redirect("/settings#plan", code=303)


@blueprint.post("/settings/plan/choose")
def choose() -> Response:
    """A plan of our own page: a script is told what to open at the top, or that it is done."""
    shop, sold = auth.shop(), _sold()
    handle = request.form.get("plan", "")
    with snapshot() as tx:
        known = standing.of(tx, shop)
    if known.ids is None:  # whether the store can be charged must be known before it is
        known = standing.ask(shop.id)
    where = sold.choose(shop, PLANS.get(handle), known.ids, known.told or Told())
    if where is None:
        standing.ask(shop.id)
    if wants_json():
        return jsonify({"open": where})
    return redirect(where or "/settings#plan", code=303)


def opened(shop: Shop) -> None:
    """Somebody looks at the panel: what is old is asked for, beside the page."""
    if settings.current().billing is None:
        return
    with snapshot() as tx:
        stale = standing.is_stale(standing.of(tx, shop), clock.now())
    if stale:
        queue.enqueue(queue.HISTORY, jobs.ask_plan, shop.id)


def section(shop: Shop) -> Section | None:
    """The plan and its meter; None: self-hosted. Whoever comes back from choosing waits for Shopify's word."""
    mine = settings.current().billing
    if mine is None:
        return None
    came_back, awaited = any(name in request.args for name in RETURNS), None
    if came_back:
        awaited = _awaited(standing.ask(shop.id), request.args.get("plan_handle", ""))
    else:
        opened(shop)
    sold, now = _sold(), clock.now()
    with transaction() if awaited else snapshot() as tx:
        if awaited:
            standing.ask_soon(tx, shop.id, now + standing.SOON)
        known = standing.of(tx, shop)
        found = limits.meter(tx, shop, known, now, now)
    hosted = sold.choose(shop, None, known.ids, Told()) if sold.hosted_page else None
    return Section(
        known=known,
        meter=found,
        plans=() if hosted else tuple(plan for plan in PLANS.values() if plan.listed),
        change_at=hosted or "",
        came_back=came_back,
        awaited=awaited,
        test=(known.told is not None and known.told.test) or mine.test,
    )


def _awaited(known: Standing, handle: str) -> Plan | None:
    """The plan that the address says was chosen, when it is one of ours and Shopify tells another."""
    told = known.told or Told()
    return PLANS.get(handle) if handle not in (told.plan, told.next_plan) else None


def too_much(tx: Tx, shop: Shop, need: int) -> str:
    """Why a draft that would go out now is more than the plan holds; "" when it is not."""
    if settings.current().billing is None:
        return ""
    now = clock.now()
    return limits.too_much(tx, shop, need, now, now)


def refuse(tx: Tx, shop: Shop, need: int, at: datetime) -> None:
    """Before a campaign is sent or scheduled for `at`. Raises OverPlan."""
    if settings.current().billing is not None:
        limits.refuse(tx, shop, need, at, clock.now())


def news(tx: Tx, shop: Shop) -> list[News]:
    """A plan nearly used up, or one that ended without the merchant's wish."""
    if settings.current().billing is None:
        return []
    now = clock.now()
    known = standing.of(tx, shop)
    found = limits.meter(tx, shop, known, now, now)
    said = []
    if known.told and known.told.state == "frozen":
        said.append(News(FROZEN, "/settings#plan", "Look at it"))
    if found.limit is not None and found.is_nearly_full:
        said.append(News(used_up(found), "/settings#plan", "See the plans"))
    return said


FROZEN = (
    "Your plan is on hold, because a bill of your store has not been paid. Pay it in your Shopify admin under "
    "Settings, Billing. Until then new campaigns are measured by the free plan; what is on its way goes out."
)


def used_up(found: Meter) -> str:
    """How far the plan's pushes are used, when that is worth a word."""
    limit = found.limit or 0
    if found.sent >= limit:
        return (
            f"The {limit:,} pushes of this month are used. Campaigns on their way and automations go on; "
            "a new campaign needs a bigger plan or next month."
        )
    return f"{found.sent:,} of the {limit:,} pushes of this month are used."


def _sold() -> offer.Offer:
    sold = offer.offer()
    if sold is None:
        raise NotFound("This installation is self-hosted: it has no plans to choose from, and no limits.")
    return sold
