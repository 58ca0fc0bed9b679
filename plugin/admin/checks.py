"""Same members as Shopify? Asked for on a segment's page or before an import, worked off by a job, told in words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, redirect, url_for
from werkzeug.wrappers import Response

from plugin import segment_jobs
from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.ingest.shops import Shop
from plugin.queue import HISTORY, enqueue
from plugin.segment import comparison, imports, saved
from plugin.segment.comparison import Check
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, page, words

blueprint = Blueprint("checks", __name__)
SHOWN = 10
"""Comparisons of one segment, the last one in full."""


@blueprint.get("/segments/<int:segment_id>/check")
def of_ours(segment_id: int) -> str:
    shop = auth.shop()
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        runs = comparison.latest(tx, shop.id, segment_id=segment_id, limit=SHOWN)
        return _page(tx, shop, segment.name, runs, here=f"/segments/{segment_id}/check", segment_id=segment_id)


@blueprint.post("/segments/<int:segment_id>/check")
def check_ours(segment_id: int) -> Response:
    """Asks Shopify for the query, or for its own segment where ours was made of it as a whole and not changed since."""
    shop, now = auth.shop(), clock.now()
    with transaction() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        shopify_id = imports.asked_for(tx, shop.id, segment_id, now)
        begun = comparison.begin(
            tx, shop.id, segment.name, segment.query, now, segment_id=segment_id, shopify_id=shopify_id
        )
    return _begun(shop, begun, url_for(".of_ours", segment_id=segment_id))


@blueprint.get("/segments/import/<int:shopify_id>/check")
def of_theirs(shopify_id: int) -> str:
    shop = auth.shop()
    with snapshot() as tx:
        offer = imports.find(tx, shop.id, shopify_id, clock.now())
        runs = comparison.latest(tx, shop.id, shopify_id=shopify_id, limit=SHOWN)
        return _page(tx, shop, offer.name, runs, here=f"/segments/import/{shopify_id}/check", segment_id=None)


@blueprint.post("/segments/import/<int:shopify_id>/check")
def check_theirs(shopify_id: int) -> Response:
    """Before an import: does it read here as Shopify reads it?"""
    shop, now = auth.shop(), clock.now()
    with transaction() as tx:
        offer = imports.find(tx, shop.id, shopify_id, now)
        if not offer.translation.is_whole:
            raise BeckonError(f"“{offer.name}” cannot be read here as a whole, so its members would differ anyway.")
        begun = comparison.begin(tx, shop.id, offer.name, offer.translation.query, now, shopify_id=shopify_id)
    return _begun(shop, begun, url_for(".of_theirs", shopify_id=shopify_id))


@blueprint.get("/segments/checks/state")
def state() -> Response:
    """How far the shop's comparison is; a page that waits asks for it."""
    with snapshot() as tx:
        check = comparison.under_way(tx, auth.shop().id)
    if check is None:
        return jsonify(state="done")
    return jsonify(state="reading", done=check.theirs, of=check.expected, words=progress(check))


def progress(check: Check) -> str:
    """How far it is, in words."""
    if check.expected is None:
        return "Waiting for Shopify’s answer …"
    return f"{words.count(check.theirs)} of {words.plural(check.expected, 'member')} read from Shopify …"


def sentence(check: Check) -> str:
    """What came of it, in words."""
    if check.state == "failed":
        return check.error or "It could not be compared."
    if check.is_same:
        return f"The same: {words.plural(check.ours or 0, 'customer is', 'customers are')} in it here and in Shopify."
    told = f"Not the same: {words.plural(check.both or 0, 'customer is', 'customers are')} in both"
    return f"{told}, {words.count(check.ours_only)} only here, {words.count(check.theirs_only)} only in Shopify."


def _begun(shop: Shop, check_id: int | None, here: str) -> Response:
    if check_id is None:
        with snapshot() as tx:
            other = comparison.under_way(tx, shop.id)
        if other is not None:
            raise BeckonError(f"“{other.name}” is being compared with Shopify. One at a time: wait until it is done.")
        return redirect(here, code=303)
    enqueue(HISTORY, segment_jobs.check_members, check_id)
    return redirect(here, code=303)


def _page(tx: Tx, shop: Shop, name: str, runs: list[Check], **context: Any) -> str:
    last = runs[0] if runs else None
    people = comparison.examples(tx, last) if last and last.state == "done" else []
    return page.render(
        "segment_check.html",
        name=name,
        last=last,
        earlier=[run for run in runs[1:] if run.finished_at],
        under_way=comparison.under_way(tx, shop.id),
        examples=people,
        progress=progress,
        sentence=sentence,
        most=comparison.EXAMPLES,
        **context,
    )
