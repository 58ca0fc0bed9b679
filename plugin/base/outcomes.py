"""What becomes of one message to one person: the closed list. It stands in deliveries.state, reports group by it, and
docs/push.md says of each what we do."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Everybody in an audience ends in exactly one of these. `SHOWN` is what a browser's receipt makes of `SENT`: it is
    a fact beside the delivery, and never its state."""

    SHOWN = "shown"
    SENT = "sent"
    HELD_OUT = "held_out"
    CAPPED = "capped"
    QUIET_HOURS = "quiet_hours"
    ALREADY_BOUGHT = "already_bought"
    NO_LONGER_MATCHING = "no_longer_matching"
    OUT_OF_STOCK = "out_of_stock"
    UNSUBSCRIBED = "unsubscribed"
    GONE = "gone"
    DUPLICATE_PERSON = "duplicate_person"
    DELETED = "deleted"
    EXPIRED = "expired"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNINSTALLED = "uninstalled"


WAITING = ("queued", "unknown")
"""States from which a delivery may be claimed."""
OPEN = ("queued", "sending", "unknown")
"""States of a delivery that has no outcome yet."""
FINAL = tuple(each.value for each in Outcome if each is not Outcome.SHOWN)
"""States that are an outcome."""
