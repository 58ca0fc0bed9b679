"""Two queries side by side: which clauses came, went, or were changed, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .ast import And, Node, Not, Or
from .check import check
from .errors import SegmentError
from .format import canonical, sentence
from .parser import parse

Kind = Literal["added", "removed", "changed", "joined"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One of them. `before` and `after` are clauses in canonical form, `""` where there is none; `words` says the
    clause that counts now (or that went) as a sentence does: "have placed more than 2 orders". "joined": the same
    clauses, joined in another way; `before` and `after` are the queries then."""

    kind: Kind
    before: str
    after: str
    words: str = ""


def compare(
    before: str, after: str, *, now: datetime, timezone: str, segments: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """What changed from one query to the other; `segments` as in compile_segment. A query that cannot be read is one
    clause, and is compared as it was written."""
    old, new = _read(before), _read(after)
    gone, come = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
    found: list[Difference] = []
    for clause in gone:
        same = next((other for other in come if clause.filter and other.filter == clause.filter), None)
        if same is None:
            found.append(Difference("removed", clause.text, "", clause.words(now, timezone, segments)))
        else:
            come.remove(same)
            found.append(Difference("changed", clause.text, same.text, same.words(now, timezone, segments)))
    found += [Difference("added", "", clause.text, clause.words(now, timezone, segments)) for clause in come]
    if not found and _canonical(before) != _canonical(after):
        found.append(Difference("joined", _canonical(before), _canonical(after)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Clause:
    """`tree` is canonically `text`, None of what cannot be read."""

    text: str
    tree: Node | None

    @property
    def filter(self) -> str:
        """What it asks for; of what cannot be read its first word, `""` of NOT around several."""
        return self.text.partition(" ")[0].partition("(")[0] if self.tree is None else _filter(self.tree)

    def words(self, now: datetime, timezone: str, segments: Mapping[str, str] | None) -> str:
        if self.tree is None:
            return ""
        try:
            said = sentence(check(self.tree, self.text, now=now, timezone=timezone, segments=segments))
        except SegmentError:
            return ""
        return said.removeprefix("People who ").removesuffix(".")


def _read(query: str) -> list[_Clause]:
    try:
        return [_Clause(canonical(clause), clause) for clause in _clauses(parse(query))]
    except SegmentError:
        return [_Clause(_canonical(query), None)]


def _clauses(tree: Node) -> Iterator[Node]:
    """What AND and OR join, in the order in which it is written. `NOT ( … )` is one clause: what stands in it says the
    contrary of what it says elsewhere."""
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from _clauses(part)
    else:
        yield tree


def _canonical(query: str) -> str:
    try:
        return canonical(parse(query))
    except SegmentError:
        return " ".join(query.split())


def _filter(clause: Node) -> str:
    match clause:
        case Not(part):
            return _filter(part)
        case And() | Or():
            return ""
        case _:
            return clause.name.text
