"""Automations of segments: a message when people enter one, or leave it; for each segment its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin.audience.select import sample
from plugin.automation import lifecycle, moves
from plugin.automation.lifecycle import Automation
from plugin.automation.recipes import RECIPES
from plugin.base import clock
from plugin.base.errors import BeckonError, NotFound
from plugin.ingest.shops import Shop
from plugin.message.content import Template
from plugin.message.words import CAMPAIGN
from plugin.segment import saved
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, automation_page, previews
from .page import render

blueprint = Blueprint("segment_automations", __name__)
OF_SEGMENTS = "entered_segment", "left_segment"
WHICH = f"<any({', '.join(OF_SEGMENTS)}):recipe>"
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}


@blueprint.get(f"/automations/{WHICH}")
def new(recipe: str) -> str:
    """Which segment?"""
    with snapshot() as tx:
        return _choice(tx, recipe, None)


@blueprint.post(f"/automations/{WHICH}")
def choose(recipe: str) -> Response:
    """Leads to the automation of a segment, which is not kept before it is saved."""
    text = request.form.get("segment", "")
    with snapshot() as tx:
        try:
            segment = saved.find(tx, auth.shop().id, int(text) if text.isascii() and text.isdigit() else 0)
        except NotFound:
            return make_response(_choice(tx, recipe, "Choose a segment."), 422)
    return redirect(url_for(".show", recipe=recipe, segment_id=segment.id), code=303)


@blueprint.get(f"/automations/{WHICH}/<int:segment_id>")
def show(recipe: str, segment_id: int) -> str:
    with snapshot() as tx:
        return _editor(tx, lifecycle.find(tx, auth.shop().id, recipe, segment_id), {})


@blueprint.post(f"/automations/{WHICH}/<int:segment_id>")
def configure(recipe: str, segment_id: int) -> Response:
    shop = auth.shop()
    with transaction() as tx:
        before = lifecycle.find(tx, shop.id, recipe, segment_id)
        wanted, errors = _wanted(shop, before)
        if errors:
            return make_response(_editor(tx, wanted, errors), 422)
        lifecycle.configure(
            tx,
            shop.id,
            recipe,
            segment_id=segment_id,
            enabled=wanted.enabled,
            delay=wanted.delay,
            title=wanted.title,
            body=wanted.body,
            url=wanted.url,
            asks_stock=wanted.asks_stock,
            asks_purchase=wanted.asks_purchase,
            browsers=wanted.browsers,
            now=clock.now(),
        )
    return redirect(url_for(".show", recipe=recipe, segment_id=segment_id), code=303)


@blueprint.post(f"/automations/{WHICH}/<int:segment_id>/resume")
def resume(recipe: str, segment_id: int) -> Response:
    with snapshot() as tx:
        automation = lifecycle.find(tx, auth.shop().id, recipe, segment_id)
    automation_page.resume(automation)
    return redirect(url_for(".show", recipe=recipe, segment_id=segment_id), code=303)


@blueprint.post(f"/automations/{WHICH}/<int:segment_id>/members")
def enroll_members(recipe: str, segment_id: int) -> Response:
    """The merchant asks for it: everybody who is in now gets the message too."""
    shop = auth.shop()
    with transaction() as tx:
        automation = lifecycle.find(tx, shop.id, recipe, segment_id)
        if automation.id is None or not automation.enabled or recipe != "entered_segment":
            raise BeckonError("Switch the automation on first; then the people who are in already can be written to.")
        moves.enroll_members(tx, shop.id, automation.id, clock.now())
    return redirect(url_for(".show", recipe=recipe, segment_id=segment_id), code=303)


@blueprint.post(f"/automations/{WHICH}/<int:segment_id>/preview")
def preview(recipe: str, segment_id: int) -> Response:
    """The message as written in the form, to somebody of the segment."""
    shop = auth.shop()
    template = automation_page.typed(_url(request.form.get("url", "")))
    with snapshot() as tx:
        automation = lifecycle.find(tx, shop.id, recipe, segment_id)
        shown = _shown(tx, shop, automation, template)
    return jsonify({"problems": previews.problems(shop, template, CAMPAIGN), "preview": shown})


@blueprint.get(f"/automations/{WHICH}/<int:segment_id>.json")
def numbers(recipe: str, segment_id: int) -> Response:
    with snapshot() as tx:
        return automation_page.numbers(tx, lifecycle.find(tx, auth.shop().id, recipe, segment_id))


def _wanted(shop: Shop, before: Automation) -> tuple[Automation, dict[str, str]]:
    """The automation as the form says it, and what is wrong with it; fields that were not sent stay."""
    errors: dict[str, str] = {}
    delay = before.delay
    if "delay" in request.form:
        count, unit = request.form["delay"].strip(), UNITS.get(request.form.get("unit", "minutes"))
        if unit is None or not (count.isascii() and count.isdigit() and len(count) < 7):
            errors["delay"] = "A whole number, such as 30."
        else:
            delay = int(count) * unit
    url = request.form.get("url", before.url)[: automation_page.MOST]
    wanted = replace(
        automation_page.as_asked(before),
        delay=delay,
        url=url,
        asks_stock=_ticked("asks_stock", before.asks_stock),
        asks_purchase=_ticked("asks_purchase", before.asks_purchase),
    )
    if not wanted.recipe.shortest <= wanted.delay <= wanted.recipe.longest:
        errors["delay"] = f"Between {lifecycle.span_in_words(wanted.recipe)}."
    template = Template(wanted.title, wanted.body, _url(wanted.url))
    found = previews.problems(shop, template, CAMPAIGN)
    errors |= {str(each["field"]): str(each["sentence"]) for each in found if not each["warning"]}
    return wanted, errors


def _ticked(name: str, before: bool) -> bool:
    return request.form[name] == "1" if name in request.form else before


def _url(text: str) -> str:
    return text.strip()[: automation_page.MOST] or "/"


def _choice(tx: Tx, recipe: str, error: str | None) -> str:
    shop = auth.shop()
    every = [(str(segment.id), segment.name) for segment in saved.every(tx, shop.id)]
    options = [("", "Choose one"), *every]
    return render("segment_automation_new.html", recipe=RECIPES[recipe], segments=every, options=options, error=error)


def _editor(tx: Tx, automation: Automation, errors: dict[str, str]) -> str:
    shop = auth.shop()
    unit = next(name for name in ("days", "hours", "minutes") if not automation.delay % UNITS[name])
    unit = unit if automation.delay else "minutes"
    return automation_page.render(
        tx,
        "segment_automation.html",
        automation,
        errors,
        preview=_shown(tx, shop, automation, Template(automation.title, automation.body, _url(automation.url))),
        tags=CAMPAIGN,
        unit=unit,
        units=[(name, name) for name in UNITS],
        count_of_units=automation.delay // UNITS[unit],
        members=moves.reachable_members(tx, shop.id, automation.segment_id) if automation.enabled else 0,
    )


def _shown(tx: Tx, shop: Shop, automation: Automation, template: Template) -> dict[str, Any]:
    """Filled for somebody of the segment; with examples where nobody is in it, or it cannot be read."""
    try:
        people = sample(tx, shop.id, automation.segment.query if automation.segment else "", clock.now(), limit=1)
    except SegmentError:
        people = []
    return previews.shown(shop, template, previews.campaign_values(shop, people[0] if people else None))
