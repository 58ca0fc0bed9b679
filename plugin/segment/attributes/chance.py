"""A share of everybody by chance, the same people each time they are asked for.

A person's number is made of their id by steps that never leave 64 bits and that SQLite, PostgreSQL and Python reckon
alike. Each step is a permutation of the numbers below a prime, so a tenth is a tenth; the cube keeps neighbours apart,
and the shares of two words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, ColumnElement, cast, literal

from plugin.segment.kinds import Kind, Range, Unfit
from plugin.store.tables import people

from .shape import Argument, Question, reads

PRIME: Final = 2_147_483_579
"""Below 2^31, so that a product of two numbers stays below 2^62; 3 does not divide what comes before it, so cubes are
a permutation."""

Whole = TypeVar("Whole", int, ColumnElement[int])


def _number(person_id: Whole, word: str) -> Whole:
    """From 0 to PRIME - 1."""
    first, second, third, fourth = _constants(word)
    line: Whole = (person_id % PRIME * first + second) % PRIME
    cube: Whole = line * line % PRIME * line % PRIME
    return (cube * third + fourth) % PRIME


def _constants(word: str) -> tuple[int, int, int, int]:
    digest = hashlib.sha256(word.encode()).digest()
    first, second, third, fourth = (int.from_bytes(digest[at : at + 8], "big") % (PRIME - 1) for at in (0, 8, 16, 24))
    return first + 1, second, third + 1, fourth


def _share(meanings: Mapping[str, Any]) -> tuple[int, str]:
    percent: Range[float] = meanings["percent"]
    if not 0 <= percent.start <= 100:
        raise Unfit("takes a percentage from 0 to 100.")
    return int(Decimal(repr(percent.start)) * PRIME / 100), meanings.get("word") or ""


def _below(shop_id: int, limit: int, word: str) -> ColumnElement[bool]:
    return _number(cast(people.c.id, BigInteger), word) < literal(limit, BigInteger)


ENTRIES = (
    Question(
        "random_share",
        (
            Argument("percent", Kind.FLOAT),
            Argument("word", Kind.TEXT, required=False, says=" by the word {words}"),
        ),
        _below,
        lambda profile, limit, word: _number(profile.person_id, word) < limit,
        reads=reads("person_id"),
        says="are in a random {percent} percent of everybody{word}",
        settle=_share,
    ),
)
