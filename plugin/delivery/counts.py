"""How many pushes each push service took and refused, in tens of seconds: counted where answers are recorded and in
the same transaction, so that pages and `/metrics` need not read every delivery to tell how fast it goes.

Every try counts, so a message that was put off counts twice; what became of people is told by their deliveries alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, literal, select

from plugin.store.engine import Tx
from plugin.store.tables import push_counts
from plugin.store.upsert import upsert_by

SPAN = timedelta(seconds=10)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(hours=1)
"""So long it is known in which ten seconds a push was made; then only how many there were."""
LAPSED = "lapsed"
"""Claims of workers that died, in the place of an answer."""
KEY = ("shop_id", "campaign_id", "service", "answer", "at")


class What(NamedTuple):
    """What is counted; `campaign_id` 0: of an automation."""

    shop_id: int
    campaign_id: int
    service: str
    answer: str


def note(tx: Tx, pushes: Iterable[What], now: datetime) -> None:
    """Counts `pushes` at `now`. Rows are taken in one order, so that two workers never wait for each other."""
    at = _begun(now)
    rows = [{**what._asdict(), "at": at, "count": count} for what, count in sorted(Counter(pushes).items())]
    upsert_by(tx, push_counts, rows, key=KEY, update=lambda new: {"count": push_counts.c.count + new.count})


def pace(tx: Tx, campaign_id: int, now: datetime, started_at: datetime, span: timedelta = 6 * SPAN) -> float | None:
    """Pushes a second of the last whole tens of seconds, a minute at most; None while nothing is measured yet."""
    until = _begun(now)
    first = _begun(started_at - timedelta.resolution) + SPAN  # the first tens of seconds that are its own altogether
    since = max(until - span, first)
    if until <= since:
        return None
    of = push_counts.c
    mine = of.campaign_id == campaign_id, of.at >= since, of.at < until, of.answer.in_(DECIDED)
    count = tx.execute(select(func.sum(of.count)).where(*mine)).scalar() or 0
    return float(count) / (until - since).total_seconds()


DECIDED = ("sent", "gone", "too_long", "rejected")
"""Answers after which the push is not tried again."""


def of_services(tx: Tx, campaign_id: int | None = None) -> dict[str, Mapping[str, int]]:
    """Push service → answer → how many there were, of one campaign or of all there is."""
    of = push_counts.c
    counted = select(of.service, of.answer, func.sum(of.count)).group_by(of.service, of.answer)
    if campaign_id is not None:
        counted = counted.where(of.campaign_id == campaign_id, of.service != "")
    found: dict[str, dict[str, int]] = {}
    for service, answer, count in tx.execute(counted.order_by(of.service, of.answer)):
        found.setdefault(service, {})[answer] = int(count)
    return dict(found)


def forget_times(tx: Tx, now: datetime) -> None:
    """Adds up what is older than an hour: a campaign leaves as many rows as it had kinds of answers."""
    of, before = push_counts.c, _begun(now - KEPT)
    past = of.at < before, of.at > LONG_AGO
    what = (of.shop_id, of.campaign_id, of.service, of.answer)
    count = func.sum(of.count).label("count")
    together = select(*what, literal(LONG_AGO, of.at.type).label("at"), count).where(*past).group_by(*what)
    upsert_by(tx, push_counts, together, key=KEY, update=lambda new: {"count": of.count + new.count})
    tx.execute(delete(push_counts).where(*past))


def _begun(now: datetime) -> datetime:
    """The beginning of the ten seconds in which `now` is."""
    return now - (now - LONG_AGO) % SPAN
