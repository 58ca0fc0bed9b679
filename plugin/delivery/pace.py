"""How long to wait before trying again. Waits are spread, so that a service that comes back is not met by everybody."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
THROTTLED = timedelta(seconds=30)
"""When a push service asks for patience and does not say how much."""
MOST_PATIENCE = timedelta(days=1)


def after_silence(attempts: int, asked: timedelta | None) -> timedelta:
    """The wait after the `attempts`-th try that found nobody: it doubles, and is at least what was asked for."""
    growing = min(FIRST * float(1 << min(attempts - 1, 20)), LONGEST)
    return max(growing, min(asked or timedelta(), MOST_PATIENCE))


def after_throttle(asked: timedelta | None) -> timedelta:
    """The wait after "too many requests"."""
    return min(max(asked or THROTTLED, timedelta(seconds=1)), MOST_PATIENCE)


def spread(instant: datetime, wait: timedelta, key: int) -> datetime:
    """`instant` and up to a quarter of `wait` more, by `key`: the same key waits the same."""
    share = zlib.crc32(str(key).encode()) % 1_000 / 1_000
    return instant + wait * share / 4
