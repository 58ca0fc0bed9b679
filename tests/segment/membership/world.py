"""A small shop that lives through random events under a simulated clock, and what a replay of it says.

The replay asks SQL at every instant at which anything can change: before and after each event, and at each midnight
of the shop's. It knows nothing of timers. What it writes down, and what the ledger of the product says, must be equal.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from plugin import news
from plugin.ingest.events import Event
from plugin.segment import membership, saved
from plugin.segment.compile import compile_segment
from plugin.segment.sql import members
from plugin.store import tables
from plugin.store.engine import Tx
from plugin.store.types import Instant
from tests.segment.membership.replay import Interval, intervals, union

MOMENT = timedelta(microseconds=1)
CUSTOMERS, VISITORS, PRODUCTS, CARTS = (101, 102, 103), ("v1", "v2", "v3"), (1, 2, 3), ("c1", "c2")
COLLECTIONS = (1, 2)
TAGS = ("VIP", "vip", "fair", "Straße")
LIVED_IN = (
    tables.people,
    tables.orders,
    tables.order_lines,
    tables.views,
    tables.carts,
    tables.checkouts,
    tables.visits,
    tables.custom_events,
    tables.answers,
    tables.facts,
    tables.deliveries,
)
"""Where it stands when something happened."""


class World:
    """`now` only goes forward. `late`: nobody looks at timers until `settle_down`."""

    def __init__(self, tx: Tx, shop_id: int, now: datetime, dice: random.Random) -> None:
        self.tx, self.shop_id, self.now, self.dice = tx, shop_id, now, dice
        self.inside: dict[int, set[int]] = defaultdict(set)
        self.history: dict[tuple[int, int], list[Interval]] = defaultdict(list)
        self.queries: Sequence[str] = ()
        self.orders: list[int] = []
        self.messages: list[str] = []
        self.imports: list[int] = []
        self.number = 0
        self.told: list[str] = []

    # --- the clock ------------------------------------------------------------------------------

    def advance(self, until: datetime, *, punctual: bool) -> None:
        """Time passes. A punctual clock looks at each timer at its instant; another one at none."""
        for instant in [*self.turning_points(until), until]:
            if punctual:
                self.ring(instant - MOMENT)
                self.now = max(self.now, instant - MOMENT)
                self.compare_kept()
            self.now = instant
            self.replay()
            if punctual:
                self.ring(instant)
                self.compare_kept()

    def turning_points(self, until: datetime) -> list[datetime]:
        """Every instant before `until` at which time can change an answer: midnights, and so many hours from what
        happened to anybody."""
        zone = self.zone
        first = self.now.astimezone(zone).date()
        days = (until.astimezone(zone).date() - first).days
        found = {datetime.combine(first + timedelta(days=n), time(), zone).astimezone(UTC) for n in range(1, days + 1)}
        said = " ".join(segment.query for segment in saved.every(self.tx, self.shop_id))
        hours = {int(count) for count in re.findall(r"([+-]?\d+)h\b", said)}
        for at in self.instants() if hours else ():
            for count in hours:
                second = (at - timedelta(hours=count)).replace(microsecond=0)
                found |= {second + timedelta(seconds=n) for n in (-1, 0, 1, 2)}
        return sorted(one for one in found if self.now < one < until)

    def instants(self) -> set[datetime]:
        columns = [column for table in LIVED_IN for column in table.c if isinstance(column.type, Instant)]
        return {at for column in columns for at in self.tx.execute(select(column)).scalars() if at is not None}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(
            self.tx.execute(select(tables.shops.c.timezone).where(tables.shops.c.id == self.shop_id)).scalar_one()
        )

    def ring(self, until: datetime) -> None:
        """Each timer at its own instant."""
        while True:
            first = self.tx.execute(
                select(func.min(tables.timers.c.due_at, type_=tables.timers.c.due_at.type))
            ).scalar()
            if first is None or first > until:
                return
            due = membership.due(self.tx, first, 100, 100)
            assert due, f"a timer of {first} is due and nobody is told"
            for shop_id, ids in due:
                membership.catch_up(self.tx, shop_id, ids, first)

    def settle_down(self) -> None:
        """A late worker comes at last, and takes everybody at once or one by one."""
        due = membership.due(self.tx, self.now + timedelta(hours=1) * 0, 1_000, self.dice.choice((1, 2, 100)))
        self.dice.shuffle(due)
        for shop_id, ids in due:
            membership.catch_up(self.tx, shop_id, ids, self.now)
        self.compare_kept()

    # --- what SQL says --------------------------------------------------------------------------

    def batch(self) -> dict[int, set[int]]:
        found = {}
        timezone, queries = self.zone.key, saved.queries(self.tx, self.shop_id)
        for segment in saved.every(self.tx, self.shop_id):
            checked = compile_segment(segment.query, now=self.now, timezone=timezone, segments=queries)
            found[segment.id] = set(self.tx.execute(members(checked, self.shop_id)).scalars())
        return found

    def replay(self) -> None:
        """Writes down who is in from now on."""
        batch = self.batch()
        for segment_id in self.inside.keys() | batch.keys():
            was, is_in = self.inside[segment_id], batch.get(segment_id, set())
            for person_id in was - is_in:
                mine = self.history[segment_id, person_id]
                mine[:] = [(start, end or self.now) for start, end in mine]
            for person_id in is_in - was:
                self.history[segment_id, person_id].append((self.now, None))
            self.inside[segment_id] = set(is_in)

    # --- what is compared -----------------------------------------------------------------------

    def compare_kept(self) -> None:
        """At every instant the kept membership equals the batch answer."""
        kept: dict[int, set[int]] = {segment_id: set() for segment_id in self.batch()}
        for row in self.tx.execute(select(tables.memberships)):
            kept[row.segment_id].add(row.person_id)
        assert kept == self.batch(), f"kept is not what SQL says at {self.now}: {self.story}"

    def compare_ledger(self) -> None:
        """Who entered and left when, and the sums of it."""
        alive = {segment.id: segment.query for segment in saved.every(self.tx, self.shop_id)}
        people = set(self.tx.execute(select(tables.people.c.id)).scalars())
        told = self.history
        said = defaultdict(list)
        for change in reversed(membership.changes_of(self.tx, self.shop_id, limit=100_000)):
            said[change.segment_id, change.person_id].append(change)
        for key in told.keys() | said.keys():
            segment_id, person_id = key
            if segment_id in alive and person_id in people:
                wanted, found = union(told.get(key, [])), union(intervals(said.get(key, [])))
                assert found == wanted, (
                    f"person {person_id} in {alive[segment_id]!r}\n  ledger {found}\n  replay {wanted}\n{self.story}"
                )
        for segment_id in alive:
            mine = tables.memberships.c.segment_id == segment_id
            in_it = self.tx.execute(select(func.count()).select_from(tables.memberships).where(mine)).scalar_one()
            assert membership.size(self.tx, self.shop_id, segment_id) == in_it, self.story

    def move_history(self, became: dict[int, int]) -> None:
        """Who became another takes their history along, who is erased loses it: SQLite may give the number anew."""
        people = set(self.tx.execute(select(tables.people.c.id)).scalars())
        for segment_id, person_id in list(self.history):
            if person_id in became:
                self.history[segment_id, became[person_id]] += self.history.pop((segment_id, person_id))
            elif person_id not in people:
                del self.history[segment_id, person_id]

    @property
    def story(self) -> str:
        return "\n".join(self.told)

    # --- events ---------------------------------------------------------------------------------

    def happen(self, step: Callable[[World], None], *, punctual: bool) -> None:
        """Something happens now."""
        before = self.names()
        self.told.append(f"{self.now} {step.__name__}")
        step(self)
        after = self.names()
        became = {
            before[name]: person_id
            for name, person_id in after.items()
            if name in before and before[name] != person_id and before[name] not in after.values()
        }
        self.replay()
        self.move_history(became)
        if punctual:
            self.ring(self.now)
            self.compare_kept()

    def names(self) -> dict[object, int]:
        """Browsers and customers → who they are."""
        visitors, people = tables.visitors.c, tables.people.c
        found: dict[object, int] = dict(self.tx.execute(select(visitors.token, visitors.person_id)).all())
        rows = self.tx.execute(select(people.customer_id, people.id, people.merged_into)).all()
        onward = {row.id: row.merged_into for row in rows if row.merged_into is not None}
        for row in rows:
            if row.customer_id is not None:
                found[row.customer_id] = row.id
                while found[row.customer_id] in onward:  # lost to one who was lost
                    found[row.customer_id] = onward[found[row.customer_id]]
        return found

    def take(self, *events: Event) -> None:
        self.told[-1] += f" {events}"
        news.take(self.tx, self.shop_id, list(events), self.now)

    def settle_all(self) -> None:
        """The timers of segments that were saved."""
        for segment_id in membership.settling(self.tx, self.now, self.now):
            while membership.settle_timers(self.tx, segment_id, self.now):
                pass

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def some_time_ago(self) -> datetime:
        return (
            self.now
            - timedelta(days=self.dice.choice((0, 0, 0, 1, 5, 29, 30, 31, 60)))
            - MOMENT * self.dice.choice((0, 1))
        )


def ring(tx: Tx, now: datetime) -> None:
    """The clock judges everybody who is due."""
    for shop_id, ids in membership.due(tx, now, 100, 100):
        membership.catch_up(tx, shop_id, ids, now)


def inside(tx: Tx, segment_id: int) -> list[int]:
    """Who is kept as a member."""
    mine = select(tables.memberships.c.person_id).where(tables.memberships.c.segment_id == segment_id)
    return sorted(tx.execute(mine).scalars())
