"""A segment's Insight page: what sets it apart, as it was counted last; counting anew is a job's."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, redirect, url_for
from werkzeug.wrappers import Response

from plugin import segment_jobs
from plugin.base import clock, settings
from plugin.base.errors import NotFound
from plugin.ingest.shops import Shop
from plugin.queue import HISTORY, enqueue
from plugin.report import insight_kept
from plugin.report.insight_kept import Kept
from plugin.report.insight_steps import STEPS
from plugin.segment import comparison, membership, saved
from plugin.store.engine import snapshot, transaction

from . import auth, checks, insight_words, page

blueprint = Blueprint("insight", __name__)
DAYS = 90
"""Of sizes, joined and left."""


@blueprint.get("/segments/<int:segment_id>/insight")
def show(segment_id: int) -> str:
    """The numbers of the last count. The first one begins by itself where a worker does it, and not this request."""
    shop = auth.shop()
    kept = _kept(shop, segment_id)
    if kept is None and settings.current().redis_url is not None:
        _begin(shop, segment_id)
        kept = _kept(shop, segment_id)
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        compared = comparison.latest(tx, shop.id, segment_id=segment_id)
        today = clock.now().astimezone(ZoneInfo(shop.timezone)).date()
        days = membership.sizes(tx, shop.id, segment_id, today - timedelta(days=DAYS - 1), today)
    told = kept.insight if kept else None
    return page.render(
        "segment_insight.html",
        segment=segment,
        kept=kept,
        told=told,
        steps=len(STEPS),
        cards=insight_words.cards(told) if told else [],
        headlines=insight_words.headlines(told) if told else [],
        share=insight_words.percent,
        days=days,
        moved=any(day.joined or day.left for day in days),
        week=insight_words.week,
        compared=compared[0] if compared else None,
        compared_words=checks.sentence,
    )


@blueprint.post("/segments/<int:segment_id>/insight")
def count(segment_id: int) -> Response:
    """Counts anew; a second press finds the first under way."""
    _begin(auth.shop(), segment_id)
    return redirect(url_for(".show", segment_id=segment_id), code=303)


@blueprint.get("/segments/<int:segment_id>/insight/state")
def state(segment_id: int) -> Response:
    """How far the count is."""
    kept = _kept(auth.shop(), segment_id)
    if kept is None:
        raise NotFound("Nothing is being counted.")
    done = f"Counting: {kept.steps_done} of {len(STEPS)} steps"
    return jsonify(state="counting" if kept.is_open else "done", done=kept.steps_done, of=len(STEPS), words=done)


def _kept(shop: Shop, segment_id: int) -> Kept | None:
    with snapshot() as tx:
        saved.find(tx, shop.id, segment_id)
        return insight_kept.of(tx, shop.id, segment_id)


def _begin(shop: Shop, segment_id: int) -> None:
    with transaction() as tx:
        saved.find(tx, shop.id, segment_id)
        begun = insight_kept.ask(tx, shop.id, segment_id, clock.now())
    if begun is not None:
        enqueue(HISTORY, segment_jobs.count_insight, begun)
