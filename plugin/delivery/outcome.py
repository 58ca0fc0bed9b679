"""What a push service's answer means to us: one table. Outcomes are values, never exceptions; docs/push.md tells what
we do about each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple


class Said(StrEnum):
    """What became of one push."""

    SENT = "sent"
    GONE = "gone"
    THROTTLED = "throttled"
    TOO_LONG = "too_long"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"


class Answer(NamedTuple):
    """What became of one delivery, and why, in a sentence that may be shown to the merchant."""

    delivery_id: int
    said: Said
    status: int | None
    """The push service's; None when nothing was sent or nobody answered."""
    retry_after: timedelta | None
    reason: str
    browser: int = 0
    """As in the push that was answered."""

    @property
    def is_refusal(self) -> bool:
        """The push service refused our keys or headers: this browser's alone, or everybody's (refusals.py decides).

        False for what we refused ourselves (one subscription's unusable key, say): that is one person's.
        """
        return self.said is Said.REJECTED and self.status is not None


STATUSES: Mapping[int, tuple[Said, str]] = {
    200: (Said.SENT, "The push service took the message."),
    201: (Said.SENT, "The push service took the message."),
    202: (Said.SENT, "The push service took the message."),
    400: (Said.REJECTED, "The push service could not read our request."),
    401: (Said.REJECTED, "The push service did not accept our VAPID signature."),
    403: (Said.REJECTED, "The push service says that our VAPID key is not the one this browser subscribed with."),
    404: (Said.GONE, "The push service does not know this browser any more."),
    406: (Said.THROTTLED, "The push service asked us to slow down."),  # Windows's word for 429
    408: (Said.UNAVAILABLE, "The push service waited too long for our request."),
    410: (Said.GONE, "The browser has ended its subscription."),
    413: (Said.TOO_LONG, "The message is too long for the push service."),
    425: (Said.UNAVAILABLE, "The push service wants the request again on a settled connection."),
    429: (Said.THROTTLED, "The push service asked us to slow down."),
    500: (Said.UNAVAILABLE, "The push service had an error of its own."),
    502: (Said.UNAVAILABLE, "The push service could not be reached behind its own door."),
    503: (Said.UNAVAILABLE, "The push service is overloaded or being repaired."),
    504: (Said.UNAVAILABLE, "The push service could not be reached behind its own door."),
}

CLASSES: Mapping[int, tuple[Said, str]] = {
    2: (Said.SENT, "The push service took the message."),
    3: (Said.UNAVAILABLE, "The push service pointed to another address; redirects are not followed."),
    4: (Said.REJECTED, "The push service refused our request."),
    5: (Said.UNAVAILABLE, "The push service had an error of its own."),
}
"""What a status outside the table means, by its first digit; any other number is no answer that we can use."""

_UNUSABLE = (Said.UNAVAILABLE, "The push service gave an answer that is not HTTP's.")


def answer(delivery_id: int, status: int, retry_after: timedelta | None, words: str, browser: int = 0) -> Answer:
    """The answer of a push service that said `status` and `words`."""
    outcome, reason = STATUSES.get(status) or CLASSES.get(status // 100, _UNUSABLE)
    if outcome in (Said.REJECTED, Said.TOO_LONG):  # somebody has to find out what is wrong with it
        reason = " ".join(filter(None, [reason, f"It answered {status}.", words]))
    return Answer(delivery_id, outcome, status, retry_after, reason, browser)


def silence(delivery_id: int, why: str, browser: int = 0) -> Answer:
    """Nobody answered."""
    return Answer(delivery_id, Said.UNAVAILABLE, None, None, f"The push service did not answer: {why}.", browser)
