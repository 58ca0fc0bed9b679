"""A small shop that lives through random events under a simulated clock, and what a replay of it says.

The replay asks SQL at every instant at which anything can change: before and after each event, and at each midnight
of the shop's. It knows nothing of timers. What it writes down, and what the ledger of the product says, must be equal.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from plugin import news
from plugin.audience import consent
from plugin.ingest.events import (
    Answered,
    CartChanged,
    CartSeen,
    CheckoutChanged,
    CustomerChanged,
    CustomerDeleted,
    CustomersMerged,
    CustomerTagged,
    Event,
    Line,
    MarketingConsentChanged,
    OrderChanged,
    OrderDeleted,
    OrderRefunded,
    ProductChanged,
    ShopChanged,
    Viewed,
)
from plugin.profile import erase, identity
from plugin.profile.apply import apply
from plugin.profile.memberships import IMPORT
from plugin.profile.subject import of_person
from plugin.segment import membership, saved, versions
from plugin.segment.compile import compile_segment
from plugin.segment.containing import asked_for
from plugin.segment.sql import members
from plugin.store import tables
from plugin.store.engine import Tx
from plugin.store.types import Instant

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
CUSTOMERS, VISITORS, PRODUCTS, CARTS = (101, 102, 103), ("v1", "v2", "v3"), (1, 2, 3), ("c1", "c2")
TAGS = ("VIP", "vip", "fair", "Straße")

Interval = tuple[datetime, datetime | None]


class World:
    """`now` only goes forward. `late`: nobody looks at timers until `settle_down`."""

    def __init__(self, tx: Tx, shop_id: int, now: datetime, dice: random.Random) -> None:
        self.tx, self.shop_id, self.now, self.dice = tx, shop_id, now, dice
        self.inside: dict[int, set[int]] = defaultdict(set)
        self.history: dict[tuple[int, int], list[Interval]] = defaultdict(list)
        self.orders: list[int] = []
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
        columns = [
            column
            for table in (
                *(tables.people, tables.orders, tables.order_lines),
                *(tables.views, tables.carts, tables.answers),
            )
            for column in table.c
            if isinstance(column.type, Instant)
        ]
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

    def happen(self, *, punctual: bool) -> None:
        """Something happens now."""
        before = self.names()
        step = self.dice.choice(self.steps(punctual=punctual))
        self.told.append(f"{self.now} {step.__name__}")
        step()
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

    def steps(self, *, punctual: bool) -> Sequence[Callable[[], None]]:
        anytime = [self.order] * 5 + [self.look] * 4 + [self.log_in] * 3 + [self.tag] * 2 + [self.subscribe] * 2
        anytime += [self.customer, self.refund, self.delete_order, self.consent, self.check_out, self.leave_cart]
        anytime += [self.fill_cart] * 3 + [self.answer] * 2
        anytime += [self.lose_customer, self.merge, self.unsubscribe, self.erase]
        if not punctual:
            return anytime
        return [
            *anytime,
            self.product,
            self.product,
            self.history_comes,
            self.save,
            self.create,
            self.delete,
            self.move,
        ]

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

    def some_time_ago(self) -> datetime:
        return (
            self.now
            - timedelta(days=self.dice.choice((0, 0, 0, 1, 5, 29, 30, 31, 60)))
            - MOMENT * self.dice.choice((0, 1))
        )

    def an_order(self) -> OrderChanged:
        self.number += 1
        self.orders.append(self.number)
        guest = self.dice.random() < 0.2
        return OrderChanged(
            order_id=self.number,
            name=f"#{self.number}",
            customer_id=None if guest else self.dice.choice(CUSTOMERS),
            placed_at=self.some_time_ago(),
            updated_at=self.now,
            cancelled_at=None,
            currency="GBP",
            total=self.dice.choice((0, 1, 100, 1_000, 10_000)),
            refunds=(),
            test=self.dice.random() < 0.1,
            lines=tuple(
                Line(self.dice.choice((*PRODUCTS, None)), 1, "A line", self.dice.randint(1, 3), 100)
                for _ in range(self.dice.randint(0, 2))
            ),
            cart_token=self.dice.choice((*CARTS, None)) if guest or self.dice.random() < 0.4 else None,
            countries=(self.dice.choice(("GB", "US")),),
        )

    def order(self) -> None:
        self.take(self.an_order())

    def refund(self) -> None:
        self.number += 1
        self.take(
            OrderRefunded(self.dice.choice(self.orders or [1]), self.number, self.dice.choice((1, 100)), self.now)
        )

    def delete_order(self) -> None:
        self.take(OrderDeleted(self.dice.choice(self.orders or [1]), self.now))

    def tag(self) -> None:
        some = self.dice.sample(TAGS, 2)
        self.take(CustomerTagged(self.dice.choice(CUSTOMERS), (some[0],), (some[1],), self.now))

    def customer(self) -> None:
        self.take(
            CustomerChanged(
                self.dice.choice(CUSTOMERS),
                added_at=self.some_time_ago(),
                updated_at=self.now,
                countries=self.dice.choice((None, ("GB",), ("US", "IE"))),
                tags=self.dice.choice((None, (), ("VIP",))),
                email_status=self.dice.choice((None, "SUBSCRIBED", "UNSUBSCRIBED")),
            )
        )

    def consent(self) -> None:
        status = self.dice.choice(("SUBSCRIBED", "UNSUBSCRIBED", None))
        channel = self.dice.choice(("email", "sms"))
        self.take(MarketingConsentChanged(self.dice.choice(CUSTOMERS), channel, status, self.now))

    def lose_customer(self) -> None:
        self.take(CustomerDeleted(self.dice.choice(CUSTOMERS), self.now))

    def merge(self) -> None:
        lost, kept = self.dice.sample(CUSTOMERS, 2)
        self.take(CustomersMerged(lost, kept, self.now))

    def look(self) -> None:
        self.number += 1
        visitor = self.dice.choice(VISITORS)
        self.take(Viewed(f"e{self.number}", visitor, self.dice.choice(PRODUCTS), self.some_time_ago()))

    def answer(self) -> None:
        self.number += 1
        born = (self.now - timedelta(days=self.dice.choice((0, 29, 30, 31, 365)))).date().isoformat()
        question, said = self.dice.choice((("gender", "female"), ("gender", "male"), ("birthday", born)))
        self.take(Answered(f"a{self.number}", self.dice.choice(VISITORS), question, said, self.now))

    def leave_cart(self) -> None:
        self.take(CartSeen(self.dice.choice(VISITORS), self.dice.choice(CARTS), self.now))

    def fill_cart(self) -> None:
        products = self.dice.sample(PRODUCTS, self.dice.randint(0, 2))
        lines = tuple(Line(product, 1, "A line", 1, 100) for product in products)
        self.take(CartChanged(self.dice.choice(CARTS), lines, self.now))

    def check_out(self) -> None:
        self.take(
            CheckoutChanged(
                "k1", self.dice.choice(CARTS), self.dice.choice((*CUSTOMERS, None)), (), None, self.now, None
            )
        )

    def log_in(self) -> None:
        self.told[-1] += f" as {self.person_in_a_browser()}"

    def person_in_a_browser(self) -> int:
        visitor, customer_id = self.dice.choice(VISITORS), self.dice.choice((*CUSTOMERS, None))
        seen = Viewed("", visitor, None, self.now)
        named = [seen] if customer_id is None else [seen, CustomerDeleted(customer_id, self.now)]
        news.before(self.tx, self.shop_id, named, self.now)
        person_id = identity.person_of(self.tx, self.shop_id, visitor=visitor, customer_id=customer_id, now=self.now)
        news.take(self.tx, self.shop_id, [], self.now, also={person_id})
        return person_id

    def subscribe(self) -> None:
        person_id = self.person_in_a_browser()
        endpoint = f"https://fcm.googleapis.com/fcm/send/{self.dice.randint(1, 3)}"
        before = consent.holder(self.tx, self.shop_id, endpoint)
        also = {person_id} | ({before} if before else set())
        news.before(self.tx, self.shop_id, [], self.now, also=also)
        agreed = consent.Subscribed(endpoint, b"\4" * 65, b"1" * 16)
        consent.grant(self.tx, self.shop_id, person_id, agreed, self.now)
        news.take(self.tx, self.shop_id, [], self.now, also={person_id})

    def unsubscribe(self) -> None:
        endpoint = f"https://fcm.googleapis.com/fcm/send/{self.dice.randint(1, 3)}"
        holder = consent.holder(self.tx, self.shop_id, endpoint)
        news.before(self.tx, self.shop_id, [], self.now, also={holder} if holder else set())
        consent.withdraw(self.tx, self.shop_id, endpoint, self.now)
        news.take(self.tx, self.shop_id, [], self.now, also={holder} if holder else set())

    def erase(self) -> None:
        ids = self.tx.execute(select(tables.people.c.id).where(tables.people.c.merged_into.is_(None))).scalars().all()
        if ids and self.dice.random() < 0.3:
            gone = self.dice.choice(ids)
            identity.hold(self.tx, self.shop_id)
            subject = of_person(self.tx, self.shop_id, gone)
            erase.persons(self.tx, subject, self.now)

    # --- of many at once: left to the clock ------------------------------------------------------

    def product(self) -> None:
        tags = tuple(self.dice.sample(TAGS, self.dice.randint(0, 2)))
        product_id = self.dice.choice(PRODUCTS)
        self.take(ProductChanged(product_id, "A lamp", "a-lamp", None, None, None, "active", tags, (), self.now))
        self.ring(self.now)

    def history_comes(self) -> None:
        changes = apply(self.tx, self.shop_id, [self.an_order() for _ in range(3)], now=self.now)
        news.consequences(self.tx, self.shop_id, changes, self.now, leave_to_clock=IMPORT)

    # --- the merchant ----------------------------------------------------------------------------

    queries: Sequence[str] = ("number_of_orders > 0",)

    def create(self) -> None:
        if len(saved.every(self.tx, self.shop_id)) < 8:
            saved.create(self.tx, self.shop_id, f"Segment {self.number}", self.dice.choice(self.queries), self.now)
            self.settle_all()

    def save(self) -> None:
        for segment in saved.every(self.tx, self.shop_id)[:1]:
            query = self.dice.choice([one for one in self.queries if "in_segment" not in one])
            self.told[-1] += f" {segment.id}: {query}"
            saved.save(self.tx, self.shop_id, segment.id, segment.name, query, self.now)
            if self.dice.random() < 0.5:
                versions.restore(self.tx, self.shop_id, segment.id, 1, self.now)
            self.settle_all()

    def delete(self) -> None:
        every = saved.every(self.tx, self.shop_id)
        inner = {name for segment in every for name in asked_for(segment.query)}
        free = [segment for segment in every if segment.name not in inner]
        if len(every) > 3 and free:
            saved.delete(self.tx, self.shop_id, self.dice.choice(free).id, self.now)

    def move(self) -> None:
        """The shop's clocks are another place's."""
        if self.dice.random() < 0.5:
            zone = self.dice.choice(("Europe/London", "America/New_York", "Asia/Kathmandu"))
            self.take(ShopChanged("Vanta", "GBP", zone, None, self.now))
            self.settle_all()

    def settle_all(self) -> None:
        for segment_id in membership.settling(self.tx, self.now, self.now):
            while membership.settle_timers(self.tx, segment_id, self.now):
                pass


def intervals(changes: Sequence[membership.Change]) -> list[Interval]:
    """Of one person and one segment, in the order of time: from when to when they were in, None for until now.

    Somebody who was two persons may have been in twice at a time; the interval lasts as long as either did."""
    found: list[Interval] = []
    depth = 0
    for one in changes:
        depth += 1 if one.kind == "entered" else -1
        if depth == 1 and one.kind == "entered":
            found.append((one.at, None))
        elif depth == 0 and found:
            found[-1] = (found[-1][0], one.at)
    return [one for one in found if one[0] != one[1]]


def union(mine: Sequence[Interval]) -> list[Interval]:
    """Of somebody who was two persons: as long as either was in. Instants without duration are none."""
    end = datetime.max.replace(tzinfo=UTC)
    found: list[list[datetime]] = []
    for start, stop in sorted((start, stop or end) for start, stop in mine if start != stop):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], stop)
        else:
            found.append([start, stop])
    return [(start, None if stop == end else stop) for start, stop in found]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def inside(tx: Tx, segment_id: int) -> list[int]:
    """Who is kept as a member."""
    mine = select(tables.memberships.c.person_id).where(tables.memberships.c.segment_id == segment_id)
    return sorted(tx.execute(mine).scalars())
