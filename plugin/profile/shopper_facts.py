"""Which of the store's metafields say when somebody was born, their gender and so on: the merchant's own mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from plugin.base.errors import BeckonError
from plugin.store.engine import Tx
from plugin.store.tables import shopper_facts
from plugin.store.upsert import upsert

Path = tuple[str, str]
"""Namespace and key."""
DEFAULTS: Final[Mapping[str, Path]] = {
    "birthday": ("facts", "birth_date"),
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


def _path(fact: str, written: str) -> Path:
    if not written:
        return DEFAULTS[fact]
    found = re.fullmatch(r"([^.\s]{1,255})\.([^.\s]{1,255})", written)
    if found is None:
        words = fact.replace("_", " ").capitalize()
        raise BeckonError(f"{words}: write a metafield as namespace.key, such as {'.'.join(DEFAULTS[fact])}.")
    return found[1], found[2]
