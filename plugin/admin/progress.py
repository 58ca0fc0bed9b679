"""A campaign's progress as its page shows it, cheap enough to be asked every two seconds by everybody who looks on."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from plugin.campaign.lifecycle import Campaign
from plugin.report import progress
from plugin.report.progress import Progress
from plugin.store.engine import Tx

from . import words

SHARE = 10
"""Counting takes at most one part in so many of the time."""
CHEAP = 0.1
"""Seconds; what takes no longer is always counted anew."""

_kept: dict[int, tuple[float, Progress]] = {}
"""Campaign → until when (by the machine's clock) what was counted is shown again, and what."""


def of(tx: Tx, campaign: Campaign, now: datetime) -> Progress:
    """How far it is. When counting a million takes half a second, it is done every five seconds, whoever looks."""
    until, kept = _kept.get(campaign.id, (0.0, None))
    if kept is not None and kept.state == campaign.state and time.monotonic() < until:
        return kept
    began = time.monotonic()
    found = progress.of(tx, campaign, now)
    took = time.monotonic() - began
    _kept.pop(campaign.id, None)
    if took > CHEAP:
        _kept[campaign.id] = (time.monotonic() + SHARE * took, found)
    return found


def pace(found: Progress, zone: str, now: datetime) -> str:
    """How fast, and when it will end, in a sentence; only what was measured."""
    if found.state != "sending":
        return ""
    if not found.open:
        return "Everybody has an outcome."
    later = _later(found, zone, now)
    if found.open == found.later:
        return later
    if found.pace is None:
        return f"The end is unknown yet: the pace is being measured. {later}".strip()
    left = found.left()
    if left is None:
        return f"No answer from the push services in the last minute. Beckon keeps trying; the end is unknown. {later}"
    ends = words.moment(now + left, zone, now)
    return f"{speed(found.pace)} over the last minute · about {span(left)} left, until {ends}. {later}".strip()


def _later(found: Progress, zone: str, now: datetime) -> str:
    if not found.later or found.later_until is None:
        return ""
    who = "1 person of them waits" if found.later == 1 else f"{words.count(found.later)} of them wait"
    return f"{who} for a better hour or for a push service, until {words.moment(found.later_until, zone, now)} at most."


def speed(pace: float) -> str:
    """`1,234 a second`, `12 a minute`."""
    return f"{words.count(round(pace))} a second" if pace >= 1 else f"{words.count(round(pace * 60))} a minute"


def span(left: timedelta) -> str:
    """In the biggest unit that says something: "40 seconds", "12 minutes", "3 hours"."""
    seconds = left.total_seconds()
    if seconds < 90:
        return words.plural(max(1, round(seconds)), "second")
    if seconds < 5_400:
        return words.plural(round(seconds / 60), "minute")
    return words.plural(round(seconds / 3_600), "hour")
