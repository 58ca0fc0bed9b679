"""What happens to a written campaign: send, take back, pause, resume, cancel; and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin import jobs, queue
from plugin.audience.select import reach
from plugin.base import clock, settings
from plugin.base.errors import BeckonError, NotFound
from plugin.campaign import lifecycle
from plugin.ingest.shops import Shop
from plugin.report import funnel
from plugin.segment import saved
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, billing, campaigns, drafts, page, progress

blueprint = Blueprint("sending", __name__)


@blueprint.post("/campaigns/<int:campaign_id>/send")
def send(campaign_id: int) -> Response:
    """Schedules the draft, as the form shows it, for its time; "now" leaves a minute to take it back."""
    shop, now = auth.shop(), clock.now()
    try:
        with transaction() as tx:
            campaign = _as_written(tx, shop.id, campaign_id, now)  # kept, whether it can be sent or not
        if errors := campaigns.errors_of(campaign):
            return campaigns.refused(campaign, None, errors)
        at = _when(now)
        with transaction() as tx:
            _fits_the_plan(tx, shop, campaign, at)
            lifecycle.schedule(tx, shop.id, campaign_id, at, now)
    except NotFound:
        raise
    except BeckonError as problem:
        with snapshot() as tx:
            campaign = lifecycle.find(tx, shop.id, campaign_id)
        if campaign.state != "draft":
            raise
        return campaigns.refused(campaign, problem, {})
    return _to(campaign_id)


@blueprint.post("/campaigns/<int:campaign_id>/take-back")
def take_back(campaign_id: int) -> Response:
    return _do(lifecycle.take_back, campaign_id)


@blueprint.post("/campaigns/<int:campaign_id>/pause")
def pause(campaign_id: int) -> Response:
    return _do(lifecycle.pause, campaign_id)


@blueprint.post("/campaigns/<int:campaign_id>/resume")
def resume(campaign_id: int) -> Response:
    return _do(lifecycle.resume, campaign_id)


@blueprint.post("/campaigns/<int:campaign_id>/cancel")
def cancel(campaign_id: int) -> Response:
    answer = _do(lifecycle.cancel, campaign_id)
    queue.enqueue(queue.CAMPAIGNS, jobs.close_cancelled, campaign_id)
    return answer


@blueprint.get("/campaigns/<int:campaign_id>/progress")
def how_far(campaign_id: int) -> Response:
    """The frame with the campaign's numbers, which its page puts in place; for scripts the numbers."""
    shop = auth.shop()
    with snapshot() as tx:
        campaign = lifecycle.find(tx, shop.id, campaign_id)
        if not page.wants_json():
            return make_response(page.render("progress.html", **campaigns.how_far(tx, shop, campaign)))
        found = progress.of(tx, campaign, clock.now())
    numbers = {name: getattr(found, name) for name in ("state", "audience", "done", "queued", "sending", "ahead")}
    return jsonify(numbers | {"outcomes": funnel.by_outcome(found.outcomes), "pace": found.pace})


def _as_written(tx: Tx, shop_id: int, campaign_id: int, now: datetime) -> lifecycle.Campaign:
    """The campaign with what the form holds saved first, so that nobody sends an older text than they see."""
    campaign = lifecycle.find(tx, shop_id, campaign_id)
    if campaign.state == "draft" and any(name in request.form for name in drafts.FIELDS):
        lifecycle.save(tx, shop_id, campaign_id, drafts.draft(request.form, campaign), now)
        return lifecycle.find(tx, shop_id, campaign_id)
    return campaign


def _fits_the_plan(tx: Tx, shop: Shop, campaign: lifecycle.Campaign, at: datetime) -> None:
    """Raises OverPlan. A self-hosted installation has no plans, and counts nobody for them."""
    if settings.current().billing is None:
        return
    query = saved.find(tx, shop.id, campaign.segment_id).query if campaign.segment_id else ""
    billing.refuse(tx, shop, reach(tx, shop.id, query, clock.now()).reachable, at)


def _when(now: datetime) -> datetime:
    if request.form.get("when") == "at":
        return drafts.instant(request.form.get("at", ""), auth.shop().timezone)
    return now + settings.current().undo


def _do(deed: Callable[[Tx, int, int, datetime], None], campaign_id: int) -> Response:
    with transaction() as tx:
        deed(tx, auth.shop().id, campaign_id, clock.now())
    return _to(campaign_id)


def _to(campaign_id: int) -> Response:
    return redirect(url_for("admin.campaigns.show", campaign_id=campaign_id), code=303)
