"""A segment of Shopify's, read here: as a whole, or clause by clause with what cannot be read and why.

What Beckon does not understand is never guessed. A merchant may choose to leave a clause out; then it is said to which
side the segment goes by that: without one part of an AND it is wider, without one part of an OR narrower.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from .ast import And, Node, Not, Or, Span, negated
from .check import check
from .compile import compile_segment
from .errors import SegmentError
from .format import canonical, sentence
from .parser import parse

MOST_SHOWN: Final = 300
"""Characters of a clause that could not even be parsed."""


class Effect(Enum):
    """What becomes of the members when the clauses that cannot be read are left out."""

    WIDER = "wider"
    NARROWER = "narrower"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A clause that cannot be read here, as Shopify has it, and why."""

    clause: str
    why: str


@dataclass(frozen=True, slots=True)
class Translation:
    """`query` in our words. `canonical` and `sentence` are of what can be read: of all of it when nothing is refused,
    of the rest otherwise; None when there is no rest."""

    query: str
    canonical: str | None
    sentence: str
    refused: tuple[Refusal, ...] = ()
    effect: Effect | None = None

    @property
    def is_whole(self) -> bool:
        return not self.refused


def translate(query: str, *, now: datetime, timezone: str) -> Translation:
    """Reads a query of Shopify's as it is meant at `now` in a shop of `timezone`."""
    try:
        checked = compile_segment(query, now=now, timezone=timezone)
        return Translation(query, canonical(checked.tree), sentence(checked))
    except SegmentError as error:
        whole = error
    try:
        tree = parse(query)
    except SegmentError as error:
        return Translation(query, None, "", (Refusal(_shortened(query), _why(error)),))
    refused = {id(clause): why for clause in clauses_of(tree) if (why := _trouble(clause, query, now, timezone))}
    if not refused:  # every clause can be read, and all of them together not
        return Translation(query, None, "", (Refusal(_shortened(query), whole.message),))
    told = tuple(
        Refusal(canonical(clause), refused[id(clause)]) for clause in clauses_of(tree) if id(clause) in refused
    )
    rest, effects = _without(tree, refused)
    if rest is None:
        return Translation(query, None, "", told)
    effect = effects.pop() if len(effects) == 1 else Effect.OTHER
    words = sentence(check(rest, query, now=now, timezone=timezone))
    return Translation(query, canonical(rest), words, told, effect)


def _trouble(clause: Node, query: str, now: datetime, timezone: str) -> str | None:
    try:
        check(clause, query, now=now, timezone=timezone)
    except SegmentError as error:
        return _why(error)
    return None


def clauses_of(tree: Node) -> Iterator[Node]:
    """The clauses of a tree in the order in which they are written."""
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from clauses_of(part)
        case Not(part):
            yield from clauses_of(part)
        case _:
            yield tree


def _without(tree: Node, refused: Mapping[int, str]) -> tuple[Node | None, set[Effect]]:
    """The tree without those clauses, None when nothing is left; and to which sides it went."""
    match tree:
        case And(parts) | Or(parts):
            kept, effects = [], set[Effect]()
            for part in parts:
                rest, inner = _without(part, refused)
                effects |= inner
                if rest is not None:
                    kept.append(rest)
            if len(kept) < len(parts):
                effects.add(Effect.WIDER if isinstance(tree, And) else Effect.NARROWER)
            if len(kept) < 2:
                return (kept[0] if kept else None), effects
            return type(tree)(tuple(kept)), effects
        case Not(part):
            rest, effects = _without(part, refused)
            return (negated(rest, Span(0, 0)) if rest is not None else None), {_CONTRARY[one] for one in effects}
        case _:
            return (None if id(tree) in refused else tree), set()


_CONTRARY: Final = {Effect.WIDER: Effect.NARROWER, Effect.NARROWER: Effect.WIDER, Effect.OTHER: Effect.OTHER}


def _why(error: SegmentError) -> str:
    """The sentence of a mistake; of filters that only Shopify can answer, the reason."""
    at = error.query[error.start : error.end]
    unknown = f"Beckon has no filter {at[:60]}." if error.message.startswith("There is no filter") else error.message
    return next((why for name, why in _SHOPIFYS_ALONE.items() if at.startswith(name)), unknown)


_SHOPIFYS_ALONE: Final = {
    "shopify_email.": "Shopify tells no app who opened or clicked its e-mails, so only Shopify can answer this.",
    "predicted_spend_tier": "Shopify predicts it by a method of its own. Beckon does not hold it.",
    "product_subscription_status": "Shopify tells it only to the app that sells the subscriptions.",
}
"""Filters of Shopify's that nothing we are told can answer: reasons, for as long as they are not in the catalogue."""


def _shortened(query: str) -> str:
    words = " ".join(query.split())
    return words if len(words) <= MOST_SHOWN else words[:MOST_SHOWN] + "…"
