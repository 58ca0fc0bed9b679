"""What every reader of a node of Shopify's Admin API needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.ingest.payload import Part


@dataclass(frozen=True, slots=True)
class Source:
    """Where lines come from: a shop of this currency, collected from `asked_at` on."""

    kind: str
    currency: str
    asked_at: datetime


def version(part: Part, read_at: datetime) -> datetime:
    """Shopify cuts `updatedAt` to the second; collected after that second, it is the second's last state."""
    told = part.instant("updatedAt")
    whole = told + _SECOND - timedelta(microseconds=1)
    return whole if not told.microsecond and whole < read_at else told


def shop_money(part: Part, key: str, unit: str) -> int:
    """In minor units of the shop's currency, `unit`."""
    return part.part(key).part("shopMoney").money("amount", unit)


def parent_id(children: list[Part]) -> int:
    """Shopify's id of what these children, all of one parent, are parts of."""
    return children[0].id("__parentId")


_SECOND = timedelta(seconds=1)
