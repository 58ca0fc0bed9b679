"""A finger on the tokens of a query: what stands next, and the values that a query is made of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from .ast import Day, Moment, Number, Offset, Span, Text, Truth, Unit, Value, Word
from .errors import SegmentError
from .lexer import Token, tokens

MAX_DIGITS: Final = 25
"""Of one number: more than any 64-bit id or amount needs, few enough for exact decimals."""

OPERATORS: Final[tuple[tuple[str, ...], ...]] = (
    *((sign,) for sign in ("=", "!=", ">", ">=", "<", "<=")),
    ("BETWEEN",),
    ("NOT", "CONTAINS"),
    ("CONTAINS",),
    ("NOT", "IN"),
    ("IN",),
    ("IS", "NOT", "NULL"),
    ("IS", "NULL"),
)
RESERVED: Final = {word for words in OPERATORS for word in words} | {"AND", "OR", "MATCHES", "TRUE", "FALSE"}
_NAMED = {"today": 0, "yesterday": -1}


class Cursor:
    """Reads `query` from left to right. Raises SegmentError."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.tokens = tokens(query)
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, *words: str, after: int = 0) -> bool:
        """Are these, in any case, the next tokens, or those `after` so many?"""
        first = self.at + after
        here = self.tokens[first : first + len(words)]
        return all(token.kind != "text" for token in here) and tuple(token.text.upper() for token in here) == words

    def take(self, word: str) -> bool:
        """Goes past `word` if it comes next."""
        found = self.ahead(word)
        self.at += found
        return found

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise self.unexpected(word)

    def name(self, expected: str) -> Word:
        token = self.next
        if token.kind != "word" or token.text.upper() in RESERVED:
            raise self.unexpected(expected)
        self.at += 1
        return Word(token.text, span=token.span)

    def operates(self, *, after: int = 0) -> tuple[str, ...]:
        """The words of the operator that comes next, or `after` so many tokens; none if there is none."""
        return next((words for words in OPERATORS if self.ahead(*words, after=after)), ())

    def operator(self) -> Word:
        words, first = self.operates(), self.next.span
        if not words:
            raise self.unexpected("an operator such as =, > or CONTAINS")
        self.at += len(words)
        return Word(" ".join(words), span=Span(first.start, self.tokens[self.at - 1].span.end))

    def values(self) -> tuple[Value, ...]:
        """values = value { "," value } ")" """
        found = [self.value()]
        while not self.take(")"):
            self.expect(",")
            found.append(self.value())
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
        return Span(start, self.tokens[self.at - 1].span.end)

    def unexpected(self, expected: str) -> SegmentError:
        token = self.next
        if token.kind == "end":
            return self.error(f"The query ends where {expected} is expected.", token.span)
        found = token.text if len(token.text) <= 40 else token.text[:40] + "…"
        if expected == "a value" and token.kind == "word":
            return self.error(f"{found} stands where a value is expected; texts stand in single quotes.", token.span)
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
