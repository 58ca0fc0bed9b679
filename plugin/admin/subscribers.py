"""Subscribers: who agreed, where, in which browser; and one person from first visit to last message."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.profile.load import Profile, load
from plugin.report import home
from plugin.report.funnel import STATES
from plugin.segment import saved
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.membership import Explanation, explanation, why
from plugin.segment.saved import Segment
from plugin.store.engine import Tx, snapshot

from . import auth, page, people
from .page import render

blueprint = Blueprint("subscribers", __name__)
ON_A_PAGE = 50


@blueprint.get("/subscribers")
def index() -> str:
    shop, number = auth.shop(), page.number("page")
    state, search = request.args.get("state", "active"), request.args.get("q", "").strip()[:100]
    with snapshot() as tx:
        by_state = people.counts(tx, shop.id)
        total, found = people.matching(tx, shop.id, state, search, limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE)
        numbers = home.key_numbers(tx, shop.id, clock.now())

    def address(at: int) -> str | None:
        return url_for(".index", state=state, q=search or None, page=at) if 0 < at <= -(-total // ON_A_PAGE) else None

    return render(
        "subscribers.html",
        rows=found,
        total=total,
        first=(number - 1) * ON_A_PAGE + 1,
        state=state,
        q=search,
        by_state=by_state,
        before=address(number - 1),
        after=address(number + 1),
        growth=[
            (f"{day.day} {day:%b}", value)
            for day, value in zip(numbers.reachable_daily.days, numbers.reachable_daily.values, strict=True)
        ],
    )


@blueprint.get("/subscribers/<int:person_id>")
def show(person_id: int) -> str | Response:
    shop = auth.shop()
    with snapshot() as tx:
        person = people.find(tx, shop.id, person_id)
        if person.row.merged_into is not None:  # Shopify made another customer of this one
            return redirect(url_for(".show", person_id=person.row.merged_into))
        profile = load(tx, shop.id, person_id)
        queries = saved.queries(tx, shop.id)
        segments = [_standing(tx, segment, profile, queries) for segment in saved.every(tx, shop.id)]
    return render("subscriber.html", person=person, segments=segments, why=why, outcomes=STATES)


def _standing(
    tx: Tx, segment: Segment, profile: Profile, queries: dict[str, str]
) -> tuple[Segment, Explanation | None]:
    """In or out, why, clause by clause, since when and until when; None for a segment that cannot be read any more."""
    now, shop = clock.now(), auth.shop()
    try:
        checked = compile_segment(segment.query, now=now, timezone=shop.timezone, segments=queries)
    except SegmentError:
        return segment, None
    return segment, explanation(tx, shop.id, checked, profile, now, segment.id)
