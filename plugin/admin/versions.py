"""A segment's versions: what each save changed, in clauses and in members; any one can be taken back."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.segment import saved, versions
from plugin.segment.difference import compare
from plugin.segment.errors import SegmentError
from plugin.segment.what_if import WhatIf, what_if
from plugin.store.engine import snapshot, transaction

from . import auth, page

blueprint = Blueprint("versions", __name__)
ON_A_PAGE: Final = 20


@blueprint.get("/segments/<int:segment_id>/versions")
def show(segment_id: int) -> str:
    shop, number = auth.shop(), page.number("page")
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        every = versions.every(tx, shop.id, segment_id)
        first = (number - 1) * ON_A_PAGE
        shown = every[first : first + ON_A_PAGE]
        differences = versions.differences(tx, shop.id, shown, clock.now())
    return page.render(
        "segment_versions.html",
        segment=segment,
        you=auth.who(),
        lines=list(zip(shown, differences, strict=True)),
        total=len(every),
        latest=every[0].number if every else 0,
        before=url_for(".show", segment_id=segment_id, page=number - 1) if number > 1 else None,
        after=url_for(".show", segment_id=segment_id, page=number + 1) if first + ON_A_PAGE < len(every) else None,
    )


@blueprint.get("/segments/<int:segment_id>/versions/<int:number>")
def confirm(segment_id: int, number: int) -> str:
    """What restoring would do: to the query, and to the members, before it happens."""
    shop, now = auth.shop(), clock.now()
    would: WhatIf | None = None
    trouble = ""
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        version = versions.find(tx, shop.id, segment_id, number)
        named = saved.queries(tx, shop.id)
        differences = compare(segment.query, version.query, now=now, timezone=shop.timezone, segments=named)
        try:
            would = what_if(tx, shop.id, segment_id, version.query, now)
        except SegmentError as error:
            trouble = error.message
    return page.render(
        "segment_restore.html", segment=segment, version=version, differences=differences, would=would, trouble=trouble
    )


@blueprint.post("/segments/<int:segment_id>/versions/<int:number>")
def restore(segment_id: int, number: int) -> Response:
    with transaction() as tx:
        versions.restore(tx, auth.shop().id, segment_id, number, clock.now(), by=auth.who())
    return redirect(url_for(".show", segment_id=segment_id), code=303)
