"""What a parser gets beside the payload, and how news of the same second are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.ingest.payload import Part

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """When Shopify sent it, the shop's currency for payloads that name none, and the webhook's own id."""

    at: datetime
    currency: str
    webhook_id: str = ""


def version(payload: Part, delivery: Delivery, key: str = "updated_at") -> datetime:
    """The instant of this news. Shopify cuts it to the second: within that, the sending tells before from after."""
    told = payload.instant(key)
    if told.microsecond or delivery.at <= told:
        return told
    return min(delivery.at, told + _SECOND - timedelta(microseconds=1))
