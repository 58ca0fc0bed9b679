"""When somebody was born, their gender and so on: as they said themselves, else as one of the store's metafields tells.

What somebody says is the last answer to the question of that name, in the theme. Which metafield tells a fact is the
merchant's own mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from sqlalchemy import select

from plugin.base.errors import BeckonError
from plugin.store.engine import Tx
from plugin.store.tables import shopper_facts
from plugin.store.upsert import upsert

from .load_elsewhere import Answer
from .load_told import Field

Path = tuple[str, str]
"""Namespace and key."""
BIRTHDAY: Final = "birthday"
YEARS: Final = range(1900, 3000)
"""In which a day can lie that an answer names."""
DEFAULTS: Final[Mapping[str, Path]] = {
    BIRTHDAY: ("facts", "birth_date"),
    "gender": ("facts", "gender"),
    "income_band": ("facts", "income_band"),
    "profession": ("facts", "profession"),
    "education": ("facts", "education"),
}
"""Fact, a filter of that name → its metafield where nobody chose another; `facts` is Shopify's own namespace."""


def paths(tx: Tx, shop_id: int) -> dict[str, Path]:
    """Of each fact the metafield that tells it in this shop."""
    of = shopper_facts.c
    chosen = tx.execute(select(of.fact, of.namespace, of.key).where(of.shop_id == shop_id))
    return dict(DEFAULTS) | {fact: (namespace, key) for fact, namespace, key in chosen if fact in DEFAULTS}


def choose(tx: Tx, shop_id: int, chosen: Mapping[str, str]) -> None:
    """Keeps `namespace.key` of facts; an empty one is the default again. Raises BeckonError naming the fact."""
    rows = []
    for fact, written in chosen.items():
        if fact not in DEFAULTS:
            raise BeckonError(f"There is no fact {fact} to choose a metafield for.")
        path = _path(fact, written.strip().removeprefix("customer.metafields."))
        rows.append({"shop_id": shop_id, "fact": fact, "namespace": path[0], "key": path[1]})
    upsert(tx, shopper_facts, rows, key=("shop_id", "fact"))


def known(paths: Mapping[str, Path], metafields: Mapping[Path, Field], answers: Iterable[Answer]) -> dict[str, Field]:
    """One person's facts. What they declared stands before the metafield; of a birthday only what names a day."""
    told = {fact: metafields[path] for fact, path in paths.items() if path in metafields}
    said = {
        one.question: Field((one.answer,), at=one.noon)
        for one in answers
        if one.stands and one.question in paths and (one.noon is not None or one.question != BIRTHDAY)
    }
    return told | said


def day_named(answer: str) -> date | None:
    """`1990-11-19`, as a form's date field gives it; None for anything else."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", answer):
        return None
    try:
        day = date.fromisoformat(answer)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _path(fact: str, written: str) -> Path:
    if not written:
        return DEFAULTS[fact]
    found = re.fullmatch(r"([^.\s]{1,255})\.([^.\s]{1,255})", written)
    if found is None:
        words = fact.replace("_", " ").capitalize()
        raise BeckonError(f"{words}: write a metafield as namespace.key, such as {'.'.join(DEFAULTS[fact])}.")
    return found[1], found[2]
