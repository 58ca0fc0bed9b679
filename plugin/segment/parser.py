"""Tokens → tree. Each method's docstring is its rule of the grammar.

Both of Shopify's ways to ask a function are read into the same tree: `orders_placed MATCHES (count > 2)`, and the older
`orders_placed(count: 2) = true`, which `plugin/segment/classic.py` translates. Named dates (`90_days_ago`) become the
offsets that they stand for.
"""

from __future__ import annotations

from typing import Final

from . import classic
from .ast import And, Clause, Comparison, Matches, Node, Or, Truth, Value, Word, negated
from .cursor import Cursor

MAX_DEPTH: Final = 30
"""Parentheses inside parentheses."""
MAX_CLAUSES: Final = 500
"""Also with those of the segments that the query asks for. Shopify's editor takes 10."""


def parse(query: str) -> Node:
    """query = [ either ]; an empty query is everybody. Raises SegmentError."""
    parser = _Parser(query)
    if parser.next.kind == "end":
        return And(())
    tree = parser.either()
    if parser.next.kind != "end":
        raise parser.unexpected("AND, OR or the end of the query")
    return tree


class _Parser(Cursor):
    def __init__(self, query: str) -> None:
        super().__init__(query)
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
        """one = { NOT } ( "(" either ")" | clause )"""
        start, turned, times = self.next.start, False, 0
        while self.take("NOT"):
            turned, times = not turned, times + 1
            if times > MAX_DEPTH:
                raise self.error(f"NOT stands here too often, {MAX_DEPTH} times at most.", self.since(start))
        tree = self.group() if self.take("(") else self.clause()
        return negated(tree, span=self.since(start)) if turned else tree

    def group(self) -> Node:
        """either ")" """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"Parentheses are nested too deeply, {MAX_DEPTH} at most.", self.last.span)
        tree = self.either()
        self.expect(")")
        self.depth -= 1
        return tree

    def clause(self) -> Clause:
        """clause = name ( "(" call | [ NOT ] MATCHES "(" matches | test )"""
        name = self.name("a filter such as number_of_orders")
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise self.error(f"The query has too many clauses, {MAX_CLAUSES} at most.", name.span)
        if self.take("("):
            return self.call(name)
        differs = self.ahead("NOT", "MATCHES")
        if not differs and not self.ahead("MATCHES"):
            return self.test(name)
        self.at += 2 if differs else 1
        self.expect("(")
        return self.matches(name, negated=differs)

    def matches(self, name: Word, *, negated: bool) -> Matches:
        """matches = [ test { "," test } ] ")" """
        parameters: list[Comparison] = []
        while not self.take(")"):
            if parameters:
                self.expect(",")
            parameters.append(self.test(self.name("a parameter such as date")))
        found = classic.bounded(parameters, self.error)
        return Matches(name, negated, found, span=self.since(name.span.start))

    def call(self, name: Word) -> Clause:
        """call = [ inside { "," inside } ] ")" [ ( "=" | "!=" ) ( TRUE | FALSE ) | test ]"""
        inside: list[classic.Argument | Comparison | Value] = []
        while not self.take(")"):
            if inside:
                self.expect(",")
            inside.append(self.inside())
        asked = classic.Asked(name, tuple(inside))
        if self.operates() and not (self.ahead("=") or self.ahead("!=")):
            return self.modified(asked)
        differs, at = self.ahead("!="), self.at
        if not self.operates():
            return classic.clause(asked, self.since(name.span.start), self.error)
        self.at += 1
        answer = self.value()
        if isinstance(answer, Truth):
            span = self.since(name.span.start)
            return classic.clause(asked, span, self.error, negated=answer.value == differs)
        self.at = at
        return self.modified(asked)

    def inside(self) -> classic.Argument | Comparison | Value:
        """inside = name ":" argument | test | value"""
        if self.next.kind == "word" and self.ahead(":", after=1):
            name = self.name("a parameter such as date")
            self.expect(":")
            return self.argument(name)
        if self.next.kind == "word" and self.operates(after=1):
            return self.test(self.name("a parameter such as date"))
        return self.value()

    def modified(self, asked: classic.Asked) -> Comparison:
        """A comparison whose left side has arguments."""
        test = self.test(asked.name)
        compared = test.values[0].span if test.values else test.operator.span
        arguments = classic.values(asked, compared, self.error)
        return Comparison(test.name, test.operator, test.values, arguments, span=test.span)

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
        | [ NOT ] CONTAINS value | [ NOT ] STARTS WITH value | [ NOT ] IN "(" value { "," value } ")"
        | IS [ NOT ] NULL"""
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
            case "=" if self.take("("):
                values = (classic.point(name, self.values(), self.error),)
            case _:
                values = (self.value(),)
        return Comparison(name, operator, values, span=self.since(name.span.start))


def _flat(kind: type[And] | type[Or], parts: list[Node]) -> tuple[Node, ...]:
    """`(a AND b) AND c` is `a AND b AND c`."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return tuple(flat)
