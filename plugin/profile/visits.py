"""A visit: all signs of one browser without thirty minutes of silence between them.

Whatever order its signs come in, and however often, the rows are the same: a visit is what its signs come to (the
first and the last instant, the pages, the first page), two that meet become one, and a page counts when its event is
new in `views`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from plugin.ingest.browsing import Agent, Page, Source
from plugin.ingest.events import Stayed, Viewed
from plugin.store.engine import Tx
from plugin.store.tables import visitors, visits

SILENCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class First:
    """The earliest page of a visit that told something, by its event: of two at one instant the lesser."""

    at: datetime
    by: str
    page: Page


@dataclass(frozen=True, slots=True)
class Visit:
    """`landed`: the first page. `tagged`: the first one whose link carried UTM words."""

    started_at: datetime
    ended_at: datetime
    pages: int = 0
    landed: First | None = None
    tagged: First | None = None


def apply(tx: Tx, shop_id: int, viewed: Sequence[Viewed], stayed: Sequence[Stayed], *, new: Collection[str]) -> None:
    """Brings the signs of some browsers into their visits. `new`: the events that were not told before."""
    signs: defaultdict[str, list[Visit]] = defaultdict(list)
    counted: set[str] = set()
    for event in viewed:
        signs[event.visitor].append(_sign(event, counts=event.event_id in new and event.event_id not in counted))
        counted.add(event.event_id)
    for stay in stayed:
        signs[stay.visitor].append(Visit(stay.at, stay.at))
    for visitor, some in signs.items():
        _keep(tx, shop_id, visitor, some)


def meeting(signs: Iterable[Visit]) -> list[Visit]:
    """Visits of one browser, those that meet made one, in the order of time."""
    found: list[Visit] = []
    for one in sorted(signs, key=lambda each: each.started_at):
        if found and one.started_at - found[-1].ended_at <= SILENCE:
            found[-1] = _together(found[-1], one)
        else:
            found.append(one)
    return found


def _sign(event: Viewed, *, counts: bool) -> Visit:
    if event.page is None:
        return Visit(event.at, event.at)
    first = First(event.at, event.event_id, event.page)
    return Visit(event.at, event.at, int(counts), first, first if event.page.source else None)


def _together(one: Visit, other: Visit) -> Visit:
    return Visit(
        started_at=min(one.started_at, other.started_at),
        ended_at=max(one.ended_at, other.ended_at),
        pages=one.pages + other.pages,
        landed=_earlier(one.landed, other.landed),
        tagged=_earlier(one.tagged, other.tagged),
    )


def _earlier(one: First | None, other: First | None) -> First | None:
    return min((first for first in (one, other) if first), key=lambda first: (first.at, first.by), default=None)


def _keep(tx: Tx, shop_id: int, visitor: str, signs: list[Visit]) -> None:
    """Reads the visits that the new signs meet, and writes what all together come to."""
    new = meeting(signs)
    mine = visitors.c.shop_id == shop_id, visitors.c.token == visitor
    browser = tx.execute(select(visitors.c.id, visitors.c.person_id).where(*mine)).one()
    near = visits.c.started_at <= new[-1].ended_at + SILENCE, visits.c.ended_at >= new[0].started_at - SILENCE
    whose = visits.c.visitor_id == browser.id, visits.c.person_id == browser.person_id
    rows = tx.execute(select(visits).where(*whose, *near).order_by(visits.c.id)).all()
    free = [row.id for row in rows]
    for visit in meeting([*map(_visit, rows), *new]):
        values = _values(visit)
        if free:
            tx.execute(visits.update().where(visits.c.id == free.pop(0)).values(values))
        else:
            own = {"shop_id": shop_id, "person_id": browser.person_id, "visitor_id": browser.id}
            tx.execute(visits.insert().values(own | values))
    if free:
        tx.execute(visits.delete().where(visits.c.id.in_(free)))


def _visit(row: Row[*tuple[Any, ...]]) -> Visit:
    page = Page(row.landing or "", row.referrer, None, Agent(row.device, row.platform, row.browser, row.language))
    source = Source(row.utm_source, row.utm_medium, row.utm_campaign)
    return Visit(
        started_at=row.started_at,
        ended_at=row.ended_at,
        pages=row.pages,
        landed=First(row.landed_at, row.landed_by, page) if row.landed_at else None,
        tagged=First(row.tagged_at, row.tagged_by, Page("", source=source)) if row.tagged_at else None,
    )


def _values(visit: Visit) -> dict[str, Any]:
    landed, tagged = visit.landed, visit.tagged
    page, agent = (landed.page, landed.page.agent) if landed else (None, Agent())
    source = tagged.page.source if tagged else None
    return {
        "started_at": visit.started_at,
        "ended_at": visit.ended_at,
        "seconds": int((visit.ended_at - visit.started_at).total_seconds()),
        "pages": visit.pages,
        "landed_at": landed.at if landed else None,
        "landed_by": landed.by if landed else None,
        "landing": page.path if page else None,
        "referrer": page.referrer if page else None,
        "device": agent.device,
        "platform": agent.platform,
        "browser": agent.browser,
        "language": agent.language,
        "tagged_at": tagged.at if tagged else None,
        "tagged_by": tagged.by if tagged else None,
        "utm_source": source.source if source else None,
        "utm_medium": source.medium if source else None,
        "utm_campaign": source.campaign if source else None,
    }
