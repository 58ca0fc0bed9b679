"""What can stand at the place where a merchant writes a query, with the shop's own values among it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from plugin.segment.attributes import Argument, Attribute
from plugin.segment.catalogue import filters, title, words_of
from plugin.segment.complete import Expected, expected, parameters_of
from plugin.segment.kinds import Takes
from plugin.segment.suggest import source_of, suggestions
from plugin.store.engine import snapshot
from plugin.store.limits import TookTooLong, at_most

from . import auth
from .editing import body

blueprint = Blueprint("completing", __name__)

MOST: Final = 12


@blueprint.post("/segments/complete")
def complete() -> Response:
    """Options for a place of a query: what to write, and what it is."""
    told = body()
    query, at = str(told.get("query", "")), told.get("at")
    found = expected(query, at if isinstance(at, int) else len(query))
    if found is None:
        return jsonify(what=None, start=0, end=0, source=None, options=[])
    source = _source(found)
    options = _values(found, source) if found.what == "value" else _words(found)
    return jsonify(what=found.what, start=found.start, end=found.end, source=source, options=options)


def _words(found: Expected) -> list[dict[str, str]]:
    """Filters, parameters, operators or joiners that begin with what is written; then those that have it inside."""
    offered: Iterable[tuple[str, str, str]]
    match found.what:
        case "filter":
            offered = ((one["name"], one["title"], one["about"]) for one in filters())
        case "parameter":
            free = [one for name, one in parameters_of(found.function).items() if name not in found.taken]
            offered = ((one.name, title(one), one.kind.example) for one in free)
        case "operator":
            offered = ((symbol, "", words) for symbol, words in _operators(found))
        case _:
            offered = _joiners(found)
    wanted = found.written.casefold()
    fitting = [one for one in offered if wanted in f"{one[0]} {one[1]}".casefold()]
    fitting.sort(key=lambda one: not one[0].casefold().startswith(wanted))
    return [_option(value, value, detail) for value, _, detail in fitting[:MOST]]


def _operators(found: Expected) -> list[tuple[str, str]]:
    if found.subject is None and found.call is not None:
        return [("(", "with what in parentheses")]
    if found.subject is None:
        return [("MATCHES (", "there is one of which"), ("NOT MATCHES (", "there is none of which")]
    kind = found.subject.kind
    if isinstance(found.subject, Argument):
        return [("=", "is")]
    written = f"{found.operator} " if found.operator else ""
    rest = [(symbol.removeprefix(written), words) for symbol, words in words_of(kind)]
    if found.function is not None:
        rest = [(symbol, words) for symbol, words in rest if not symbol.startswith("IS ")]
    return [(f"{symbol} (" if symbol.endswith("IN") else symbol, words) for symbol, words in rest]


def _joiners(found: Expected) -> list[tuple[str, str, str]]:
    if found.operator == "BETWEEN" and found.values == 1:
        return [("AND", "", "up to")]
    if found.call is not None:
        return [(",", "", "one more value"), (")", "", "end of the values")]
    if found.list_open:
        return [(",", "", "one more value"), (")", "", "end of the list")]
    if found.function is not None:
        return [(",", "", "of which also"), (")", "", "end of the conditions")]
    closing = [(")", "", "end of the group")] if found.open_groups else []
    return [("AND", "", "and also"), ("OR", "", "or else"), *closing]


def _source(found: Expected) -> str | None:
    if found.what != "value" or found.subject is None:
        return None
    if isinstance(found.subject, Attribute):
        return source_of(found.subject.kind, found.subject.name)
    asked = found.call.name if found.call else found.function.name if found.function else ""
    return source_of(found.subject.kind, asked, found.subject.name)


def _values(found: Expected, source: str | None) -> list[dict[str, str]]:
    subject = found.subject
    if subject is None:
        return []
    written = found.written.lstrip("'").casefold()
    quoted = subject.kind.takes is Takes.TEXT
    if source is not None:
        return [
            _option(_quoted(value) if quoted else value, label, detail)
            for value, label, detail in _own(source, written)
        ]
    offered = [(_quoted(choice), "") for choice in subject.kind.choices] or _USUAL.get(subject.kind.takes, [])
    return [_option(value, value, detail) for value, detail in offered if written in value.casefold()][: 2 * MOST]


def _own(source: str, written: str) -> list[tuple[str, str, str]]:
    try:
        with snapshot() as tx, at_most(tx, 1):
            found = suggestions(tx, auth.shop().id, source, "" if source == "country" else written)
    except TookTooLong:
        return []
    return [(one.value, one.label, one.detail or (one.value if one.value != one.label else "")) for one in found]


def _option(value: str, label: str, detail: str) -> dict[str, Any]:
    return {"value": value, "label": label, "detail": detail}


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_USUAL: Final[dict[Takes, list[tuple[str, str]]]] = {
    Takes.DATE: [
        ("today", ""),
        ("yesterday", ""),
        ("-7d", "7 days ago"),
        ("-30d", "30 days ago"),
        ("-90d", "90 days ago"),
        ("-12m", "12 months ago"),
        ("-1y", "a year ago"),
    ],
    Takes.TRUTH: [("true", "yes"), ("false", "no")],
}
