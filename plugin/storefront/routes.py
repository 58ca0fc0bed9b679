"""The edge that shoppers' browsers reach, behind Shopify's app proxy: `https://the-shop.com/apps/beckon/…` comes in as
`/proxy/…`, signed by Shopify. Nothing is read before the signature holds; each request is one transaction."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from plugin.base import clock
from plugin.base.errors import BeckonError, Forgotten, NotFound, Refused
from plugin.ingest import shops
from plugin.report import facts
from plugin.shopify import proxy
from plugin.store.engine import snapshot

from . import bodies, declared, words
from .subscribe import subscribe, unsubscribe
from .track import track
from .visit import visiting
from .worker import FAREWELL, worker

blueprint = Blueprint("storefront", __name__, url_prefix="/proxy")


@blueprint.before_request
def verify() -> ResponseReturnValue | None:
    g.now = clock.now()
    try:
        g.asked = proxy.verify(list(request.args.items(multi=True)), g.now)
    except Refused as error:
        return _sentence(error, 401)
    request.max_content_length = bodies.LONGEST
    return None


@blueprint.get("/config.json")
def config() -> ResponseReturnValue:
    """What the storefront script needs to begin; nulls tell it to keep silent."""
    if _has_left(g.asked.shop):
        return jsonify(public_key=None, bell=None)
    with visiting(g.asked, g.now) as visit:
        key = base64.urlsafe_b64encode(visit.shop.vapid_public).rstrip(b"=").decode()
        return jsonify(public_key=key, bell=words.bell(request.args.get("locale", "en")[:20], visit.shop.name))


@blueprint.get("/sw.js")
def service_worker() -> ResponseReturnValue:
    code = FAREWELL if _has_left(g.asked.shop) else worker()
    return Response(code, content_type="application/javascript; charset=utf-8")


@blueprint.get("/manifest.json")
def manifest() -> ResponseReturnValue:
    """Makes the shop a web app on an iPhone's Home Screen, where push exists."""
    with visiting(g.asked, g.now) as visit:
        name = visit.shop.name
    return jsonify(name=name, short_name=name[:30], start_url="/", scope="/", display="standalone")


@blueprint.post("/subscribe")
def post_subscribe() -> ResponseReturnValue:
    wish = bodies.wish(request.get_data())
    with visiting(g.asked, g.now) as visit:
        subscribe(visit, wish, request.headers.get("User-Agent"))
    return jsonify(subscribed=True)


@blueprint.post("/unsubscribe")
def post_unsubscribe() -> ResponseReturnValue:
    goodbye = bodies.goodbye(request.get_data())
    with visiting(g.asked, g.now) as visit:
        unsubscribe(visit, goodbye)
    return jsonify(subscribed=False)


@blueprint.post("/track")
def post_track() -> ResponseReturnValue:
    seen = bodies.visit(request.get_data(), g.now, request.headers.get("User-Agent"))
    with visiting(g.asked, g.now) as visit:
        kept = track(visit, seen)
    return jsonify({}) if kept else _sentence("More than a shopper does in an hour.", 429)


@blueprint.post("/answer")
def post_answer() -> ResponseReturnValue:
    answer = declared.answer(request.get_data(), g.now)
    with visiting(g.asked, g.now) as visit:
        kept = declared.keep(visit, answer)
    return jsonify({}) if kept else _sentence("More answers than a shopper gives in an hour.", 429)


@blueprint.post("/location")
def post_location() -> ResponseReturnValue:
    located = declared.location(request.get_data(), g.now)
    with visiting(g.asked, g.now) as visit:
        declared.keep(visit, located)
    return jsonify({})


@blueprint.post("/receipt")
def post_receipt() -> ResponseReturnValue:
    receipt = bodies.receipt(request.get_data())
    with visiting(g.asked, g.now) as visit:
        facts.record(visit.tx, receipt.delivery, receipt.kind, visit.now)
    return jsonify({})


@blueprint.after_request
def keep_fresh(response: Response) -> Response:
    """A worker or a key kept by somebody's cache would outlive the shop."""
    response.headers["Cache-Control"] = "no-cache, no-store, must-revalidate"
    return response


@blueprint.errorhandler(BeckonError)
def refuse(error: BeckonError) -> ResponseReturnValue:
    return _sentence(error, 404 if isinstance(error, NotFound) else 410 if isinstance(error, Forgotten) else 400)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    return _sentence(f"The body is longer than {bodies.LONGEST} bytes.", 413)


def _has_left(domain: str) -> bool:
    with snapshot() as tx:
        shop = shops.find(tx, domain)
    if shop is None:
        raise NotFound(f"{domain} does not use Beckon.")
    return shop.uninstalled_at is not None


def _sentence(error: object, status: int) -> ResponseReturnValue:
    return jsonify(error=str(error)), status
