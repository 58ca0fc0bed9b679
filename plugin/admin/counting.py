"""What the editor asks while somebody types: how many, how many can be reached, and who they are.

Each is asked by itself, so that the cheap answer is there first, and each is cut off when it takes too long: a
merchant who types must not hold up the database for the shoppers.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from plugin.audience.select import Member, count, count_reachable, sample
from plugin.base import clock
from plugin.ingest.shops import Shop
from plugin.message.words import money
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx, snapshot
from plugin.store.limits import TookTooLong, at_most

from . import auth, words
from .editing import reading

blueprint = Blueprint("counting", __name__)

PATIENCE: Final = 4.0
"""Seconds for one answer."""

TOO_LONG: Final = (
    f"Counting takes longer than {PATIENCE:g} seconds, so it was stopped. "
    "You can save and use the segment all the same: it is counted without hurry when it is used."
)


@blueprint.get("/segments/count")
def counted() -> Response:
    """The number of members; `of` asks for the reachable ones, or for a sample. A mistake is an answer here."""
    query, of, shop = request.args.get("query", ""), request.args.get("of", "members"), auth.shop()
    try:
        with snapshot() as tx, at_most(tx, PATIENCE):
            return jsonify(_ANSWERS.get(of, _members)(tx, shop, query))
    except TookTooLong:
        return jsonify(too_long=TOO_LONG)
    except SegmentError as error:
        return jsonify(error=error.message)


@blueprint.get("/segments/preview")
def preview() -> Response:
    """How a query reads and whom it means, in one answer, for who does not type."""
    query, shop = request.args.get("query", ""), auth.shop()
    return jsonify(reading(shop, query) | at_once(shop, query))


def _members(tx: Tx, shop: Shop, query: str) -> dict[str, Any]:
    return {"count": count(tx, shop.id, query, clock.now())}


def _reachable(tx: Tx, shop: Shop, query: str) -> dict[str, Any]:
    return {"reachable": count_reachable(tx, shop.id, query, clock.now())}


def _sample(tx: Tx, shop: Shop, query: str) -> dict[str, Any]:
    return {"sample": [person(shop, member) for member in sample(tx, shop.id, query, clock.now())]}


_ANSWERS: Final = {"members": _members, "reachable": _reachable, "sample": _sample}


def at_once(shop: Shop, query: str) -> dict[str, Any]:
    """All of it for a page that is opened; what takes too long or cannot be read is None."""
    told: dict[str, Any] = {"count": None, "reachable": None, "everybody": 0, "sample": [], "too_long": ""}
    try:
        with snapshot() as tx, at_most(tx, PATIENCE / 2):
            told["everybody"] = count(tx, shop.id, "", clock.now())
            for answer in _ANSWERS.values():
                told |= answer(tx, shop, query)
    except SegmentError:
        pass
    except TookTooLong:
        told["too_long"] = TOO_LONG
    return told


def person(shop: Shop, member: Member) -> dict[str, Any]:
    """A member as the page shows one."""
    orders = words.plural(member.number_of_orders, "order")
    spent = f", {money(member.amount_spent, shop.currency)}" if member.number_of_orders else ""
    name = member.first_name or (f"#{member.customer_id}" if member.customer_id else f"Visitor {member.person_id}")
    return {
        "label": name,
        "detail": orders + spent,
        "customer_id": member.customer_id,
        "reachable": member.reachable,
        "href": url_for("admin.subscribers.show", person_id=member.person_id),
    }
