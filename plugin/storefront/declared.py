"""What shoppers declare of themselves, through the theme: an answer, or where they are."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select

from plugin import news
from plugin.base.errors import Unreadable
from plugin.ingest import cities
from plugin.ingest.events import Answered, Located
from plugin.ingest.payload import Part, read
from plugin.store.tables import answers

from .pace import SPAN
from .visit import Visiting

MOST: Final = 50
"""Answers of one person in an hour."""
LONGEST_ANSWER: Final = 200

_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
_EVENT = re.compile(r"[A-Za-z0-9_-]{8,64}")
_QUESTION = re.compile(r"[\w .:-]{1,60}")


def answer(body: bytes, now: datetime) -> Answered:
    """`{"id", "visitor", "question", "answer"}`. Raises Unreadable."""
    told = read("answer", body)
    given = " ".join(told.text("answer", LONGEST_ANSWER).split())
    if not given:
        raise Unreadable('answer: "answer" is empty.')
    question = " ".join(_like(told, "question", _QUESTION, "up to 60 letters, digits and . _ : -").split())
    return Answered(_event(told), _visitor(told), question, given, now)


def location(body: bytes, now: datetime) -> Located:
    """`{"visitor", "latitude", "longitude"}`, whatever its precision: kept is a kilometre or so. Raises Unreadable."""
    told = read("location", body)
    spot = cities.coarse(_degrees(told, "latitude", 90), _degrees(told, "longitude", 180))
    return Located(_visitor(told), "shopper", spot, now)


def keep(visiting: Visiting, told: Answered | Located) -> bool:
    """False, and nothing kept, when this browser has answered more than a person does."""
    tx, shop_id, now = visiting.tx, visiting.shop.id, visiting.now
    person_id = visiting.person(told.visitor)
    if isinstance(told, Answered):
        lately = answers.c.shop_id == shop_id, answers.c.person_id == person_id, answers.c.at > now - SPAN
        if tx.execute(select(func.count()).where(*lately)).scalar_one() >= MOST:
            return False
    news.take(tx, shop_id, [told], now, also={person_id})
    return True


def _visitor(told: Part) -> str:
    return _like(told, "visitor", _VISITOR, "a visitor's token")


def _event(told: Part) -> str:
    return _like(told, "id", _EVENT, "an event's id")


def _like(told: Part, key: str, pattern: re.Pattern[str], wanted: str) -> str:
    text = told.text(key, 400)
    if not pattern.fullmatch(text):
        raise Unreadable(f'{told.of}: "{key}" is not {wanted}.')
    return text


def _degrees(told: Part, key: str, most: int) -> float:
    found = told.value.get(key)
    if isinstance(found, bool) or not isinstance(found, int | Decimal) or not -most <= found <= most:
        raise Unreadable(f'{told.of}: "{key}" is not from -{most} to {most} degrees.')
    return float(found)
