"""Query text → tokens. Every character of a query belongs to a token, to white space, or to an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from .ast import Span
from .errors import SegmentError

MAX_LENGTH: Final = 50_000
"""Characters of a query: room for all clauses that it may have, or for lists of thousands of ids."""

_TOKENS = re.compile(
    r"""
      (?P<space> [\s\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+ )
    | (?P<text> '(?: \\. | [^'\\] )*' )
    | (?P<moment> \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d (?![\w.:+-]) )
    | (?P<day> \d{4}-\d\d-\d\d (?![\w.:-]) )
    | (?P<strange_date> \d{1,4}[-/]\d{1,2}[-/]\d{1,4}[\w.:+-]* )
    | (?P<ago> \d+_(?:hour|day|week|month|year)s?_ago \b )
    | (?P<offset> [+-]?\d+[hdwmyHDWMY] \b )
    | (?P<number> [+-]?\d+(?:\.\d+)? (?![\w.]) )
    | (?P<word> [A-Za-z_]\w*(?:\.\w[\w-]*)* )
    | (?P<foreign> == | <> | => | =< | && | \|\|? | ! (?!=) )
    | (?P<sign> != | >= | <= | [=><(),:] )
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)

_OURS = {"==": "=", "<>": "!=", "=>": ">=", "=<": "<=", "&&": "AND", "||": "OR", "|": "OR", "!": "NOT"}
_DATES = "Dates are written 2026-11-18, or with the shop's time 2026-11-18T09:30:00."
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_COMPLAINTS = {
    "'": "The text that begins here has no closing quote.",
    '"': "Texts stand in single quotes, as in 'vip'.",
    "‘": "Texts stand in straight single quotes, as in 'vip'.",
    "’": "Texts stand in straight single quotes, as in 'vip'.",
    "“": "Texts stand in straight single quotes, as in 'vip'.",
    "£": "Amounts stand without a currency sign, as in 99.50.",
    "$": "Amounts stand without a currency sign, as in 99.50.",
    "€": "Amounts stand without a currency sign, as in 99.50.",
}


class Token(NamedTuple):
    """A piece of the query. `kind` is a group's name above, or "end"; `word` is it in capitals, nothing for a text."""

    kind: str
    text: str
    word: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def tokens(query: str) -> list[Token]:
    """The tokens of `query`, the last one of kind "end". Raises SegmentError."""
    return list(stream(query))


def stream(query: str) -> Iterator[Token]:
    """The tokens of `query`, the last one of kind "end", read as they are asked for: what is wrong at the beginning of
    a long query is found at once. Raises SegmentError."""
    if len(query) > MAX_LENGTH:
        raise SegmentError(
            f"The query is too long: {len(query):,} characters, {MAX_LENGTH:,} at most.", query, MAX_LENGTH, len(query)
        )
    return _tokens(query)


def _tokens(query: str) -> Iterator[Token]:
    at = 0
    while at < len(query):
        found = _TOKENS.match(query, at)
        if found is None or found.lastgroup is None:
            raise SegmentError(_complaint(query, at), query, at, at + 1)
        start, at, kind = at, found.end(), found.lastgroup
        match kind:
            case "space":
                continue
            case "strange_date":
                raise SegmentError(_DATES, query, start, at)
            case "foreign":
                raise SegmentError(f"Write {_OURS[found.group()]} instead of {found.group()}.", query, start, at)
            case "text":
                _refuse_unstorable(query, start, at)
                yield Token(kind, found.group(), "", start, at)
            case _:
                text = found.group()
                yield Token(kind, text, text.upper(), start, at)
    yield Token("end", "", "", at, at)


def _complaint(query: str, at: int) -> str:
    if query[at] in "+-0123456789":
        return "This is neither a number (3 or 99.50) nor a date (2026-11-18 or -30d)."
    return _COMPLAINTS.get(query[at]) or f"{query[at]!r} cannot stand here."


def _refuse_unstorable(query: str, start: int, end: int) -> None:
    """No database holds U+0000, and half a surrogate pair is no character: nobody's tag has them."""
    found = _UNSTORABLE.search(query, start, end)
    if found:
        raise SegmentError(f"A text cannot hold {found.group()!r}.", query, found.start(), found.end())
