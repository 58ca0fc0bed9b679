"""What a parser gets beside the payload, and how news of the same second are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.ingest.payload import Part

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """When Shopify sent it, the shop's currency for payloads that name none, the webhook's own id, and which fields of
    level 2 the shop keeps."""

    at: datetime
    currency: str
    webhook_id: str = ""
    triggered: bool = False
    """Whether `at` is when it happened, as Shopify says, or only when it reached us."""
    keeps: frozenset[str] = frozenset()


def version(payload: Part, delivery: Delivery, key: str = "updated_at") -> datetime:
    """The instant of this news. Shopify cuts it to the second: within that, the sending tells before from after."""
    told = payload.instant(key)
    if told.microsecond or delivery.at <= told:
        return told
    return min(delivery.at, told + _SECOND - timedelta(microseconds=1))


def turn(payload: Part, delivery: Delivery) -> datetime:
    """The instant of a turn that is told when it happens. A thing's own `updated_at` may stand still at a turn of its
    stock; a repeated delivery keeps the instant that Shopify triggered it at, so that is the better one."""
    if not payload.has("updated_at"):
        return delivery.at
    told = version(payload, delivery)
    return max(told, delivery.at) if delivery.triggered else told
