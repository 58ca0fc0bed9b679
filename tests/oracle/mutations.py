"""Spoils queries: what a merchant mistypes, what a program cuts off, what an attacker tries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from tests.oracle.catalogue import CATALOGUE
from tests.oracle.subjects import Function

VOCABULARY = [
    *"AND OR NOT IS NULL IN BETWEEN CONTAINS STARTS WITH MATCHES".split(),
    *"( ) , : = != > >= < <= <> == ! true false today yesterday".split(),
    *"tomorrow 3 -3 +3 2.5 2.0 1,000 007 1e5 -0 99999999999999999999 9223372036854775807 9223372036854775808".split(),
    *"-9223372036854775808 0.1234567890123456789012345 -30d +2w 12m 1Y 30 d -1x 90_days_ago 1_day_ago -3h 48h".split(),
    *"12_months_agos _days_ago 2026-02-29 2024-02-29 2026-11-18 2026-1-1 1899-12-31 3000-01-01 SELECT".split(),
    *"2026-11-18T09:30:00 2026-11-18T25:00:00 2026-11-18T09:30 2026-11-18T09:30:00Z since until".split(),
    *"'vip' 'GB' 'UK' 'gb' 'SUBSCRIBED' 'subscribed' '' ' ' '\\' '\\\\' \" ’ £ # ; -- /* . .. _ a.b".split(),
    *"-9999999999d +99999m".split(),
]
Vocabulary = Sequence[str]
LETTERS = "'\"\\()=<>!,.:+-_ \n\t\0aZ09éßİ\u200b\u00a0\u2028\ud800😀٣"


def spoiled(r: Random, query: str, names: Sequence[str]) -> str:
    """`query` after one to three mishaps; `names` are filters that may get into it."""
    entries = [CATALOGUE.get(name) for name in names]
    known = {one for entry in entries if isinstance(entry, Function) for one in entry.parameters}
    vocabulary = [*VOCABULARY, *names, *sorted(known)]
    for _ in range(r.choice((1, 1, 2, 3))):
        query = r.choice(MISHAPS)(r, query, vocabulary)
    return query


def _lost_letter(r: Random, query: str, _: Vocabulary) -> str:
    at = r.randrange(len(query) + 1)
    return query[:at] + query[at + 1 :]


def _letter(r: Random, query: str, _: Vocabulary) -> str:
    at = r.randrange(len(query) + 1)
    return query[:at] + r.choice(LETTERS) + query[at + r.randrange(2) :]


def _cut(r: Random, query: str, _: Vocabulary) -> str:
    at = r.randrange(len(query) + 1)
    return r.choice((query[:at], query[at:]))


def _other_word(r: Random, query: str, vocabulary: Vocabulary) -> str:
    words = _words(query)
    words[r.randrange(len(words))] = r.choice(vocabulary)
    return "".join(words)


def _lost_word(r: Random, query: str, _: Vocabulary) -> str:
    words = _words(query)
    del words[r.randrange(len(words))]
    return "".join(words)


def _twice(r: Random, query: str, _: Vocabulary) -> str:
    words = _words(query)
    at = r.randrange(len(words))
    return "".join([*words[: at + 1], " ", *words[at:]])


def _swapped(r: Random, query: str, _: Vocabulary) -> str:
    words = _words(query)
    one, other = r.randrange(len(words)), r.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return "".join(words)


def _more(r: Random, query: str, vocabulary: Vocabulary) -> str:
    words = _words(query)
    words.insert(r.randrange(len(words) + 1), f" {r.choice(vocabulary)} ")
    return "".join(words)


def _other_case(r: Random, query: str, _: Vocabulary) -> str:
    words = _words(query)
    at = r.randrange(len(words))
    words[at] = words[at].swapcase()
    return "".join(words)


def _words(query: str) -> list[str]:
    return re.findall(r"\s+|\w+|'[^']*'|.", query, re.DOTALL) or [" "]


MISHAPS = (
    _lost_letter,
    _letter,
    _cut,
    _other_word,
    _other_word,
    _lost_word,
    _twice,
    _swapped,
    _more,
    _more,
    _other_case,
)
