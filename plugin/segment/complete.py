"""What can stand at a place of a query that is being written: a filter, a parameter, an operator, a value, a joiner.

It reads what stands before the place, token by token, and needs no more than that: a query that is not finished cannot
be parsed yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast

from .attributes import ATTRIBUTES, Argument, Attribute, Function, Parameter, Question, find
from .cursor import OPERATORS
from .errors import SegmentError
from .kinds import Kind, choice
from .lexer import Token, tokens

What: TypeAlias = Literal["filter", "parameter", "operator", "value", "joiner"]


Subject: TypeAlias = Attribute | Parameter | Argument


@dataclass(frozen=True, slots=True)
class Call:
    """A name with values in parentheses: a question, another segment, a date's yearly day."""

    name: str
    arguments: tuple[Argument, ...]
    compared: Attribute | None = None
    """What is compared behind the parentheses, if anything is."""


@dataclass(frozen=True, slots=True)
class Expected:
    """`what` may stand where `query[start:end]` is being written. `function` with its `taken` parameters, `call` with
    its `at`th argument, or the `subject` whose operator or value it is; `operator` as far as it is written."""

    what: What
    start: int
    end: int
    written: str
    function: Function | Question | None = None
    subject: Subject | None = None
    call: Call | None = None
    operator: str = ""
    taken: frozenset[str] = frozenset()
    open_groups: int = 0
    list_open: bool = False
    values: int = 0
    """How many stand there already."""


def expected(query: str, at: int) -> Expected | None:
    """What can stand at `query[at]`, or None where that cannot be told."""
    at = max(0, min(at, len(query)))
    start = _beginning(query, at)
    try:
        before = tokens(query[:start])[:-1]
    except SegmentError:
        return None
    state = _State()
    for token in before:
        state.take(token)
    if state.lost:
        return None
    return Expected(
        state.what,
        start,
        at,
        query[start:at],
        state.function,
        state.subject,
        state.call,
        " ".join(state.operator),
        frozenset(state.parameters),
        state.groups,
        state.list_open,
        state.values,
    )


def parameters_of(function: Function | Question | None) -> Mapping[str, Parameter | Argument]:
    """What can stand between the parentheses of MATCHES."""
    if isinstance(function, Question):
        return {one.name: one for one in function.arguments}
    return function.parameters if function else {}


def call_of(name: str) -> Call | None:
    """The names that are asked with values, and what the values are."""
    entry = ATTRIBUTES.get(name)
    if isinstance(entry, Question) and not entry.named:
        return Call(name, entry.arguments)
    return _CALLS.get(name)


def _beginning(query: str, at: int) -> int:
    """Where the word or the text begins at whose end we stand."""
    inside = re.match(r"(?:[^']|'(?:\\.|[^'\\])*')*'(?=(?:\\.|[^'\\])*\Z)", query[:at], re.DOTALL)
    if inside:
        return inside.end() - 1
    word = re.search(r"[\w.:+-]*\Z", query[:at])
    return word.start() if word else at


def _calls() -> dict[str, Call]:
    dates = tuple(one.name for one in ATTRIBUTES.values() if isinstance(one, Attribute) and one.kind is Kind.DATE)
    date = replace(cast(Attribute, ATTRIBUTES[dates[0]]), name="anniversary", kind=Kind.ANNIVERSARY)
    return {
        "in_segment": Call("in_segment", (Argument("name", Kind.TEXT),)),
        "anniversary": Call("anniversary", (Argument("date", choice("a date", dates)),), compared=date),
    }


_CALLS: Final = _calls()


def _as_function(entry: object) -> Function | Question | None:
    return entry if isinstance(entry, Function) or (isinstance(entry, Question) and entry.named) else None


_OPENS_A_LIST = {("IN",), ("NOT", "IN")}
_WITHOUT_VALUE = {("IS", "NULL"), ("IS", "NOT", "NULL")}
_BEFORE_OPERATORS = {word for words in OPERATORS for word in words} | {"MATCHES"}
_GO_ON = {"NOT", "IS", "IN", "MATCHES", "STARTS"}
"""Words behind which the operator, or its parentheses, are still to come."""


