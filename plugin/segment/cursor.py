"""A finger on the tokens of a query: what stands next, and the values that a query is made of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from .ast import Day, Moment, Number, Offset, Span, Text, Truth, Unit, Value, Word
from .errors import SegmentError
from .lexer import Token, stream

MAX_DIGITS: Final = 25
"""Of one number: more than any 64-bit id or amount needs, few enough for exact decimals."""

MAX_LIST: Final = 500
"""Values behind IN, as in Shopify's."""
MAX_LISTED: Final = 5_000
"""Values of all lists of a query together."""

OPERATORS: Final[tuple[tuple[str, ...], ...]] = (
    *((sign,) for sign in ("=", "!=", ">", ">=", "<", "<=")),
    ("BETWEEN",),
    ("NOT", "CONTAINS"),
    ("CONTAINS",),
    ("NOT", "IN"),
    ("IN",),
    ("NOT", "STARTS", "WITH"),
    ("STARTS", "WITH"),
    ("IS", "NOT", "NULL"),
    ("IS", "NULL"),
)
RESERVED: Final = {word for words in OPERATORS for word in words} | {"AND", "OR", "MATCHES", "TRUE", "FALSE"}
_BY_FIRST: Final = {first: [words for words in OPERATORS if words[0] == first] for first, *_ in OPERATORS}
_NAMED = {"today": 0, "yesterday": -1}


class Cursor:
    """Reads `query` from left to right. Raises SegmentError."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.listed = 0
        """Values of lists so far."""
        self._coming = stream(query)
        self._read: list[Token] = []

    @property
    def next(self) -> Token:
        return self.coming(0)

    @property
    def last(self) -> Token:
        """The token that we went past."""
        return self._read[self.at - 1]

    def coming(self, after: int) -> Token:
        """The token after so many others; the end has no end."""
        while len(self._read) <= self.at + after:
            token = next(self._coming, None)
            if token is None:
                return self._read[-1]
            self._read.append(token)
        return self._read[self.at + after]

    def ahead(self, *words: str, after: int = 0) -> bool:
        """Are these, in any case, the next tokens, or those `after` so many?"""
        return all(self.coming(after + at).word == word for at, word in enumerate(words))

    def take(self, word: str) -> bool:
        """Goes past `word` if it comes next."""
        found = self.next.word == word
        self.at += found
        return found

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise self.unexpected(word)

    def name(self, expected: str) -> Word:
        token = self.next
        if token.kind != "word" or token.word in RESERVED:
            raise self.unexpected(expected)
        self.at += 1
        return Word(token.text, span=token.span)

    def operates(self, *, after: int = 0) -> tuple[str, ...]:
        """The words of the operator that comes next, or `after` so many tokens; none if there is none."""
        known = _BY_FIRST.get(self.coming(after).word, ())
        return next((words for words in known if self.ahead(*words, after=after)), ())

    def operator(self) -> Word:
        words, start = self.operates(), self.next.start
        if not words:
            raise self.unexpected("an operator such as =, > or CONTAINS")
        self.at += len(words)
        return Word(" ".join(words), span=self.since(start))

    def values(self) -> tuple[Value, ...]:
        """values = value { "," value } ")" """
        start, found = self.next.start, [self.value()]
        while not self.take(")"):
            self.expect(",")
            found.append(self.value())
            if len(found) > MAX_LIST:
                raise self.error(f"The list is too long, {MAX_LIST} values at most.", self.since(start))
        self.listed += len(found)
        if self.listed > MAX_LISTED:
            raise self.error(f"All lists together are too long, {MAX_LISTED:,} values at most.", self.since(start))
        return tuple(found)

    def value(self) -> Value:
        """value = text | number | day | moment | offset | TODAY | YESTERDAY | TRUE | FALSE"""
        token = self.next
        self.at += 1
        match token.kind:
            case "text":
                return Text(_unquoted(token.text), span=token.span)
            case "number" if len(token.text) <= MAX_DIGITS:
                return Number(Decimal(token.text), span=token.span)
            case "day" | "moment":
                return self._date(token)
            case "offset" | "ago" if len(token.text) <= MAX_DIGITS:
                return _offset(token)
            case "number" | "offset" | "ago":
                raise self.error("The number is too long.", token.span)
            case "word" if token.text.lower() in _NAMED:
                return Offset(_NAMED[token.text.lower()], "d", span=token.span)
            case "word" if token.text.lower() in ("true", "false"):
                return Truth(token.text.lower() == "true", span=token.span)
        self.at -= 1
        raise self.unexpected("a value")

    def _date(self, token: Token) -> Day | Moment:
        try:
            if token.kind == "day":
                return Day(date.fromisoformat(token.text), span=token.span)
            return Moment(datetime.fromisoformat(token.text), span=token.span)
        except ValueError:
            raise self.error(f"There is no such date as {token.text}.", token.span) from None

    def since(self, start: int) -> Span:
        """From the character `start` to where we stand."""
        return Span(start, self.last.end)

    def unexpected(self, expected: str) -> SegmentError:
        token = self.next
        if token.kind == "end":
            return self.error(f"The query ends where {expected} is expected.", token.span)
        found = token.text if len(token.text) <= 40 else token.text[:40] + "…"
        if expected == "a value" and token.kind == "word":
            return self.error(f"Texts stand in single quotes. Did you mean '{found}'?", token.span)
        return self.error(f"{found} stands where {expected} is expected.", token.span)

    def error(self, message: str, span: Span) -> SegmentError:
        return SegmentError(message, self.query, span.start, span.end)


def _unquoted(text: str) -> str:
    r"""Without its quotes; `\'` is a quote and `\\` a backslash."""
    return text[1:-1].replace("\\\\", "\0").replace("\\'", "'").replace("\0", "\\")


def _offset(token: Token) -> Offset:
    if token.kind == "offset":
        return Offset(int(token.text[:-1]), cast(Unit, token.text[-1].lower()), span=token.span)
    count, unit, _ago = token.text.split("_")
    return Offset(-int(count), cast(Unit, unit[0]), span=token.span)
