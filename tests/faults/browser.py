"""What a person sees: notifications by the rules of the Notifications API that static/sw.js relies on.

A tag that is shown already is replaced, without a sound unless `renotify` asks for one; no tag is a notification more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

UNREADABLE = "(unreadable)"


class Screen:
    """One browser's notifications."""

    def __init__(self, messages: Iterable[str | None]) -> None:
        self.alerts: Counter[str] = Counter()
        """Title → how often it drew attention to itself."""
        self._shown: dict[str, str] = {}
        for number, message in enumerate(messages):
            self._show(message, f"untagged {number}")

    @property
    def visible(self) -> Counter[str]:
        """Title → notifications that stand there, if nobody dismisses any."""
        return Counter(self._shown.values())

    def _show(self, message: str | None, untagged: str) -> None:
        title, told = UNREADABLE, {}
        if message is not None:
            told = json.loads(message)["notification"]
            title = told["title"]
        tag = told.get("tag") or untagged
        if tag not in self._shown or told.get("renotify"):
            self.alerts[title] += 1
        self._shown[tag] = title


def title_of(message: str | None) -> str:
    """The title of a payload."""
    return str(json.loads(message)["notification"]["title"]) if message is not None else UNREADABLE
