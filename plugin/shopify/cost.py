"""What Shopify's leaky bucket holds for us, as far as this process knows: each answer says it, time refills it.

Several processes share one bucket and do not see each other. Each corrects its view with every answer, and waits
with jitter, so that they do not come back together; who was too optimistic is throttled and waits as Shopify says.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LONGEST_WAIT = 30.0
AT_FIRST = 10.0
"""What a document costs that never ran: about what our dearest ordinary one does."""


@dataclass(slots=True)
class Bucket:
    """One shop's points. `now` is a clock in seconds that never goes back."""

    now: Callable[[], float]
    left: float | None = None
    most: float = 0.0
    rate: float = 0.0
    at: float = 0.0
    costs: dict[str, float] = field(default_factory=dict)
    """Document → the points it was asked for last."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, document: str) -> float:
        """Pays for a document; gives the seconds to wait before it is sent."""
        with self.lock:
            left = self._refilled()
            if left is None or not self.rate:
                return 0.0
            cost = min(self.costs.get(document, AT_FIRST), self.most)
            self.left = left - cost
            lacking = -self.left
        return with_jitter(lacking / self.rate) if lacking > 0 else 0.0

    def learn(self, document: str, told: dict[str, Any]) -> float | None:
        """Reads `extensions.cost` of an answer; gives the seconds until the bucket holds what the document costs."""
        try:
            cost, status = float(told["requestedQueryCost"]), told["throttleStatus"]
            most, left = float(status["maximumAvailable"]), float(status["currentlyAvailable"])
            rate = float(status["restoreRate"])
        except (KeyError, TypeError, ValueError):
            return None
        with self.lock:
            self.costs[document] = cost
            self.left, self.most, self.rate, self.at = left, most, rate, self.now()
        return min(LONGEST_WAIT, max(0.0, cost - left) / rate) if rate > 0 else None

    def _refilled(self) -> float | None:
        if self.left is not None:
            now = self.now()
            self.left, self.at = min(self.most, self.left + (now - self.at) * self.rate), now
        return self.left


def with_jitter(seconds: float) -> float:
    """A little more than asked, never the same, never too long."""
    return min(LONGEST_WAIT, seconds * random.uniform(1.0, 1.25))  # noqa: S311  no secret
