"""How fast each push service is written to, and how long we wait before trying again: learned from its answers, as
values; services.py keeps them.

The rate halves when a service asks for patience and grows slowly while it takes what it gets (AIMD, as TCP does). When
nobody answers any more the circuit opens: nobody tries until one push, after a growing wait, finds somebody there.
Waits are spread, so that a service that comes back is not met by everybody.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
THROTTLED = timedelta(seconds=30)
"""When a push service asks for patience and does not say how much."""
MOST_PATIENCE = timedelta(days=1)

SLOWEST: Final = 1.0
"""Pushes a second."""
FIRST_GUESS: Final = 50.0
"""A service that asks for patience for the first time was sent at least so many a second, for all we know."""
GROWTH: Final = 5.0
"""So many pushes a second more for each second in which a service takes all that its rate allows."""
UNPACED: Final = 5_000.0
"""Above this rate we send as fast as we can."""
FORGOTTEN: Final = timedelta(days=1)
"""A service that asked for no patience for so long has no rate any more."""
WIDESPREAD: Final = 20
"""One in so many answers asks for patience: then the service does; fewer are about their own browsers."""
AT_ONCE: Final = timedelta(seconds=2)
"""Places that near are taken now."""
AHEAD: Final = timedelta(seconds=30)
"""No place is given further ahead than this: the rate will be another one by then."""
TOO_MANY_FAILURES: Final = 10
"""Pushes in a row that find nobody open the circuit."""
FIRST_PAUSE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of a push service: one row of services."""

    host: str
    slow_until: datetime | None = None
    rate: float | None = None
    free_at: datetime | None = None
    line_until: datetime | None = None
    throttled_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    opened_at: datetime | None = None
    open_until: datetime | None = None
    opened: int = 0
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What one batch heard from one service."""

    answers: int
    taken: int
    throttled: int
    nobody: int
    """Pushes that were not answered, or that the service says it cannot take care of now (5xx)."""
    rest: timedelta
    """The longest that it asked for."""
    claimed_at: datetime
    words: str
    """The last sentence about nobody being there."""

    @property
    def is_widespread(self) -> bool:
        """Does the service ask for patience, and not only one browser's mailbox?"""
        return self.throttled > 0 and self.throttled * WIDESPREAD >= self.answers


class Place(NamedTuple):
    """When a push may go; None: now. `kept`: nobody else gets this place."""

    at: datetime | None
    kept: bool


def learn(service: Service, heard: Heard, now: datetime) -> Service:
    """The service after what was heard."""
    service = as_of(service, now)
    if heard.nobody == heard.answers:
        return _unreachable(service, heard, now)
    back = replace(service, failures=0, failing_since=None, opened_at=None, open_until=None, opened=0, words=None)
    if heard.is_widespread:
        return _slower(back, heard, now)
    return _faster(back, heard.taken)


def line_up(service: Service, wanted: int, now: datetime) -> tuple[Service, list[Place]]:
    """Places for so many pushes at the service's rate. Whoever gets none of the next half minute's comes back at twice
    the pace at which places become free, since the rate grows."""
    service = as_of(service, now)
    if service.rate is None:
        return service, [Place(None, kept=False)] * wanted
    gap = timedelta(seconds=1 / service.rate)
    free, line = max(now, service.free_at or now), max(now + AHEAD, service.line_until or now)
    places = []
    for _ in range(wanted):
        if free <= now + AHEAD:
            places.append(Place(free if free > now + AT_ONCE else None, kept=True))
            free += gap
        else:
            line += gap / 2
            places.append(Place(line, kept=False))
    return replace(service, free_at=free, line_until=line), places


def as_of(service: Service, now: datetime) -> Service:
    """Without a rate that was learned too long ago."""
    if service.throttled_at is not None and service.throttled_at < now - FORGOTTEN:
        return replace(service, rate=None, free_at=None, line_until=None, throttled_at=None)
    return service


def words(service: Service, now: datetime) -> str | None:
    """How a service stands, in a sentence; None: well."""
    if service.open_until is not None:
        since = f" since {service.failing_since:%H:%M} UTC" if service.failing_since else ""
        return f"Not there{since}: {service.words} It is asked again at {service.open_until:%H:%M:%S} UTC."
    if service.slow_until is not None and service.slow_until > now:
        return f"It asked for a rest until {service.slow_until:%H:%M:%S} UTC."
    rate = as_of(service, now).rate
    return f"It takes about {rate:,.0f} messages a second; Beckon keeps to that." if rate is not None else None


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


def _slower(service: Service, heard: Heard, now: datetime) -> Service:
    """Rests, and halves its rate; not once more for pushes that were under way when it was halved."""
    slow_until = max(service.slow_until or now, now + heard.rest)
    if service.throttled_at is not None and heard.claimed_at < service.throttled_at:
        return replace(service, slow_until=slow_until)
    seconds = max((now - heard.claimed_at).total_seconds(), 0.001)
    before = service.rate or min(max(heard.answers / seconds, FIRST_GUESS), UNPACED)
    rate = max(before / 2, SLOWEST)
    return replace(service, slow_until=slow_until, rate=rate, throttled_at=now, free_at=None, line_until=None)


def _faster(service: Service, taken: int) -> Service:
    if service.rate is None or not taken:
        return service
    rate = service.rate + GROWTH * taken / service.rate
    if rate > UNPACED:
        return replace(service, rate=None, free_at=None, line_until=None, throttled_at=None)
    return replace(service, rate=rate)


def _unreachable(service: Service, heard: Heard, now: datetime) -> Service:
    failing = replace(
        service,
        failures=service.failures + heard.nobody,
        failing_since=service.failing_since or now,
        words=heard.words,
    )
    under_way = service.opened_at is not None and heard.claimed_at < service.opened_at
    if failing.failures < TOO_MANY_FAILURES or under_way:
        return failing
    pause = min(FIRST_PAUSE * float(1 << min(service.opened, 20)), LONGEST)
    return replace(failing, opened_at=now, opened=service.opened + 1, open_until=now + max(pause, heard.rest))
