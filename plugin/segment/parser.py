"""Tokens → tree. Each method's docstring is its rule of the grammar.

Both of Shopify's ways to ask a function are read into the same tree: `orders_placed MATCHES (count > 2)`, and the older
`orders_placed(count: 2) = true`, which `plugin/segment/classic.py` translates. Named dates (`90_days_ago`) become the
offsets that they stand for.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from . import classic
from .ast import (
    And,
    Clause,
    Comparison,
    Day,
    Matches,
    Moment,
    Node,
    Number,
    Offset,
    Or,
    Span,
    Text,
    Truth,
    Unit,
    Value,
    Word,
)
from .errors import SegmentError
from .lexer import Token, tokens

MAX_DEPTH: Final = 30
"""Parentheses inside parentheses."""
MAX_CLAUSES: Final = 100
MAX_DIGITS: Final = 25
"""Of one number: more than any 64-bit id or amount needs, few enough for exact decimals."""

_COMPARISONS = ("=", "!=", ">", ">=", "<", "<=")


def parse(query: str) -> Node:
    """query = [ either ]; an empty query is everybody. Raises SegmentError."""
    parser = _Parser(query)
    if parser.next.kind == "end":
        return And(())
    tree = parser.either()
    if parser.next.kind != "end":
        raise parser.unexpected("AND, OR or the end of the query")
    return tree


class _Parser:
    def __init__(self, query: str) -> None:
        self.query = query
        self.tokens = tokens(query)
        self.at = 0
        self.depth = 0
        self.clauses = 0

    def either(self) -> Node:
        """either = both { OR both }"""
        parts = [self.both()]
        while self.take("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(_flat(Or, parts))

    def both(self) -> Node:
        """both = one { AND one }"""
        parts = [self.one()]
        while self.take("AND"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else And(_flat(And, parts))

    def one(self) -> Node:
        """one = "(" either ")" | clause"""
        if not self.take("("):
            return self.clause()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"Parentheses are nested too deeply, {MAX_DEPTH} at most.", self.tokens[self.at - 1].span)
        tree = self.either()
        self.expect(")")
        self.depth -= 1
        return tree

    def clause(self) -> Clause:
        """clause = name ( "(" … ")" … | [ NOT ] MATCHES "(" [ comparison { "," comparison } ] ")" | test )"""
        name = self.name("a filter such as number_of_orders")
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise self.error(f"The query has too many clauses, {MAX_CLAUSES} at most.", name.span)
        if self.take("("):
            return self.older(name)
        negated = self.ahead("NOT", "MATCHES")
        if not negated and not self.ahead("MATCHES"):
            return self.test(name)
        self.at += 2 if negated else 1
        self.expect("(")
        parameters: list[Comparison] = []
        while not self.take(")"):
            if parameters:
                self.expect(",")
            parameters.append(self.test(self.name("a parameter such as date")))
        return Matches(name, negated, tuple(parameters), span=self.since(name))

    def older(self, name: Word) -> Matches:
        """older = name "(" [ name ":" argument { "," name ":" argument } ] ")" ( "=" | "!=" ) ( TRUE | FALSE )"""
        arguments: list[classic.Argument] = []
        while not self.take(")"):
            if arguments:
                self.expect(",")
            parameter = self.name("a parameter such as date")
            self.expect(":")
            arguments.append(self.argument(parameter))
        differs = self.take("!=")
        if not differs:
            self.expect("=")
        answer = self.value()
        if not isinstance(answer, Truth):
            raise self.error(f"{name.text}( … ) is compared with true or false.", answer.span)
        parameters = classic.parameters(arguments, self.error)
        return Matches(name, answer.value == differs, parameters, span=self.since(name))

    def argument(self, name: Word) -> classic.Argument:
        """argument = BETWEEN value AND value | "(" value { "," value } ")" | value"""
        word = self.next
        window = word.kind in ("offset", "ago")
        if self.take("BETWEEN"):
            low = self.value()
            self.expect("AND")
            return classic.Argument(name, Word("BETWEEN", span=word.span), (low, self.value()))
        if self.take("("):
            return classic.Argument(name, Word("IN", span=word.span), self.values())
        return classic.Argument(name, Word(">=" if window else "=", span=word.span), (self.value(),))

    def test(self, name: Word) -> Comparison:
        """test = ( "=" | "!=" | ">" | ">=" | "<" | "<=" ) value | BETWEEN value AND value
        | [ NOT ] CONTAINS value | [ NOT ] IN "(" value { "," value } ")" | IS [ NOT ] NULL"""
        operator = self.operator()
        values: tuple[Value, ...]
        match operator.text:
            case "IS NULL" | "IS NOT NULL":
                values = ()
            case "BETWEEN":
                low = self.value()
                self.expect("AND")
                values = (low, self.value())
            case "IN" | "NOT IN":
                self.expect("(")
                values = self.values()
            case _:
                values = (self.value(),)
        return Comparison(name, operator, values, span=self.since(name))

    def operator(self) -> Word:
        first = self.next.span
        for words in _OPERATORS:
            if self.ahead(*words):
                self.at += len(words)
                return Word(" ".join(words), span=Span(first.start, self.tokens[self.at - 1].span.end))
        raise self.unexpected("an operator such as =, > or CONTAINS")

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
                return self.date(token)
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

    def date(self, token: Token) -> Day | Moment:
        try:
            if token.kind == "day":
                return Day(date.fromisoformat(token.text), span=token.span)
            return Moment(datetime.fromisoformat(token.text), span=token.span)
        except ValueError:
            raise self.error(f"There is no such date as {token.text}.", token.span) from None

    def name(self, expected: str) -> Word:
        token = self.next
        if token.kind != "word" or token.text.upper() in _RESERVED:
            raise self.unexpected(expected)
        self.at += 1
        return Word(token.text, span=token.span)

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, *words: str) -> bool:
        """Are these, in any case, the next tokens?"""
        here = self.tokens[self.at : self.at + len(words)]
        return all(token.kind != "text" for token in here) and tuple(token.text.upper() for token in here) == words

    def take(self, word: str) -> bool:
        """Goes past `word` if it comes next."""
        found = self.ahead(word)
        self.at += found
        return found

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise self.unexpected(word)

    def since(self, name: Word) -> Span:
        """From `name` to where we stand."""
        return Span(name.span.start, self.tokens[self.at - 1].span.end)

    def unexpected(self, expected: str) -> SegmentError:
        token = self.next
        if token.kind == "end":
            return self.error(f"The query ends where {expected} is expected.", token.span)
        found = token.text if len(token.text) <= 40 else token.text[:40] + "…"
        return self.error(f"{found} stands where {expected} is expected.", token.span)

    def error(self, message: str, span: Span) -> SegmentError:
        return SegmentError(message, self.query, span.start, span.end)


_NAMED = {"today": 0, "yesterday": -1}
_OPERATORS: tuple[tuple[str, ...], ...] = (
    *((sign,) for sign in _COMPARISONS),
    ("BETWEEN",),
    ("NOT", "CONTAINS"),
    ("CONTAINS",),
    ("NOT", "IN"),
    ("IN",),
    ("IS", "NOT", "NULL"),
    ("IS", "NULL"),
)
_RESERVED = {word for words in _OPERATORS for word in words} | {"AND", "OR", "MATCHES", "TRUE", "FALSE"}


def _flat(kind: type[And] | type[Or], parts: list[Node]) -> tuple[Node, ...]:
    """`(a AND b) AND c` is `a AND b AND c`."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return tuple(flat)


def _unquoted(text: str) -> str:
    r"""Without its quotes; `\'` is a quote and `\\` a backslash."""
    return text[1:-1].replace("\\\\", "\0").replace("\\'", "'").replace("\0", "\\")


def _offset(token: Token) -> Offset:
    if token.kind == "offset":
        return Offset(int(token.text[:-1]), cast(Unit, token.text[-1].lower()), span=token.span)
    count, unit, _ago = token.text.split("_")
    return Offset(-int(count), cast(Unit, unit[0]), span=token.span)