class _State:
    """Where in a clause we are. `lost` once something stands there that no query has there."""

    def __init__(self) -> None:
        self.what: What = "filter"
        self.lost = False
        self.groups = 0
        self.function: Function | Question | None = None
        self.parameters: set[str] = set()
        self.inside = False
        self.subject: Subject | None = None
        self.call: Call | None = None
        self.argument = 0
        self.operator: list[str] = []
        self.list_open = False
        self.values = 0

    def take(self, token: Token) -> None:
        word = token.text.upper() if token.kind in ("word", "sign") else ""
        match self.what:
            case "filter":
                self.filter(token, word)
            case "parameter":
                self.parameter(token, word)
            case "operator":
                self.operate(word)
            case "value":
                self.value(token, word)
            case "joiner":
                self.join(word)

    def filter(self, token: Token, word: str) -> None:
        if word == "(":
            self.groups += 1
        elif word == "NOT":
            pass
        else:
            name = token.text if token.kind == "word" else ""
            entry = find(name)
            self.call = call_of(name)
            self.function = _as_function(entry)
            self.subject = entry if isinstance(entry, Attribute) else None
            self.lost = self.lost or (entry is None and self.call is None)
            self.operator, self.parameters = [], set()
            self.what = "operator"

    def operate(self, word: str) -> None:
        if word == "(" and self.function and not self.inside and self.operator[-1:] == ["MATCHES"]:
            self.inside, self.what, self.subject = True, "parameter", None
        elif word == "(" and self.call and not self.operator and self.subject is None:
            self.inside, self.argument = True, -1
            self.next_argument()
        elif word == "(" and tuple(self.operator) in _OPENS_A_LIST:
            self.list_open, self.what = True, "value"
        elif word in _BEFORE_OPERATORS:
            self.operator.append(word)
            self.values = 0
            so_far = tuple(self.operator)
            if so_far in _WITHOUT_VALUE:
                self.what = "joiner"
            elif word not in _GO_ON:
                self.what = "value"
        else:
            self.lost = True

    def parameter(self, token: Token, word: str) -> None:
        if word == ")":
            self.end_of_function()
            return
        found = parameters_of(self.function).get(token.text)
        self.lost = self.lost or found is None
        self.subject, self.operator, self.what = found, [], "operator"
        self.parameters.add(token.text)

    def value(self, token: Token, word: str) -> None:
        self.values += 1
        self.lost = self.lost or (token.kind == "sign")
        self.what = "joiner"

    def join(self, word: str) -> None:
        if (word == "AND" and self.operator == ["BETWEEN"] and self.values == 1) or (word == "," and self.list_open):
            self.what = "value"
        elif word == ")" and self.list_open:
            self.list_open = False
        elif self.inside and self.call and word == ",":
            self.next_argument()
        elif self.inside and self.call and word == ")":
            self.end_of_call(self.call)
        elif self.inside and word == ",":
            self.what = "parameter"
        elif self.inside and word == ")":
            self.end_of_function()
        elif not self.inside and word == ")" and self.groups:
            self.groups -= 1
        elif not self.inside and word in ("AND", "OR"):
            self.what, self.operator = "filter", []
        else:
            self.lost = True

    def next_argument(self) -> None:
        self.argument += 1
        arguments = self.call.arguments if self.call else ()
        self.lost = self.lost or self.argument >= len(arguments)
        self.subject = None if self.lost else arguments[self.argument]
        self.what = "value"

    def end_of_call(self, call: Call) -> None:
        self.inside, self.call, self.subject, self.operator = False, None, call.compared, []
        self.what = "joiner" if call.compared is None else "operator"

    def end_of_function(self) -> None:
        self.inside, self.what, self.function, self.subject, self.operator = False, "joiner", None, None, []
