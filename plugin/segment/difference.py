"""Two queries side by side: which clauses came, went, or were changed, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .check import check
from .errors import SegmentError
from .format import canonical, sentence
from .parser import parse
from .translation import clauses_of

Kind = Literal["added", "removed", "changed", "joined"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` are clauses in canonical form, `""` where there is none; `words` says the
    clause that counts now (or that went) as a sentence does: "have placed more than 2 orders"."""

    kind: Kind
    before: str
    after: str
    words: str = ""


def difference(
    before: str, after: str, *, now: datetime, timezone: str, segments: Mapping[str, str] | None = None
) -> tuple[Change, ...]:
    """What changed from one query to the other; `segments` as in compile_segment. "joined": the same clauses, joined
    in another way."""
    old, new = (list(_clauses(query, now, timezone, segments)) for query in (before, after))
    gone = list((Counter(text for text, _ in old) - Counter(text for text, _ in new)).elements())
    come = list((Counter(text for text, _ in new) - Counter(text for text, _ in old)).elements())
    words = dict([*old, *new])
    changes: list[Change] = []
    for text in gone:
        same = next((other for other in come if _name(other) == _name(text)), None)
        if same is None:
            changes.append(Change("removed", text, "", words[text]))
        else:
            come.remove(same)
            changes.append(Change("changed", text, same, words[same]))
    changes += [Change("added", "", text, words[text]) for text in come]
    if not changes and _canonical(before) != _canonical(after):
        changes.append(Change("joined", _canonical(before), _canonical(after)))
    return tuple(changes)


def _clauses(query: str, now: datetime, timezone: str, segments: Mapping[str, str] | None) -> Iterator[tuple[str, str]]:
    """(canonical, in words) of each clause; of a query that cannot be read, itself."""
    try:
        tree = parse(query)
    except SegmentError:
        yield " ".join(query.split()), ""
        return
    for clause in clauses_of(tree):
        try:
            said = sentence(check(clause, query, now=now, timezone=timezone, segments=segments))
            words = said.removeprefix("People who ").removesuffix(".")
        except SegmentError:
            words = ""
        yield canonical(clause), words


def _canonical(query: str) -> str:
    try:
        return canonical(parse(query))
    except SegmentError:
        return " ".join(query.split())


def _name(clause: str) -> str:
    return clause.partition(" ")[0].partition("(")[0]
