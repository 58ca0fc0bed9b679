"""Segments inside segments: which ask for which, by `in_segment('name')`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .ast import And, Call, Node, Not, Or, Text
from .errors import SegmentError
from .parser import parse

_CALL = "in_segment"


def asked_for(query: str) -> frozenset[str]:
    """The names of the segments that a query asks for; none of a query that cannot be read."""
    if _CALL not in query:
        return frozenset()
    try:
        return frozenset(_names(parse(query)))
    except SegmentError:
        return frozenset()


def containing(name: str, queries: Mapping[str, str]) -> list[str]:
    """Those of `queries` (by name) that ask for `name`, directly or through others, the nearest first."""
    found: list[str] = []
    new = [name]
    while new:
        inner, new = set(new), []
        for outer, query in queries.items():
            if outer not in found and outer != name and not inner.isdisjoint(asked_for(query)):
                found.append(outer)
                new.append(outer)
    return found


def _names(node: Node) -> Iterator[str]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _names(part)
        case Not(part):
            yield from _names(part)
        case Call() if node.name.text == _CALL:
            yield from (value.value for value in node.arguments if isinstance(value, Text))
        case _:
            return
