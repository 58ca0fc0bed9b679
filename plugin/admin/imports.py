"""The store's segments at Shopify: which read here, which are imported, which cannot be, clause by clause."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin import segment_jobs
from plugin.audience.select import count
from plugin.base import clock
from plugin.ingest import segments as at_shopify
from plugin.ingest.shops import Shop
from plugin.queue import HISTORY, enqueue
from plugin.segment import imports, saved
from plugin.segment.difference import Difference, compare
from plugin.segment.imports import Offer
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, page

blueprint = Blueprint("imports", __name__)
ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A segment of Shopify's on the page. `members` None: it cannot be read."""

    offer: Offer
    members: int | None
    differences: tuple[Difference, ...]
    effect: str


@blueprint.get("/segments/import")
def index() -> str:
    shop, number = auth.shop(), page.number("page")
    wanted = request.args.get("q", "").strip()
    with snapshot() as tx:
        reading = at_shopify.of(tx, shop.id)
        every = imports.every(tx, shop.id, clock.now())
        found = [offer for offer in every if wanted.casefold() in offer.name.casefold()]
        lines = [_line(tx, shop, offer) for offer in found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]]
    return page.render(
        "segment_import.html",
        reading=reading,
        lines=lines,
        total=len(every),
        found=len(found),
        ready=sum(offer.is_importable for offer in every),
        new=sum(offer.is_importable and offer.state == "new" for offer in every),
        q=wanted,
        number=number,
        before=_page_at(number - 1, wanted) if number > 1 else None,
        after=_page_at(number + 1, wanted) if number * ON_A_PAGE < len(found) else None,
    )


@blueprint.get("/segments/import/state")
def state() -> Response:
    """What the page asks while the list is being read."""
    with snapshot() as tx:
        reading = at_shopify.of(tx, auth.shop().id)
    return jsonify(state="reading" if reading.is_under_way else "read")


@blueprint.post("/segments/import/read")
def read() -> Response:
    """Asks Shopify for the list."""
    shop = auth.shop()
    with transaction() as tx:
        at_shopify.ask(tx, shop.id, clock.now())
    enqueue(HISTORY, segment_jobs.read_segments, shop.id)
    return redirect(url_for(".index"), code=303)


@blueprint.post("/segments/import/all")
def take_all() -> Response:
    """Every new one that reads as a whole; what was imported before is not touched."""
    shop, now = auth.shop(), clock.now()
    with transaction() as tx:
        for offer in imports.every(tx, shop.id, now):
            if offer.is_importable and offer.state == "new":
                imports.take_over(tx, shop.id, offer.shopify_id, now)
    return redirect(url_for(".index"), code=303)


@blueprint.post("/segments/import/<int:shopify_id>")
def take(shopify_id: int) -> Response:
    """Imports one, or takes its change over; `partly` leaves out what cannot be read."""
    with transaction() as tx:
        partly = request.form.get("partly") == "1"
        imports.take_over(tx, auth.shop().id, shopify_id, clock.now(), partly=partly)
    return redirect(url_for(".index", _anchor=f"segment-{shopify_id}"), code=303)


@blueprint.post("/segments/import/<int:shopify_id>/step")
def step(shopify_id: int) -> Response:
    """Whether later changes are taken over without being asked."""
    with transaction() as tx:
        imports.keep_in_step(tx, auth.shop().id, shopify_id, request.form.get("wanted") == "1")
    return redirect(url_for(".index", _anchor=f"segment-{shopify_id}"), code=303)


def _line(tx: Tx, shop: Shop, offer: Offer) -> Line:
    now, told = clock.now(), offer.translation
    members = count(tx, shop.id, told.canonical, now) if told.canonical is not None else None
    differences: tuple[Difference, ...] = ()
    if offer.imported and offer.state in ("changed", "edited"):
        after = told.query if offer.state == "changed" else offer.imported.ours
        differences = compare(
            offer.imported.query, after, now=now, timezone=shop.timezone, segments=saved.queries(tx, shop.id)
        )
    return Line(offer, members, differences, imports.WORDS[told.effect] if told.effect else "")


def _page_at(number: int, wanted: str) -> str:
    return url_for(".index", page=number, q=wanted or None)
