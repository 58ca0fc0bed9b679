"""What went wrong and can be tried again: messages, notices from Shopify, and work that broke."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin import queue
from plugin.base import clock
from plugin.base.errors import Unreadable
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
    reason = request.form.get("reason") or None
    with transaction() as tx:
        again.retry(tx, auth.shop().id, _campaign(), request.form.get("outcome", ""), reason, clock.now())
    return _back()  # the clock looks every second


def _campaign() -> int | None:
    """The campaign that the form names; None for automations, which it names by leaving it empty. Raises Unreadable."""
    named = request.form.get("campaign_id")
    if named is None or (named and not (named.isascii() and named.isdigit() and len(named) < 19)):
        raise Unreadable("campaign_id must be a campaign's number, or empty for automations. Nothing was changed.")
    return int(named) if named else None


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
