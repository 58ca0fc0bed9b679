"""A segment's versions: what each save changed, in clauses and in members; any one can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.base.errors import NotFound
from plugin.ingest.shops import Shop
from plugin.segment import saved, versions
from plugin.segment.difference import Change, difference
from plugin.segment.errors import SegmentError
from plugin.segment.versions import Version
from plugin.segment.what_if import WhatIf, what_if
from plugin.store.engine import Tx, snapshot, transaction

from . import auth, page

blueprint = Blueprint("versions", __name__)
ON_A_PAGE: Final = 20
BY: Final = "in the panel"


@dataclass(frozen=True, slots=True)
class Line:
    """A version with what it changed in the one before; `former` None for the first."""

    version: Version
    former: Version | None
    changes: tuple[Change, ...]


@blueprint.get("/segments/<int:segment_id>/versions")
def show(segment_id: int) -> str:
    shop, number = auth.shop(), page.number("page")
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        every = versions.every(tx, shop.id, segment_id)
        first = (number - 1) * ON_A_PAGE
        lines = [_line(tx, shop, one, former) for one, former in zip(every, [*every[1:], None], strict=False)][
            first : first + ON_A_PAGE
        ]
    return page.render(
        "segment_versions.html",
        segment=segment,
        lines=lines,
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
        version = _version(tx, shop.id, segment_id, number)
        changes = _changes(tx, shop, segment.query, version.query)
        try:
            would = what_if(tx, shop.id, segment_id, version.query, now)
        except SegmentError as error:
            trouble = error.message
    return page.render(
        "segment_restore.html", segment=segment, version=version, changes=changes, would=would, trouble=trouble
    )


@blueprint.post("/segments/<int:segment_id>/versions/<int:number>")
def restore(segment_id: int, number: int) -> Response:
    with transaction() as tx:
        versions.restore(tx, auth.shop().id, segment_id, number, clock.now(), by=BY)
    return redirect(url_for(".show", segment_id=segment_id), code=303)


def _version(tx: Tx, shop_id: int, segment_id: int, number: int) -> Version:
    for version in versions.every(tx, shop_id, segment_id):
        if version.number == number:
            return version
    raise NotFound(f"The segment has no version {number}.")


def _line(tx: Tx, shop: Shop, version: Version, former: Version | None) -> Line:
    return Line(version, former, _changes(tx, shop, former.query, version.query) if former else ())


def _changes(tx: Tx, shop: Shop, before: str, after: str) -> tuple[Change, ...]:
    named = saved.queries(tx, shop.id)
    return difference(before, after, now=clock.now(), timezone=shop.timezone, segments=named)
