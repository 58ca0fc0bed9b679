"""A query → nested tuples, by the shunting yard: clauses are operands, AND, OR and NOT are operators.

("everybody",)
("and", left, right)   ("or", left, right)   ("not", inner)
("compare", name, operator, values)
("compare call", name, arguments, operator, values)
("question", name, arguments)
("rows", function, ((parameter, operator, values), …))

Values are (kind, value) pairs as scanning.py makes them, and ("truth", bool).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.oracle.scanning import Piece, Refused, pieces

Tree = tuple[Any, ...]
Test = tuple[str, str, tuple[Piece, ...]]

BINDING = {"OR": 1, "AND": 2, "NOT": 3}
BOUNDS = {"since": ">=", "until": "<="}
SIGNS = ("=", "!=", ">", ">=", "<", "<=")
SPECIAL = {"BETWEEN", "NOT", "CONTAINS", "STARTS", "WITH", "IN", "IS", "NULL", "AND", "OR", "MATCHES", "TRUE", "FALSE"}
STARTS = {*SIGNS, "BETWEEN", "CONTAINS", "STARTS", "IN", "IS", "NOT"}
DEEPEST, MOST_CLAUSES, MOST_LISTED = 30, 500, 5_000


class Reader:
    """Stands somewhere in the pieces of a query."""

    def __init__(self, query: str) -> None:
        self.pieces = pieces(query)
        self.at = 0
        self.listed = 0
        """Values of lists so far."""

    def peek(self, ahead: int = 0) -> str:
        """The sign, or the word in capitals, that comes next; of other pieces their kind in small letters."""
        kind, value = self.pieces[min(self.at + ahead, len(self.pieces) - 1)]
        return str(value) if kind == "sign" else value.upper() if kind == "word" else kind

    def next(self) -> Piece:
        self.at += 1
        return self.pieces[self.at - 1]

    def want(self, *wanted: str) -> None:
        for each in wanted:
            if self.peek() != each:
                raise Refused(f"{each} is wanted, {self.peek()} stands there")
            self.at += 1

    def has(self, *wanted: str) -> bool:
        if any(self.peek(place) != each for place, each in enumerate(wanted)):
            return False
        self.at += len(wanted)
        return True


def read(query: str) -> Tree:
    """The tree of `query`. Raises Refused."""
    reader = Reader(query)
    if reader.peek() == "end":
        return ("everybody",)
    return _yard(reader)


def _yard(reader: Reader) -> Tree:
    operands: list[Tree] = []
    waiting: list[str] = []
    clauses = 0
    while True:
        while reader.peek() in ("(", "NOT"):
            waiting.append(reader.peek())
            reader.next()
            if waiting.count("(") > DEEPEST:
                raise Refused("too deep")
        operands.append(_clause(reader))
        clauses += 1
        if clauses > MOST_CLAUSES:
            raise Refused("too many clauses")
        while reader.peek() == ")":
            _settle(operands, waiting, 0)
            if not waiting:
                raise Refused("a ) without (")
            waiting.pop()
            reader.next()
        if reader.peek() == "end":
            _settle(operands, waiting, 0)
            if waiting:
                raise Refused("a ( without )")
            return operands[0]
        if reader.peek() not in ("AND", "OR"):
            raise Refused(f"{reader.peek()} stands behind a clause")
        _settle(operands, waiting, BINDING[reader.peek()])
        waiting.append(reader.peek())
        reader.next()


def _settle(operands: list[Tree], waiting: list[str], binding: int) -> None:
    """Carries out what waits and binds at least as tightly, back to the last parenthesis."""
    while waiting and waiting[-1] != "(" and BINDING[waiting[-1]] >= binding:
        operator, right = waiting.pop().lower(), operands.pop()
        operands.append((operator, right) if operator == "not" else (operator, operands.pop(), right))


def _clause(reader: Reader) -> Tree:
    name = _name(reader)
    if reader.has("("):
        return _called(reader, name)
    negated = reader.has("NOT", "MATCHES")
    if negated or reader.has("MATCHES"):
        reader.want("(")
        tests = list(_listed(reader, lambda: _named_test(reader, _name(reader))))
        return _turned(("rows", name, tuple(_with_bounds(tests))), negated)
    return ("compare", name, *_test(reader))


def _turned(tree: Tree, negated: bool) -> Tree:
    return ("not", tree) if negated else tree


def _name(reader: Reader) -> str:
    kind, name = reader.next()
    if kind != "word" or name.upper() in SPECIAL:
        raise Refused(f"{name} is no name")
    return str(name)


def _listed(reader: Reader, one: Any, end: str = ")") -> Iterable[Any]:
    """one, one, one) or at once )"""
    if reader.has(end):
        return
    yield one()
    while not reader.has(end):
        reader.want(",")
        yield one()


def _point(values: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """`(51.5, -0.1)` as the text that stands for it."""
    if len(values) != 2 or any(kind != "number" for kind, _ in values):
        raise Refused("a point has two numbers")
    return (("text", ",".join(f"{float(number):.15f}" for _, number in values)),)


def _named_test(reader: Reader, name: str) -> Test:
    if name == "coordinates" and reader.has("=", "("):
        return name, "=", _point(_several(reader))
    return (name, *_test(reader))


def _test(reader: Reader) -> tuple[str, tuple[Piece, ...]]:
    for sign in SIGNS:
        if reader.has(sign):
            return sign, (_value(reader),)
    if reader.has("BETWEEN"):
        return "BETWEEN", _pair(reader)
    if reader.has("IS", "NULL"):
        return "IS NULL", ()
    if reader.has("IS", "NOT", "NULL"):
        return "IS NOT NULL", ()
    negated = "NOT " if reader.has("NOT") else ""
    if reader.has("CONTAINS"):
        return negated + "CONTAINS", (_value(reader),)
    if reader.has("STARTS", "WITH"):
        return negated + "STARTS WITH", (_value(reader),)
    reader.want("IN", "(")
    return negated + "IN", _several(reader)


def _pair(reader: Reader) -> tuple[Piece, Piece]:
    low = _value(reader)
    reader.want("AND")
    return low, _value(reader)


def _several(reader: Reader) -> tuple[Piece, ...]:
    values = tuple(_listed(reader, lambda: _value(reader)))
    if not values:
        raise Refused("an empty list")
    reader.listed += len(values)
    if reader.listed > MOST_LISTED:
        raise Refused("too many values in lists")
    return values


def _value(reader: Reader) -> Piece:
    kind, value = reader.next()
    if kind in ("text", "number", "day", "second", "shift"):
        return kind, value
    if kind == "word" and value.lower() in ("true", "false"):
        return "truth", value.lower() == "true"
    if kind == "word" and value.lower() in ("today", "yesterday"):
        return "shift", (0 if value.lower() == "today" else -1, "d")
    raise Refused(f"{value} is no value")


def _called(reader: Reader, name: str) -> Tree:
    """`name( … )` by itself, as true or false, or compared with something else."""
    inside = list(_listed(reader, lambda: _inside(reader)))
    before = reader.at
    operator, values = _test(reader) if reader.peek() in STARTS else ("=", (("truth", True),))
    if operator in ("=", "!=") and values[0][0] == "truth":
        return _turned(_asked(name, inside), values[0][1] is (operator == "!="))
    reader.at = before
    if any(parameter not in ("", "date") or sign != "=" for parameter, sign, _ in inside):
        raise Refused("a call with parameters is true or false")
    return ("compare call", name, tuple(values[0] for _, _, values in inside), *_test(reader))


def _asked(name: str, inside: list[Test]) -> Tree:
    if name == "event" and inside and not inside[0][0]:
        inside[0] = ("name", "=", inside[0][2])
    bare = [values[0] for parameter, _, values in inside if not parameter]
    if bare and len(bare) < len(inside):
        raise Refused("values and parameters are mixed")
    return ("question", name, tuple(bare)) if bare else ("rows", name, tuple(_with_bounds(inside)))


def _inside(reader: Reader) -> Test:
    """parameter: value, or a test, or a value alone (as if of a parameter without a name)."""
    if reader.pieces[reader.at][0] == "word" and reader.peek(1) == ":":
        return _argument(reader)
    if reader.pieces[reader.at][0] == "word" and reader.peek(1) in STARTS:
        return _named_test(reader, _name(reader))
    return "", "=", (_value(reader),)


def _argument(reader: Reader) -> Test:
    name = _name(reader)
    reader.want(":")
    if reader.has("BETWEEN"):
        return name, "BETWEEN", _pair(reader)
    if reader.has("("):
        values = _several(reader)
        return (name, "=", _point(values)) if name == "coordinates" and len(values) == 2 else (name, "IN", values)
    named = reader.peek() in ("TODAY", "YESTERDAY")
    value = _value(reader)
    return name, ">=" if value[0] == "shift" and not named and name not in BOUNDS else "=", (value,)


def _with_bounds(tests: list[Test]) -> list[Test]:
    """since and until become one test of date."""
    bounds = {name: values for name, operator, values in tests if name in BOUNDS and operator == "="}
    others = [one for one in tests if one[0] not in BOUNDS]
    if len(others) + len(bounds) < len(tests):
        raise Refused("since and until stand once, with one date")
    if len(bounds) == 2:
        others.append(("date", "BETWEEN", (*bounds["since"], *bounds["until"])))
    elif bounds:
        [(name, values)] = bounds.items()
        others.append(("date", BOUNDS[name], values))
    return others
