"""Segments: the list with the sizes that are kept, and the editor that counts while the merchant types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any, Final

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from plugin.audience.kept import reach_of_each
from plugin.audience.select import Reach, reach
from plugin.base import clock
from plugin.base.errors import NotFound
from plugin.ingest.shops import Shop
from plugin.segment import membership, saved, templates
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.format import canonical, sentence
from plugin.segment.rules import tree
from plugin.segment.saved import Segment
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import campaigns, people

from . import auth
from .counting import at_once
from .editing import asked, reading
from .page import render

blueprint = Blueprint("segments", __name__)
NOBODY: Final = Reach(0, 0)
LONGEST: Final = 160
"""Characters of what is wrong with a segment; its own page says all of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A segment of the list. `reach` None: its members are still counted, or it cannot be read any more, and `sentence`
    says why."""

    segment: Segment
    reach: Reach | None
    sentence: str
    readable: bool


@blueprint.get("/segments")
def index() -> str:
    now, shop = clock.now(), auth.shop()
    wanted = request.args.get("q", "").strip()
    with snapshot() as tx:
        every = saved.every(tx, shop.id)
        kept, named = reach_of_each(tx, shop.id), saved.queries(tx, shop.id)
        everybody = reach(tx, shop.id, "", now)
    found = [segment for segment in every if wanted.casefold() in segment.name.casefold()]
    return render(
        "segments.html",
        rows=[_row(shop, segment, kept.get(segment.id, NOBODY), named, now) for segment in found],
        counting=None in kept.values(),
        total=len(every),
        q=wanted,
        everybody=everybody,
        starters=templates.FIRST_FIVE,
    )


@blueprint.get("/segments/state")
def state() -> Response:
    """What the list asks while members are still counted."""
    with snapshot() as tx:
        return jsonify(state="counting" if membership.counting(tx, auth.shop().id) else "counted")


@blueprint.get("/segments/new")
def new() -> str:
    if key := request.args.get("template"):
        template = templates.find(key)
        return _editor(None, template.name, template.query)
    return _editor(None, request.args.get("name", ""), request.args.get("query", ""))


@blueprint.post("/segments")
def create() -> Response:
    return _save(None)


@blueprint.get("/segments/<int:segment_id>")
def show(segment_id: int) -> str:
    with snapshot() as tx:
        segment = saved.find(tx, auth.shop().id, segment_id)
    return _editor(segment, segment.name, segment.query)


@blueprint.post("/segments/<int:segment_id>")
def change(segment_id: int) -> Response:
    return _save(segment_id)


@blueprint.post("/segments/<int:segment_id>/delete")
def delete(segment_id: int) -> Response:
    with transaction() as tx:
        saved.delete(tx, auth.shop().id, segment_id, clock.now())
    return redirect(url_for(".index"), code=303)


@blueprint.get("/segments/<int:segment_id>/why")
def why(segment_id: int) -> Response:
    """Leads from a customer's number to the person's page, at this segment."""
    text = request.args.get("customer", "").strip().lstrip("#")
    with snapshot() as tx:
        saved.find(tx, auth.shop().id, segment_id)
        customer_id = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
        mine = [people.c.shop_id == auth.shop().id, people.c.customer_id == customer_id]
        person = tx.execute(select(people.c.id).where(*mine)).scalar_one_or_none()
    if person is None:
        raise NotFound(f"No customer has the number {text[:40]!r}. It stands in the address of the customer's page.")
    return redirect(url_for("admin.subscribers.show", person_id=person, _anchor=f"segment-{segment_id}"))


def _row(shop: Shop, segment: Segment, reach: Reach | None, named: Mapping[str, str], now: datetime) -> Row:
    try:
        checked = compile_segment(segment.query, now=now, timezone=shop.timezone, segments=named)
    except SegmentError as error:
        return Row(segment, None, shorten(error.message, LONGEST, placeholder=" …"), readable=False)
    return Row(segment, reach, sentence(checked), readable=True)


def _editor(segment: Segment | None, name: str, query: str, name_error: str | None = None) -> str:
    shop = auth.shop()
    with snapshot() as tx:
        users = _campaigns_with(tx, shop.id, segment.id) if segment else []
    return render(
        "segment.html",
        segment=segment,
        name=name,
        query=query,
        reading=reading(shop, query),
        shown=at_once(shop, query),
        users=users,
        examples=templates.FIRST_FIVE,
        name_error=name_error,
    )


def _save(segment_id: int | None) -> Response:
    """Keeps a segment that can be read; else the editor again, with what was typed and what is wrong."""
    shop, now = auth.shop(), clock.now()
    name, query = request.form.get("name", "").strip(), _written()
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id) if segment_id else None
    readable = reading(shop, query)["error"] is None
    named = 0 < len(name) <= saved.MAX_NAME
    if not named or not readable:
        problem = None if named else f"Give it a name of at most {saved.MAX_NAME} characters."
        return make_response(_editor(segment, name, query, problem), 422)
    with transaction() as tx:
        if segment_id is None:
            segment_id = saved.create(tx, shop.id, name, query, now, by=auth.who())
        else:
            saved.save(tx, shop.id, segment_id, name, query, now, by=auth.who())
    return redirect(url_for(".show", segment_id=segment_id), code=303)


def _written() -> str:
    """The query of the form; what was clicked together goes before the text that the page has not made of it yet."""
    if rules := request.form.get("rules"):
        return canonical(tree(asked(rules)))
    return request.form.get("query", "").strip()


def _campaigns_with(tx: Tx, shop_id: int, segment_id: int) -> list[Any]:
    """Campaigns that still need the segment: unsent ones."""
    return list(
        tx.execute(
            select(campaigns.c.id, campaigns.c.name, campaigns.c.state)
            .where(campaigns.c.shop_id == shop_id, campaigns.c.segment_id == segment_id)
            .where(campaigns.c.state.in_(("draft", "scheduled")))
            .order_by(campaigns.c.id)
        )
    )
