"""What all workers know of push services together: one row each, read before pushes and written after their answers.

A service that was never in trouble has no row that matters, and costs nobody a lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import bindparam, or_, select

from plugin.base import settings
from plugin.store.engine import Tx
from plugin.store.tables import services
from plugin.store.upsert import insert_new, upsert

from .pace import Heard, Service, learn, line_up, spread, words

TURN_KEPT: Final = "Its push service takes no more at once: its turn comes soon."
IN_LINE: Final = "Its push service takes no more at once: it stands in line."
RESTING: Final = "Its push service asked for a rest."
NOT_THERE: Final = "Its push service does not answer: it is asked again from time to time."
_IN_TIME: Final = timedelta(seconds=10)
"""A kept turn that is used this late is none any more."""
_COLUMNS = [services.c[field.name] for field in fields(Service)]
_THESE: Final = services.c.host.in_(bindparam("hosts", expanding=True))
_TROUBLED: Final = select(services.c.host).where(
    _THESE,
    or_(services.c.slow_until > bindparam("now"), services.c.rate.is_not(None), services.c.open_until.is_not(None)),
)
_KNOWN: Final = select(*_COLUMNS).where(_THESE).order_by(services.c.host)
_HELD: Final = _KNOWN.with_for_update()

Key = tuple[int, int]
"""A delivery, and which of its browsers."""


class Asking(NamedTuple):
    """A delivery that wants to go to a service. `browser`: which of several, or 0; `reason`, `due_at`: what its row
    says."""

    delivery_id: int
    browser: int
    host: str
    reason: str | None
    due_at: datetime

    @property
    def key(self) -> Key:
        return self.delivery_id, self.browser

    def has_its_turn(self, now: datetime) -> bool:
        return self.reason == TURN_KEPT and now - self.due_at < _IN_TIME


class Held(NamedTuple):
    """Not now, but then, and why."""

    until: datetime
    why: str


def troubled(tx: Tx, hosts: Collection[str], now: datetime) -> list[Service]:
    """Those of `hosts` that do not take all they are asked to, held until the end of `tx`. Whoever goes to one asks
    `admit`."""
    found = tx.execute(_TROUBLED, {"hosts": list(hosts), "now": now}).scalars().all() if hosts else []
    return list(_read(tx, found, hold=True).values())


def admit(tx: Tx, troubled: Iterable[Service], asking: Sequence[Asking], now: datetime) -> dict[Key, Held]:
    """Those who have to wait; the others may go, and have used up their services' places."""
    held: dict[Key, Held] = {}
    for service in troubled:
        here = [one for one in asking if one.host == service.host]
        after, waits = _admitted(service, here, now)
        held |= waits
        _write(tx, service, after)
    return held


def heard(tx: Tx, told: Mapping[str, Heard], now: datetime) -> dict[str, timedelta]:
    """Learns what batches heard; returns the rest of those services that asked everybody for patience."""
    known = _read(tx, told)
    before = {host: known.get(host, Service(host)) for host in told}
    if changed := [host for host, one in told.items() if learn(before[host], one, now) != before[host]]:
        insert_new(tx, services, [{"host": host} for host in sorted(changed)])
        for service in _read(tx, changed, hold=True).values():
            _write(tx, service, learn(service, told[service.host], now))
    return {host: one.rest for host, one in told.items() if one.is_widespread}


def standing(tx: Tx, now: datetime) -> list[tuple[str, str]]:
    """(push service, how it stands) of those with which something is."""
    every = (Service(*row) for row in tx.execute(select(*_COLUMNS).order_by(services.c.host)))
    return [(service.host, told) for service in every if (told := words(service, now)) is not None]


def _admitted(service: Service, asking: Sequence[Asking], now: datetime) -> tuple[Service, dict[Key, Held]]:
    if service.open_until is not None:
        return _through_the_circuit(service, asking, now)
    if service.slow_until is not None and service.slow_until > now:
        return service, _all_until(service.slow_until, RESTING, asking, now)
    new = [one for one in asking if not one.has_its_turn(now)]
    after, places = line_up(service, len(new), now)
    return after, {
        one.key: Held(place.at, TURN_KEPT if place.kept else IN_LINE)
        for one, place in zip(new, places, strict=True)
        if place.at is not None
    }


def _through_the_circuit(service: Service, asking: Sequence[Asking], now: datetime) -> tuple[Service, dict[Key, Held]]:
    """Open: nobody. When its time is over one push finds out; the others wait for its answer, or its worker's end."""
    until = service.open_until or now
    if until > now:
        return service, _all_until(until, NOT_THERE, asking, now)
    answer_by = now + settings.current().lease
    return replace(service, open_until=answer_by), _all_until(answer_by, NOT_THERE, asking[1:], now)


def _all_until(until: datetime, why: str, asking: Sequence[Asking], now: datetime) -> dict[Key, Held]:
    return {one.key: Held(spread(until, until - now, one.delivery_id), why) for one in asking}


def _read(tx: Tx, hosts: Collection[str], *, hold: bool = False) -> dict[str, Service]:
    if not hosts:
        return {}
    found = tx.execute(_HELD if hold else _KNOWN, {"hosts": list(hosts)})
    return {row.host: Service(*row) for row in found}


def _write(tx: Tx, before: Service, after: Service) -> None:
    if after != before:
        upsert(tx, services, [asdict(after)], key=["host"])
