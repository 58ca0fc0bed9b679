"""A segment's members: who, since when and why, lately and in all; as a file, too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask import Response as FlaskResponse
from sqlalchemy import select
from werkzeug.wrappers import Response

from plugin.ingest.shops import Shop
from plugin.profile.memberships import Cause
from plugin.segment import membership, saved
from plugin.segment.membership import listing
from plugin.segment.membership.listing import Listed
from plugin.store.engine import Tx, snapshot
from plugin.store.tables import people
from plugin.store.types import major_units

from . import auth, page

blueprint = Blueprint("members", __name__)
ON_A_PAGE: Final = 50
LATELY: Final = 10
WHY: Final = {
    "event": "something they did, or that was told of them",
    "time": "time passed",
    "edit": "the segment was changed",
    "merge": "two people turned out to be one",
    "import": "the store’s data was read",
    "erased": "they were erased",
}
COLUMNS: Final = ("person", "customer", "since", "why", "detail", "orders", "spent", "currency", "reachable")


@blueprint.get("/segments/<int:segment_id>/members")
def show(segment_id: int) -> str:
    shop, after = auth.shop(), page.number("after", 0, most=2**62)
    text = request.args.get("customer", "").strip().lstrip("#")[:40]
    wanted = (int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0) if text else None
    with snapshot() as tx:
        segment = saved.find(tx, shop.id, segment_id)
        found = listing.listing(tx, shop.id, segment_id, after_person=after, limit=ON_A_PAGE + 1, customer_id=wanted)
        lately = membership.changes_of(tx, shop.id, segment_id=segment_id, limit=LATELY)
        names = _names(tx, shop.id, [change.person_id for change in lately])
        size = membership.size(tx, shop.id, segment_id)
        progress = membership.progress(tx, shop.id, segment_id)
    rows = found[:ON_A_PAGE]
    more = url_for(".show", segment_id=segment_id, after=rows[-1].person_id) if len(found) > ON_A_PAGE else None
    return page.render(
        "segment_members.html",
        segment=segment,
        rows=rows,
        more=more,
        first=url_for(".show", segment_id=segment_id) if after else None,
        size=size,
        lately=lately,
        names=names,
        why=why,
        asked=text,
        progress=progress,
    )


@blueprint.get("/segments/<int:segment_id>/members.csv")
def export(segment_id: int) -> Response:
    """Every member, a line each, written while it is read."""
    shop = auth.shop()
    with snapshot() as tx:
        saved.find(tx, shop.id, segment_id)
    headers = {"Content-Disposition": f'attachment; filename="segment-{segment_id}.csv"'}
    return FlaskResponse(_lines(shop, segment_id), mimetype="text/csv", headers=headers)


def why(cause: Cause | None) -> str:
    """ "time passed: last_order_date < -90d"."""
    if cause is None:
        return "they were in it when the segment was counted first"
    if (cause.kind, cause.detail) == ("edit", "version 1"):
        return "the segment was made"
    words = WHY.get(cause.kind, cause.kind)
    if cause.kind == "event":
        return cause.detail or words
    return f"{words}: {cause.detail}" if cause.detail else words


def _lines(shop: Shop, segment_id: int) -> Iterator[str]:
    yield _line(COLUMNS)
    with snapshot() as tx:
        for some in listing.everybody(tx, shop.id, segment_id):
            yield "".join(_line(_values(shop, one)) for one in some)


def _values(shop: Shop, one: Listed) -> tuple[Any, ...]:
    cause = one.cause or Cause("", None)
    spent = f"{major_units(one.amount_spent, shop.currency):f}"
    since = one.entered_at.isoformat()
    reachable = "yes" if one.reachable else "no"
    told = one.person_id, one.customer_id or "", since, cause.kind, _harmless(cause.detail or "")
    return (*told, one.number_of_orders, spent, shop.currency, reachable)


def _line(values: tuple[Any, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _harmless(text: str) -> str:
    """No table program takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _names(tx: Tx, shop_id: int, person_ids: list[int]) -> dict[int, str]:
    mine = people.c.shop_id == shop_id, people.c.id.in_(person_ids)
    rows = tx.execute(select(people.c.id, people.c.customer_id).where(*mine))
    return {row.id: f"#{row.customer_id}" if row.customer_id else f"Visitor {row.id}" for row in rows}
