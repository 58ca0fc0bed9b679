"""A push service for tests: answers as told, and shows what a browser would show (one notification a Topic)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plugin.delivery import outcome
from plugin.delivery.outcome import Answer
from plugin.delivery.push import Push


@dataclass
class PushService:
    """Hand `service.send` to `jobs.send_batch`. Without orders it takes everything."""

    choose: Callable[[Push], int | None] = lambda _push: 201
    """The status for a push; None: no answer at all."""
    retry_after: timedelta | None = None
    pushes: list[Push] = field(default_factory=list)
    accepted: dict[str, list[Push]] = field(default_factory=dict)
    """By Topic, as a real service would collapse them."""

    def send(self, pushes: Sequence[Push], now: datetime) -> list[Answer]:
        return [self._answer(push) for push in pushes]

    def texts(self) -> list[str]:
        """Titles, of the last copy of each message."""
        return [json.loads(copies[-1].payload)["notification"]["title"] for copies in self.accepted.values()]

    def _answer(self, push: Push) -> Answer:
        self.pushes.append(push)
        status = self.choose(push)
        if status is None:
            return outcome.silence(push.delivery_id, "the connection was refused", push.browser)
        if status < 300:
            self.accepted.setdefault(push.topic, []).append(push)
        return outcome.answer(push.delivery_id, status, self.retry_after if status == 429 else None, "", push.browser)
