"""Static lists: made from a file, from pasted numbers or from a segment's members; what became of each import."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.segment import saved as segments
from plugin.segment.compile import compile_segment
from plugin.segment.lists import members, read, saved
from plugin.segment.lists.members import Report
from plugin.segment.sql import members as of_segment
from plugin.store.engine import Tx, snapshot, transaction

from . import auth
from .page import render

blueprint = Blueprint("lists", __name__)
LONGEST = read.MAX_BYTES + 1_000_000
"""Bytes of a form, its file and what stands around it."""


@blueprint.get("/lists")
def index() -> str:
    return _index()


@blueprint.post("/lists")
def create() -> Response:
    request.max_content_length = LONGEST
    shop, now = auth.shop(), clock.now()
    try:
        with transaction() as tx:  # a list whose first import fails is not made
            list_id = saved.create(tx, shop.id, request.form.get("name", ""), now)
            report = _put(tx, shop.id, list_id)
    except BeckonError as error:
        return make_response(_index(str(error)), 422)
    return redirect(url_for(".show", list_id=list_id, done=report.import_id if report else None), code=303)


@blueprint.get("/lists/<int:list_id>")
def show(list_id: int) -> str:
    return _show(list_id)


@blueprint.post("/lists/<int:list_id>/people")
def add(list_id: int) -> Response:
    request.max_content_length = LONGEST
    try:
        with transaction() as tx:
            report = _put(tx, auth.shop().id, list_id)
    except BeckonError as error:
        return make_response(_show(list_id, adding=str(error)), 422)
    if report is None:
        return make_response(_show(list_id, adding="Choose a file, paste numbers, or choose a segment."), 422)
    return redirect(url_for(".show", list_id=list_id, done=report.import_id), code=303)


@blueprint.post("/lists/<int:list_id>/name")
def rename(list_id: int) -> Response:
    try:
        with transaction() as tx:
            saved.rename(tx, auth.shop().id, list_id, request.form.get("name", ""), clock.now())
    except BeckonError as error:
        return make_response(_show(list_id, naming=str(error)), 422)
    return redirect(url_for(".show", list_id=list_id), code=303)


@blueprint.post("/lists/<int:list_id>/imports/<int:import_id>/undo")
def take_back(list_id: int, import_id: int) -> Response:
    with transaction() as tx:
        saved.find(tx, auth.shop().id, list_id)
        members.take_back(tx, auth.shop().id, import_id, clock.now())
    return redirect(url_for(".show", list_id=list_id), code=303)


@blueprint.post("/lists/<int:list_id>/delete")
def delete(list_id: int) -> Response:
    with transaction() as tx:
        saved.delete(tx, auth.shop().id, list_id)
    return redirect(url_for(".index"), code=303)


def _index(error: str = "") -> str:
    shop = auth.shop()
    with snapshot() as tx:
        rows = [(one, saved.users_of(tx, shop.id, one.name)) for one in saved.every(tx, shop.id)]
        known = segments.every(tx, shop.id)
    return render("lists.html", rows=rows, segments=known, form=request.form, error=error)


def _show(list_id: int, *, adding: str = "", naming: str = "") -> str:
    shop = auth.shop()
    with snapshot() as tx:
        one = saved.find(tx, shop.id, list_id)
        told = saved.imports(tx, shop.id, list_id)
        users, known = saved.users_of(tx, shop.id, one.name), segments.every(tx, shop.id)
    done = request.args.get("done", "")
    return render(
        "list.html",
        list=one,
        imports=told,
        done=next((each for each in told if str(each.id) == done), None),
        users=users,
        segments=known,
        form=request.form,
        adding=adding,
        naming=naming,
        query=f"in_list('{_quoted(one.name)}')",
    )


def _put(tx: Tx, shop_id: int, list_id: int) -> Report | None:
    """What the form names: a file, a text or a segment, the first of them that is there."""
    now, file = clock.now(), request.files.get("file")
    if file is not None and file.filename:
        named = read.read(file.stream.read(LONGEST))
        return members.put(tx, shop_id, list_id, named, "file", file.filename, now)
    if text := request.form.get("text", "").strip():
        return members.put(tx, shop_id, list_id, read.read(text), "text", "Pasted", now)
    if segment := request.form.get("segment", ""):
        chosen = segments.find(tx, shop_id, int(segment) if segment.isascii() and segment.isdigit() else 0)
        checked = compile_segment(
            chosen.query, now=now, timezone=auth.shop().timezone, segments=segments.queries(tx, shop_id)
        )
        found = tx.execute(of_segment(checked, shop_id)).scalars()
        return members.put_people(tx, shop_id, list_id, list(found), chosen.name, now)
    return None


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")
