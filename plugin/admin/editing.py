"""What the segment editor is told while somebody writes or clicks: how the query reads, what can stand next, and which
values the shop has. Nothing here counts; plugin/admin/counting.py does."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.base.errors import BeckonError, Unreadable
from plugin.ingest.shops import Shop
from plugin.segment import saved
from plugin.segment.ast import Node
from plugin.segment.catalogue import catalogue
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.format import canonical, sentence
from plugin.segment.parser import parse
from plugin.segment.rules import leaves, rules, tree
from plugin.segment.suggest import metafields, named, suggestions
from plugin.segment.warnings import for_shopify
from plugin.store.engine import snapshot
from plugin.store.limits import TookTooLong, at_most

from . import auth

blueprint = Blueprint("editing", __name__)

LONGEST: Final = 400_000
"""Bytes of a request: a query has 20,000 characters at most, and its JSON some ten times as many."""


@blueprint.get("/segments/catalogue")
def filters() -> Response:
    """All that the builder offers, the shop's own metafields among it."""
    shop = auth.shop()
    try:
        with snapshot() as tx, at_most(tx, 2):
            own = metafields(tx, shop.id)
    except TookTooLong:
        own = []
    return jsonify(subjects=catalogue(own), currency=shop.currency)


@blueprint.post("/segments/read")
def read() -> Response:
    """A query, or the builder's rules, as text, as rules, as a sentence; a mistake is an answer here."""
    told = body()
    try:
        query = canonical(tree(told["rules"])) if "rules" in told else str(told.get("query", ""))
    except BeckonError as error:
        return jsonify(query=None, rules=None, sentence="", warnings=[], error=_mistake(error, None))
    return jsonify(reading(auth.shop(), query))


@blueprint.get("/segments/values")
def values() -> Response:
    """The shop's own values of a source: those that fit to `q`, or the names of those that are `known`."""
    source, shop = request.args.get("source", ""), auth.shop()
    try:
        with snapshot() as tx, at_most(tx, 2):
            if "known" in request.args:
                return jsonify(names=named(tx, shop.id, source, request.args["known"].split(",")[:500]))
            return jsonify(values=[asdict(one) for one in suggestions(tx, shop.id, source, request.args.get("q", ""))])
    except TookTooLong:
        return jsonify(values=[], names={})


def body() -> dict[str, Any]:
    """The JSON object of the request. Raises Unreadable."""
    if (request.content_length or LONGEST + 1) > LONGEST:
        raise Unreadable("That is more than a segment can hold.")
    return asked(request.get_data(as_text=True))


def asked(text: str) -> dict[str, Any]:
    """A JSON object that the page made. Raises Unreadable."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Unreadable("What the editor sent cannot be read. Reload the page and try again.")
    return told


def reading(shop: Shop, query: str) -> dict[str, Any]:
    """How a query reads, without counting anybody."""
    told: dict[str, Any] = {"query": query, "rules": None, "sentence": "", "warnings": [], "error": None}
    parsed: Node | None = None
    try:
        parsed = parse(query)
        told["rules"] = rules(parsed)
        with snapshot() as tx:
            others = saved.queries(tx, shop.id)
        checked = compile_segment(query, now=clock.now(), timezone=shop.timezone, segments=others)
        told["sentence"] = sentence(checked)
        told["warnings"] = list(dict.fromkeys(caution.message for caution in for_shopify(parsed)))
    except SegmentError as error:
        told["error"] = _mistake(error, parsed)
    return told


def _mistake(error: BeckonError, parsed: Node | None) -> dict[str, Any]:
    """The sentence, its place, what to put there instead, and which of the builder's rows it is about."""
    told = {"message": str(error), "start": 0, "end": 0, "suggestion": _instead(error), "clause": None}
    if isinstance(error, SegmentError):
        told |= {"start": error.start, "end": error.end}
        spans = [leaf.span for leaf in leaves(parsed)] if parsed is not None else []
        told["clause"] = next((at for at, span in enumerate(spans) if span.start <= error.start <= span.end), None)
    return told


def _instead(error: BeckonError) -> str | None:
    found = re.search(r"Did you mean (.+?)\?", str(error))
    return found.group(1) if found else None
