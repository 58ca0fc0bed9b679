"""What keeping memberships costs: one person judged by many segments, and one event in shops of different sizes.

`python -m benchmarks.membership [--segments 500] [--people 10000,1000000] [--database URL]`

First 500 segments on one loaded person, with the instants at which time alone changes them, in CPU; the floor is what
`evaluate.belongs` takes for the same answers alone, its segments checked beforehand. Then orders of customers, each
applied with all that follows, in a shop with few people and in one with many: the cost must not grow.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select

from plugin import news
from plugin.base import settings
from plugin.ingest.events import Line, OrderChanged
from plugin.profile.load import Profile, load
from plugin.segment import membership
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.judge import bench
from plugin.segment.membership import benches
from plugin.store import tables
from plugin.store.batches import batches
from plugin.store.engine import Tx, learn_statistics, open_store, transaction
from plugin.store.tables import metadata
from tests.factories import make_shop

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
ZONE = "Europe/London"
ROUNDS = 30


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--segments", type=int, default=500)
    words.add_argument("--people", default="10000,100000", help="sizes of shops, with commas")
    words.add_argument("--database", help="SQLAlchemy URL of an empty database; a new SQLite file if not given")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as home:
        told = {"BECKON_HOME": home, "SHOPIFY_API_SECRET": "benchmark"}
        settings.use(settings.from_environment(told | ({"DATABASE_URL": asked.database} if asked.database else {})))
        metadata.create_all(open_store())
        costs = [shop_of(int(size), asked.segments) for size in asked.people.split(",")]
    print(f"an event in the largest shop costs {costs[-1] / costs[0]:.2f} of one in the smallest")


def shop_of(size: int, segments: int) -> float:
    """Milliseconds of CPU an event in a shop of `size` people."""
    with transaction() as tx:
        shop_id = make_shop(tx, f"shop-of-{size}.myshopify.com", timezone=ZONE)
        settle(tx, shop_id, size)
        made = queries(segments)
        rows = [
            {"shop_id": shop_id, "name": f"S{n}", "query": query, "created_at": NOW, "updated_at": NOW}
            for n, query in enumerate(made)
        ]
        tx.execute(insert(tables.segments), rows)
        learn_statistics(tx)
    with transaction() as tx:
        first = tx.execute(select(func.min(tables.people.c.id)).where(tables.people.c.shop_id == shop_id)).scalar_one()
        for number in range(6):  # somebody of whom there is something to read
            news.take(tx, shop_id, [an_order(shop_id, 1, number, NOW - timedelta(days=9 * number))], NOW)
        one_person(load(tx, shop_id, first), made)
    return events(shop_id, size)


def one_person(profile: Profile, made: list[str]) -> None:
    checked = {at: compile_segment(query, now=NOW, timezone=ZONE) for at, query in enumerate(made)}
    judges = bench(checked, profile.currency, ZONE)
    lines = sum(len(order.lines) for order in profile.orders)
    judged = cpu(lambda: judges.judge(profile, NOW))
    floor = cpu(lambda: {at: belongs(one, profile) for at, one in checked.items()})
    print(
        f"{len(made)} segments, one person with {lines} order lines: {judged:.2f} ms with their next instants; "
        f"evaluate alone {floor:.2f} ms; ratio {judged / floor:.2f}"
    )


def events(shop_id: int, size: int) -> float:
    took: list[float] = []
    for number in range(100, 100 + ROUNDS):
        with transaction() as tx:
            began = time.process_time()
            news.take(tx, shop_id, [an_order(shop_id, number, number, NOW)], NOW)
            took.append((time.process_time() - began) * 1e3)
    with transaction() as tx:
        content = cpu(lambda: benches.of_shop(tx, shop_id))
        kept = membership.due(tx, NOW + timedelta(days=400), 10, 10)
    cost = statistics.median(took)
    print(f"{size:>9,} people: an order with all that follows {cost:.2f} ms of CPU (asking for segments {content:.2f})")
    if not kept:
        raise SystemExit("nobody has a timer")
    return cost


def cpu(act: Callable[[], object]) -> float:
    """Milliseconds, the median of some."""
    act()
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        took.append((time.process_time() - began) * 1e3)
    return statistics.median(took)


def settle(tx: Tx, shop_id: int, size: int) -> None:
    for numbers in batches(range(1, size + 1), 10_000):
        rows = [
            {
                "shop_id": shop_id,
                "customer_id": number,
                "created_at": NOW,
                "number_of_orders": number % 5,
                "amount_spent": number % 5 * 1_000,
                "last_order_at": NOW - timedelta(days=number % 300) if number % 5 else None,
            }
            for number in numbers
        ]
        tx.execute(insert(tables.people), rows)


def an_order(shop_id: int, customer_id: int, number: int, at: datetime) -> OrderChanged:
    lines = tuple(Line(100 + piece, 1, "Line", 1, 1_000) for piece in range(2))
    return OrderChanged(
        order_id=shop_id * 10**9 + customer_id * 1_000 + number,
        name=f"#{number}",
        customer_id=customer_id,
        placed_at=at,
        updated_at=at,
        cancelled_at=None,
        currency="GBP",
        total=2_000,
        refunds=(),
        test=False,
        lines=lines,
    )


def queries(count: int) -> list[str]:
    """All different, as merchants write them: sums, windows, products, tags."""
    kinds: list[Callable[[int], str]] = [
        lambda n: f"number_of_orders > {n % 7} AND last_order_date >= -{10 + n}d",
        lambda n: f"amount_spent > {n} AND customer_tags NOT CONTAINS 'tag {n}'",
        lambda n: f"products_purchased MATCHES (id = {100 + n % 40}, date >= -{5 + n}d)",
        lambda n: f"orders_placed MATCHES (date BETWEEN -{n + 40}d AND -{n % 30}d, count > {n % 4})",
        lambda n: f"last_order_date < -{n}d OR customer_tags CONTAINS 'tag {n}'",
        lambda n: (
            f"products_purchased NOT MATCHES (id IN ({n}, {n + 1}), date >= -{n % 12 + 1}m) AND number_of_orders > 1"
        ),
        lambda n: (
            f"customer_countries CONTAINS 'GB' AND email_subscription_status = 'SUBSCRIBED' AND amount_spent > {n}"
        ),
        lambda n: f"push_subscribed = true AND first_order_date > -{n + 1}w",
    ]
    return [kinds[n % len(kinds)](n) for n in range(count)]


if __name__ == "__main__":
    main()
