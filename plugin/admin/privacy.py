"""Privacy: what people ask by law and what was done, a person's data to hand out, and how long things are kept."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin import jobs, queue
from plugin.base import clock
from plugin.base.errors import BeckonError, NotFound
from plugin.ingest import privacy
from plugin.ingest.shops import Shop
from plugin.profile import export, retention
from plugin.profile.subject import Subject, of_customer, of_person
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, people
from .page import render

blueprint = Blueprint("privacy", __name__)

FORMATS = {"html": ("text/html", export.as_page), "json": ("application/json", export.as_json)}
SPANS = {30: "30 days", 90: "3 months", 180: "6 months", 365: "12 months", 730: "2 years", 1_095: "3 years"}


@blueprint.get("/settings/privacy")
def index() -> str:
    return _page({})


@blueprint.post("/settings/privacy/keep")
def keep() -> Response:
    """Keeps how long the merchant wants each kind of data to stay."""
    shop = auth.shop()
    try:
        with transaction() as tx:
            for kind, days in request.form.items():
                retention.choose(tx, shop.id, kind, int(days) if days.isascii() and days.isdigit() else 0)
    except BeckonError as problem:
        return make_response(_page({"keep": str(problem)}), 422)
    return redirect(url_for("admin.privacy.index", _anchor="keep"), code=303)


@blueprint.get("/settings/privacy/requests/<int:request_id>.<form>")
def answer(request_id: int, form: str) -> Response:
    """What is held of the person who asks, to hand out."""
    shop = auth.shop()
    with snapshot() as tx:
        asked = privacy.find(tx, shop.id, request_id)
        if asked.kind != privacy.EXPORT or asked.customer_id is None:
            raise NotFound("This request is done; nothing of it is kept but its receipt.")
        return _file(tx, shop, of_customer(tx, shop.id, asked.customer_id, asked.naming), form)


@blueprint.post("/settings/privacy/requests/<int:request_id>/answered")
def answered(request_id: int) -> Response:
    shop, now = auth.shop(), clock.now()
    with transaction() as tx:
        asked = privacy.take(tx, request_id)
        if asked is None or asked.shop_id != shop.id or asked.kind != privacy.EXPORT or asked.customer_id is None:
            raise NotFound("There is no such open request.")
        subject = of_customer(tx, shop.id, asked.customer_id, asked.naming)
        held = export.collect(tx, subject, shop.currency, now).is_held
        privacy.finish(tx, asked, shop.domain, privacy.ANSWERED if held else privacy.NOTHING_HELD, now)
    return redirect(url_for("admin.privacy.index"), code=303)


@blueprint.get("/subscribers/<int:person_id>/data.<form>")
def of_subscriber(person_id: int, form: str) -> Response:
    """The same of anybody, without being asked by Shopify."""
    shop = auth.shop()
    with snapshot() as tx:
        people.find(tx, shop.id, person_id)
        return _file(tx, shop, of_person(tx, shop.id, person_id), form)


@blueprint.post("/subscribers/<int:person_id>/erase")
def erase(person_id: int) -> Response:
    shop, now = auth.shop(), clock.now()
    with transaction() as tx:
        person = people.find(tx, shop.id, person_id)
        request_id = privacy.ask(
            tx,
            shop.id,
            privacy.ERASE,
            by=privacy.MERCHANT,
            reference=secrets.token_hex(8),
            asked_at=now,
            now=now,
            customer_id=person.row.customer_id,
            person_id=person_id,
        )
    if request_id is not None:
        queue.enqueue(queue.HISTORY, jobs.carry_out, request_id)
    return redirect(url_for("admin.privacy.index"), code=303)


def _page(errors: dict[str, str]) -> str:
    shop = auth.shop()
    with snapshot() as tx:
        waiting = privacy.open_ones(tx, shop.id)
        receipts = privacy.receipts(tx, shop.domain)
        known = {each.id: _is_known(tx, shop.id, each) for each in waiting}
        days = retention.days_of(tx, shop.id)
    return render(
        "privacy.html",
        asks=[each for each in waiting if each.kind == privacy.EXPORT],
        erasures=[each for each in waiting if each.kind != privacy.EXPORT],
        known=known,
        receipts=receipts,
        limits=[limit for limit in retention.LIMITS.values() if limit.by_merchant],
        days=days,
        spans=SPANS,
        errors=errors,
    )


def _is_known(tx: Tx, shop_id: int, asked: privacy.Request) -> bool:
    if asked.customer_id is None:
        return False
    subject = of_customer(tx, shop_id, asked.customer_id)
    return bool(subject.person_ids)


def _file(tx: Tx, shop: Shop, subject: Subject, form: str) -> Response:
    if form not in FORMATS:
        raise NotFound("Data can be had as html, to read, or as json.")
    kind, written = FORMATS[form]
    made = make_response(written(export.collect(tx, subject, shop.currency, clock.now())))
    made.mimetype = kind
    who = f"customer-{subject.customer_ids[0]}" if subject.customer_ids else f"visitor-{subject.person_ids[0]}"
    made.headers["Content-Disposition"] = f'attachment; filename="{who}.{form}"'
    return made
