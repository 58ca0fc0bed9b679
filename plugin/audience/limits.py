"""Limits on an audience beyond consent: how often a person is written to, not at night, and who is held out.

A message that meets the cap or the night waits as long as it lives; only one that would come too late is left out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from plugin.base.errors import BeckonError
from plugin.base.outcomes import OPEN, Outcome
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, sending_limits
from plugin.store.upsert import among, upsert

MOST_PUSHES: Final = 100
MOST_DAYS: Final = 90
DAY: Final = 24 * 60
"""Minutes."""
_LONGEST_LIFE: Final = timedelta(days=28)
"""No message lives longer than that after it was written."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a shop has chosen; by default nothing is limited."""

    cap: int | None = None
    """Pushes to one person in `cap_days`."""
    cap_days: int = 7
    quiet_from: int | None = None
    """Minutes after the person's midnight."""
    quiet_until: int | None = None

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.cap_days)


def of(tx: Tx, shop_ids: Collection[int]) -> dict[int, Limits]:
    """The limits of those shops that have chosen any."""
    if not shop_ids:
        return {}
    return {row.shop_id: _limits(row) for row in tx.execute(_CHOSEN, {"shop_ids": list(shop_ids)})}


_CHOSEN: Final = select(sending_limits).where(among(sending_limits.c.shop_id, "shop_ids"))


def hold(tx: Tx, shop_ids: Collection[int]) -> None:
    """Until the end of `tx` nobody else holds these shops' limits: of two workers that want to write to the same
    person, the second sees what the first one sends."""
    mine = select(sending_limits.c.shop_id).where(sending_limits.c.shop_id.in_(shop_ids))
    if shop_ids:
        tx.execute(mine.order_by(sending_limits.c.shop_id).with_for_update()).all()


def choose(tx: Tx, shop_id: int, limits: Limits, now: datetime) -> None:
    """Keeps the merchant's choice. Raises BeckonError for numbers that make no sense."""
    if limits.cap is not None and not 1 <= limits.cap <= MOST_PUSHES:
        raise BeckonError(f"The cap is between 1 and {MOST_PUSHES} messages.")
    if not 1 <= limits.cap_days <= MOST_DAYS:
        raise BeckonError(f"The days of the cap are between 1 and {MOST_DAYS}.")
    if limits.quiet_from is not None and limits.quiet_from == limits.quiet_until:
        raise BeckonError("Quiet hours that begin when they end are none. Switch them off, or choose two times.")
    row = {
        "shop_id": shop_id,
        "cap": limits.cap,
        "cap_days": limits.cap_days,
        "quiet_from": limits.quiet_from,
        "quiet_until": limits.quiet_until,
        "updated_at": now,
    }
    upsert(tx, sending_limits, [row], key=["shop_id"])


def recent(
    tx: Tx, shop_id: int, person_ids: Collection[int], limits: Limits, now: datetime
) -> dict[int, list[datetime]]:
    """Person → when they were sent something within the cap's days, the newest first; what is on its way counts."""
    its = deliveries.c
    at = func.coalesce(its.finished_at, its.claimed_at, type_=its.finished_at.type)
    mine = its.shop_id == shop_id, among(its.person_id, person_ids)
    since = now - limits.window
    rows = tx.execute(
        select(its.person_id, at)
        .where(*mine, its.created_at > since - _LONGEST_LIFE, _went_out(), at > since)
        .order_by(at.desc())
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for person_id, instant in rows:
        found[person_id].append(instant)
    return found


def _went_out() -> ColumnElement[bool]:
    """Sent; or taken for sending and not over yet: it holds its place; or over, and nobody knows whether all of its
    tries were refused: it may have arrived."""
    its = deliveries.c
    doubt = or_(its.status.is_(None), its.attempts > 1)
    over = its.state.not_in((Outcome.GONE, Outcome.REJECTED, Outcome.FAILED))
    return or_(its.state == Outcome.SENT, and_(its.attempts > 0, or_(its.state.in_(OPEN), and_(doubt, over))))


def freed(limits: Limits, times: Sequence[datetime]) -> datetime | None:
    """When a person who was sent something at `times` (newest first, within the window) may be sent the next; None:
    now."""
    if limits.cap is None or len(times) < limits.cap:
        return None
    return times[limits.cap - 1] + limits.window


def morning(limits: Limits, zone: str | None, shop_zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that a person is in end; None: it is day. `zone`: the person's, where it is known."""
    if limits.quiet_from is None or limits.quiet_until is None:
        return None
    local = now.astimezone(_zone(zone, shop_zone))
    minute = local.hour * 60 + local.minute
    overnight = limits.quiet_from > limits.quiet_until
    since, until = minute >= limits.quiet_from, minute < limits.quiet_until
    if not (since or until if overnight else since and until):
        return None
    day = local.date() + timedelta(days=1 if overnight and since else 0)
    end = datetime.combine(day, time(*divmod(limits.quiet_until, 60)), local.tzinfo).astimezone(UTC)
    return end if end > now else None  # an hour that comes twice when the clocks go back


def is_held_out(campaign_id: int, person_id: int, percent: int) -> bool:
    """Is this person among the `percent` of the campaign's audience who get nothing, so that others can be compared
    with them? Always the same answer for the same two."""
    if percent <= 0:
        return False
    digest = hashlib.blake2b(f"{campaign_id}:{person_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) * 100 < percent << 64


def _limits(row: Any) -> Limits:
    return Limits(row.cap, row.cap_days, row.quiet_from, row.quiet_until)


def _zone(zone: str | None, shop_zone: str) -> ZoneInfo:
    """A browser may say anything."""
    try:
        return ZoneInfo(zone or shop_zone)
    except (ValueError, OSError, KeyError):
        return ZoneInfo(shop_zone)
