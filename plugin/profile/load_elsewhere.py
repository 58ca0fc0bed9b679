"""What other tools told of a person, and what they said of themselves, as a Profile holds it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from plugin.store.engine import Tx
from plugin.store.tables import answers, custom_events


@dataclass(frozen=True, slots=True)
class CustomEvent:
    name: str
    at: datetime
    value: float | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """`key` is the answer casefolded; `stands`: it is the last one to its question."""

    question: str
    answer: str
    key: str
    at: datetime
    stands: bool
    noon: datetime | None = None
    """Of the day that the answer names, on the shop's clock."""


def events(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[CustomEvent]]:
    """Person → events, in the order of time."""
    found: defaultdict[int, list[CustomEvent]] = defaultdict(list)
    of = custom_events.c
    query = select(of.person_id, of.name, of.at, of.value, of.text).where(of.shop_id == shop_id, of.person_id.in_(ids))
    for person_id, *told in tx.execute(query.order_by(of.at, of.id)):
        found[person_id].append(CustomEvent(*told))
    return found


def declared(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Answer]]:
    """Person → answers, in the order of time."""
    of = answers.c
    rows = tx.execute(
        select(of.id, of.person_id, of.question, of.answer, of.key, of.at, of.noon)
        .where(of.shop_id == shop_id, of.person_id.in_(ids))
        .order_by(of.at, of.id)
    ).all()
    last = {(row.person_id, row.question): row.id for row in rows}
    found: defaultdict[int, list[Answer]] = defaultdict(list)
    for row in rows:
        stands = last[row.person_id, row.question] == row.id
        found[row.person_id].append(Answer(row.question, row.answer, row.key, row.at, stands, row.noon))
    return found
