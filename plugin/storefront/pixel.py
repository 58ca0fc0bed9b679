"""The edge that the web pixel reaches, from a worker in shoppers' browsers: `POST /pixel/<key>`, from any origin.

Nobody signs these posts and the key can be read by every shopper, so little is believed. A post adds a view to a
visitor whom the storefront script told of through Shopify's signed proxy; it makes no person, ties no cart.

    202 kept                     400 not an event of ours, with a sentence      413 longer than 8 KB
    204 no consent, or nobody    404 nobody's key                               429 more than a person does
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from plugin import news
from plugin.base import clock, logs
from plugin.base.errors import Unreadable
from plugin.ingest import pixels
from plugin.profile import identity, views
from plugin.store.engine import snapshot, transaction

from .addresses import where
from .pace import MOST, SPAN
from .told import LONGEST, Told, told

blueprint = Blueprint("pixel", __name__, url_prefix="/pixel")


@blueprint.post("/<key>")
def post_event(key: str) -> ResponseReturnValue:
    request.max_content_length = LONGEST
    body, now = request.get_data(), clock.now()
    with snapshot() as tx:
        shop_id = pixels.shop_of(tx, key)
    if shop_id is None:
        return Response(status=404)
    with logs.about(shop=shop_id):
        return Response(status=_take(shop_id, told(body, now, request.headers.get("User-Agent"))))


def _take(shop_id: int, event: Told) -> int:
    """The status to answer with."""
    if not event.is_allowed:
        return 204
    with snapshot() as tx:
        if not views.visitor_is_known(tx, shop_id, event.visitor):
            return 204
    return _keep(shop_id, event)


def _keep(shop_id: int, event: Told) -> int:
    now = clock.now()
    with transaction() as tx:
        identity.hold(tx, shop_id)
        if not views.visitor_is_known(tx, shop_id, event.visitor):
            return 204
        pixels.heard(tx, shop_id, now)
        person_id = identity.person_of(tx, shop_id, visitor=event.visitor, customer_id=None, now=now)
        if event.view is None:
            return 202
        located = where(tx, shop_id, event.visitor, now)
        if views.since(tx, shop_id, person_id, now - SPAN) >= MOST:
            return 429
        if views.is_told(tx, shop_id, person_id, event.view):  # the script tells too, until it knows of the pixel
            return 202
        news.take(tx, shop_id, [event.view, *located], now)
    return 202


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """The worker's origin is the shop's, or `null`; it sends no credentials, and reads nothing but the status."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    if response.status_code == 429:
        response.headers["Retry-After"] = str(int(SPAN.total_seconds()))
    return response


@blueprint.errorhandler(Unreadable)
def refuse(error: Unreadable) -> ResponseReturnValue:
    return jsonify(error=str(error)), 400


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    return jsonify(error=f"The body is longer than {LONGEST} bytes."), 413
