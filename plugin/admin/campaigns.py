"""Campaigns: the list, and the page on which one is written. What happens to it afterwards: sending.py."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin.audience import browsers
from plugin.audience.select import Reach, reach, sample
from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.campaign import lifecycle
from plugin.campaign.lifecycle import Campaign, Draft
from plugin.delivery import services
from plugin.ingest.shops import Shop
from plugin.message import limits
from plugin.message.words import CAMPAIGN
from plugin.report import funnel
from plugin.report.progress import TOLD_APART
from plugin.segment import saved
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, billing, drafts, page, previews, progress, words
from .page import render

blueprint = Blueprint("campaigns", __name__)
HOLDOUTS = ((0, "Nobody"), (5, "5 %"), (10, "10 %"), (20, "20 %"), (50, "50 %"))
STATES = ("draft", "scheduled", "sending", "paused", "sent", "cancelled")


@blueprint.get("/campaigns")
def index() -> str:
    shop = auth.shop()
    wanted, search = request.args.get("state", ""), request.args.get("q", "").strip()
    with snapshot() as tx:
        every = lifecycle.every(tx, shop.id)
        names = {segment.id: segment.name for segment in saved.every(tx, shop.id)}
    by_state = {state: sum(campaign.state == state for campaign in every) for state in STATES}
    found = [campaign for campaign in every if search.casefold() in f"{campaign.name} {campaign.title}".casefold()]
    rows = [campaign for campaign in found if wanted in ("", campaign.state)]
    return render("campaigns.html", rows=rows, names=names, by_state=by_state, state=wanted, q=search, total=len(every))


@blueprint.post("/campaigns")
def create() -> Response:
    shop, now = auth.shop(), clock.now()
    with transaction() as tx:
        campaign_id = lifecycle.create(tx, shop.id, now)
        if any(name in request.form for name in drafts.FIELDS):
            before = lifecycle.find(tx, shop.id, campaign_id)
            lifecycle.save(tx, shop.id, campaign_id, drafts.draft(request.form, before), now)
    return redirect(url_for(".show", campaign_id=campaign_id), code=303)


@blueprint.get("/campaigns/<int:campaign_id>")
def show(campaign_id: int) -> str:
    shop = auth.shop()
    with snapshot() as tx:
        campaign = lifecycle.find(tx, shop.id, campaign_id)
        if campaign.state != "draft":
            return _watch(tx, shop, campaign)
    return compose(campaign)


@blueprint.post("/campaigns/<int:campaign_id>")
def save(campaign_id: int) -> Response:
    """Keeps the draft, however incomplete, and tells the page what it means now."""
    shop = auth.shop()
    with transaction() as tx:
        before = lifecycle.find(tx, shop.id, campaign_id)
        written = drafts.draft(request.form, before)
        lifecycle.save(tx, shop.id, campaign_id, written, clock.now())
    if not page.wants_json():
        return redirect(url_for(".show", campaign_id=campaign_id), code=303)
    with snapshot() as tx:
        return jsonify({"saved": True} | consequences(tx, shop, written))


def compose(campaign: Campaign, problem: BeckonError | None = None, errors: dict[str, str] | None = None) -> str:
    """The page of a draft; `problem` is why it could not be sent, `errors` what is wrong with which field."""
    shop = auth.shop()
    with snapshot() as tx:
        choices = [("", "Everybody who agreed"), *((found.id, found.name) for found in saved.every(tx, shop.id))]
        meaning = consequences(tx, shop, campaign)
    return render(
        "compose.html",
        campaign=campaign,
        choices=choices,
        holdouts=HOLDOUTS,
        meaning=meaning,
        problem=problem,
        errors=errors or {},
        limits=limits,
        browsers=list(browsers.WORDS.items()),
        tags=CAMPAIGN,
    )


def consequences(tx: Tx, shop: Shop, written: Draft | Campaign) -> dict[str, Any]:
    """What a draft would do: who gets it, how it looks to one of them, what stands in the way."""
    template = drafts.template(written)
    problems = previews.problems(shop, template, CAMPAIGN) + previews.warnings(tx, shop, template, clock.now())
    try:
        query = saved.find(tx, shop.id, written.segment_id).query if written.segment_id else ""
        found = reach(tx, shop.id, query, clock.now())
        people = sample(tx, shop.id, query, clock.now(), limit=1)
    except (SegmentError, BeckonError) as error:
        found, people = Reach(0, 0), []
        problems.append({"field": "segment_id", "sentence": str(error), "warning": False})
    someone = people[0] if people else None
    label = f"customer {someone.customer_id}" if someone and someone.customer_id else "a visitor" if someone else ""
    return {
        "problems": problems,
        "preview": previews.shown(shop, template, previews.campaign_values(shop, someone)),
        "seen_by": f"As {label} sees it" if label else "As an example",
        "members": found.members,
        "reachable": found.reachable,
        "audience": _audience(found, written.holdout),
        "plan": billing.too_much(tx, shop, found.reachable),
    }


def _audience(found: Reach, holdout: int) -> str:
    """Who gets it and who does not, in a sentence."""
    rest = found.members - found.reachable
    if found.members == 0:
        return "Nobody is in this segment now."
    held = round(found.reachable * holdout / 100)
    but = f", but for about {words.count(held)} who are held out by chance" if holdout else ""
    will = f"{words.plural(found.reachable, 'person', 'people')} will get it{but}."
    return f"{will} {words.count(rest)} will not: they have not agreed to notifications." if rest else will


def _watch(tx: Tx, shop: Shop, campaign: Campaign) -> str:
    segment = next((found.name for found in saved.every(tx, shop.id) if found.id == campaign.segment_id), None)
    template = drafts.template(campaign)
    preview = previews.shown(shop, template, previews.campaign_values(shop, None))
    return render(
        "campaign.html",
        segment=segment or ("Everybody who agreed" if campaign.segment_id is None else "A deleted segment"),
        preview=preview,
        browsers=browsers.WORDS[browsers.Browsers(campaign.browsers)],
        in_page=True,
        **how_far(tx, shop, campaign),
    )


def how_far(tx: Tx, shop: Shop, campaign: Campaign) -> dict[str, Any]:
    """What progress.html shows."""
    now = clock.now()
    found = progress.of(tx, campaign, now)
    return {
        "campaign": campaign,
        "progress": found,
        "pace": progress.pace(found, shop.timezone, now),
        "standing": dict(services.standing(tx, now)),
        "told_apart": TOLD_APART,
        "outcomes": funnel.OUTCOMES,
        "why": funnel.WHY,
    }


def errors_of(written: Draft | Campaign) -> dict[str, str]:
    """Field → what forbids sending."""
    found = previews.problems(auth.shop(), drafts.template(written), CAMPAIGN)
    return {each["field"]: each["sentence"] for each in found if not each["warning"]}


def refused(campaign: Campaign, problem: BeckonError | None, errors: dict[str, str]) -> Response:
    """The draft again, with what is wrong."""
    return make_response(compose(campaign, problem, errors), 422)
