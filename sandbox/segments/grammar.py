"""A query as nested values: `("or", […])`, `("and", […])`, a Clause or a Call. Raises Invalid for what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

MOST_CLAUSES = 10


class Invalid(ValueError):
    """What Shopify says of a query that it does not take."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`name operator values`; a value is a token: (kind, text)."""

    name: str
    operator: str
    values: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`name MATCHES (clauses)`, or the older `name(key: value) = true`."""

    name: str
    wanted: bool
    clauses: tuple[Clause, ...]


Token: TypeAlias = tuple[str, str]
Tree: TypeAlias = "Clause | Call | tuple[str, list[Tree]]"

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<ago>\d+_(?:days|weeks|months|years)_ago)|(?P<offset>[+-]\d+[dwmy]\b)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<sign>!=|>=|<=|[=<>(),:]))",
    re.ASCII,
)
_COMPARE = {"=", "!=", ">", ">=", "<", "<="}


def parse(query: str) -> Tree:
    tokens = _tokens(query)
    if not tokens:
        return ("and", [])
    reader = _Reader(tokens)
    tree = reader.either()
    if reader.at < len(tokens):
        raise Invalid(f"Unexpected '{tokens[reader.at][1]}'.")
    if reader.clauses > MOST_CLAUSES:
        raise Invalid(f"Too many clauses (>{MOST_CLAUSES}).")
    return tree


def _tokens(query: str) -> list[Token]:
    found: list[Token] = []
    at, query = 0, query.rstrip()
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None or match.lastgroup is None:
            raise Invalid(f"Unexpected '{query[at:].strip()[:20]}'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at, self.clauses, self.depth = tokens, 0, 0, 0

    def peek(self, ahead: int = 0) -> str:
        """The token as an upper-case word or sign; nothing at the end, and nothing for a text."""
        place = self.at + ahead
        kind, text = self.tokens[place] if place < len(self.tokens) else ("end", "")
        return "" if kind == "text" else text.upper()

    def take(self, *wanted: str) -> bool:
        """Steps over these words if they stand here."""
        if [self.peek(ahead) for ahead in range(len(wanted))] != list(wanted):
            return False
        self.at += len(wanted)
        return True

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise Invalid(f"Expected '{wanted}' before '{self.peek() or 'the end'}'.")

    def either(self) -> Tree:
        parts = [self.both()]
        while self.take("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else ("or", parts)

    def both(self) -> Tree:
        parts = [self.one()]
        while self.take("AND"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else ("and", parts)

    def one(self) -> Tree:
        if not self.take("("):
            return self.clause()
        self.depth += 1
        if self.depth > 50:
            raise Invalid("Too many parentheses.")
        inner = self.either()
        self.expect(")")
        self.depth -= 1
        return inner

    def clause(self) -> Tree:
        self.clauses += 1
        name = self.word()
        if self.take("NOT", "MATCHES"):
            return Call(name, wanted=False, clauses=self.parameters())
        if self.take("MATCHES"):
            return Call(name, wanted=True, clauses=self.parameters())
        if self.take("("):
            return self.older(name)
        return self.comparison(name)

    def parameters(self) -> tuple[Clause, ...]:
        self.expect("(")
        found: list[Clause] = []
        while not self.take(")"):
            if found:
                self.expect(",")
            found.append(self.comparison(self.word()))
        if len({one.name for one in found}) < len(found):
            raise Invalid("Each parameter may be used once.")
        return tuple(found)

    def older(self, name: str) -> Call:
        """`name(key: value, …) = true`, deprecated with 2026-10 and still in merchants' segments."""
        found: list[Clause] = []
        while not self.take(")"):
            if found:
                self.expect(",")
            key = self.word()
            self.expect(":")
            found.append(self.argument(key))
        if not self.take("="):
            raise Invalid(f"Expected '= true' after {name}(…).")
        answer = self.word().lower()
        if answer not in ("true", "false"):
            raise Invalid(f"{name}(…) is true or false.")
        return Call(name, wanted=answer == "true", clauses=tuple(found))

    def argument(self, key: str) -> Clause:
        if self.take("("):
            return Clause(key, "IN", self.listed())
        if self.take("BETWEEN"):
            return self.between(key)
        value = self.value()
        name = {"since": "date", "until": "date"}.get(key, key)
        open_ended = key == "since" or (key == "date" and value[0] in ("offset", "ago"))
        return Clause(name, ">=" if open_ended else "<=" if key == "until" else "=", (value,))

    def comparison(self, name: str) -> Clause:
        for words in ("IS NOT NULL", "IS NULL"):
            if self.take(*words.split()):
                return Clause(name, words, ())
        for words in ("NOT CONTAINS", "CONTAINS"):
            if self.take(*words.split()):
                return Clause(name, words, (self.value(),))
        for words in ("NOT IN", "IN"):
            if self.take(*words.split()):
                self.expect("(")
                return Clause(name, words, self.listed())
        if self.take("BETWEEN"):
            return self.between(name)
        sign = self.peek()
        if sign not in _COMPARE:
            raise Invalid(f"Expected an operator after {name}.")
        self.at += 1
        return Clause(name, sign, (self.value(),))

    def between(self, name: str) -> Clause:
        low = self.value()
        self.expect("AND")
        return Clause(name, "BETWEEN", (low, self.value()))

    def listed(self) -> tuple[Token, ...]:
        values = [self.value()]
        while self.take(","):
            values.append(self.value())
        self.expect(")")
        return tuple(values)

    def word(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "the end")
        if kind != "word":
            raise Invalid(f"Expected a name instead of '{text}'.")
        self.at += 1
        return text

    def value(self) -> Token:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "the end")
        if kind in ("sign", "end"):
            raise Invalid(f"Expected a value instead of '{text}'.")
        self.at += 1
        return kind, text
