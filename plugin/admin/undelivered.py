"""What went wrong and can be tried again: messages, notices from Shopify, and work that broke."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin import queue
from plugin.base import clock
from plugin.delivery import again
from plugin.ingest import inbox
from plugin.report import funnel
from plugin.store.batches import batches
from plugin.store.engine import snapshot, transaction

from . import auth
from .page import render

blueprint = Blueprint("undelivered", __name__)


@blueprint.get("/reports/undelivered")
def index() -> str:
    shop = auth.shop()
    with snapshot() as tx:
        messages = again.undelivered(tx, shop.id, clock.now())
        notices = inbox.failed_alike(tx, shop.domain)
    return render(
        "undelivered.html",
        messages=messages,
        notices=notices,
        broken=queue.broken(shop.id),
        names=funnel.OUTCOMES,
        why=funnel.WHY,
    )


@blueprint.post("/reports/undelivered/messages")
def retry_messages() -> Response:
    campaign, reason = request.form.get("campaign_id", ""), request.form.get("reason") or None
    campaign_id = int(campaign) if campaign.isascii() and campaign.isdigit() else None
    with transaction() as tx:
        again.retry(tx, auth.shop().id, campaign_id, request.form.get("outcome", ""), reason, clock.now())
    return _back()  # the clock looks every second


@blueprint.post("/reports/undelivered/notices")
def retry_notices() -> Response:
    shop = auth.shop()
    with transaction() as tx:
        alike = inbox.failed_ids(tx, shop.domain, request.form.get("topic", ""), request.form.get("reason") or None)
        ids = inbox.replay(tx, alike)
    for some in batches(ids, queue.WEBHOOKS_A_JOB):
        queue.enqueue(queue.WEBHOOKS, queue.APPLY_WEBHOOKS, some)
    return _back()


@blueprint.post("/reports/undelivered/jobs")
def retry_job() -> Response:
    queue.again(auth.shop().id, request.form.get("job", ""))
    return _back()


def _back() -> Response:
    return redirect(url_for(".index"), code=303)
