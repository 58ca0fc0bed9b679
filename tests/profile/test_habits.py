"""What people like, inferred by the database as plain Python infers it, with one answer where several are equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin.profile import habits, measures
from plugin.profile.load import load
from plugin.profile.measures import Measures
from plugin.store.engine import Tx, engine
from plugin.store.tables import order_discounts, order_lines, views
from tests.conftest import NOON
from tests.factories import make_order, make_person, make_product, make_shop

KINDS = {1: ("Lamp", "Nordlys"), 2: ("Lamp", "Hygge"), 3: ("Chair", "Hygge"), 4: (None, "")}
PRICES = (50, 100)
MEASURED = Measures(NOON, (), (1,), (), PRICES)

Line = tuple[int, int, int]
Order = tuple[int, tuple[Line, ...], bool]


def plain_favourite(rows: Iterable[tuple[Any, int, Any, int]]) -> Any:
    """Of (value, times, at, tie) the value that most times are of; then the latest, then the smallest tie."""
    times: dict[Any, int] = defaultdict(int)
    last: dict[Any, Any] = {}
    ties: dict[Any, int] = {}
    for value, count, at, tie in rows:
        times[value] += count
        last[value] = max(last.get(value, at), at)
        ties[value] = min(ties.get(value, tie), tie)
    best = sorted(times, key=lambda value: (times[value], last[value], -ties[value]))
    return best[-1] if best else None


lines = st.tuples(st.sampled_from(sorted(KINDS)), st.integers(1, 3), st.sampled_from((50, 51, 100, 101)))
bought = st.lists(
    st.tuples(st.integers(0, 3), st.lists(lines, min_size=1, max_size=3).map(tuple), st.booleans()), max_size=4
)
looked = st.lists(st.tuples(st.integers(0, 3), st.sampled_from((1, 2, 3))), max_size=5)


@given(placed=bought, seen=looked)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_habits_are_those_of_plain_python(store: str, placed: list[Order], seen: list[tuple[int, int]]) -> None:
    with engine().connect() as tx:  # nothing is committed
        shop_id = make_shop(tx)
        for number, (kind, vendor) in KINDS.items():
            make_product(tx, shop_id, product_id=number, product_type=kind, vendor=vendor)
        ann = make_person(tx, shop_id)
        for hours, some, cheaper in placed:
            _order(tx, shop_id, ann, hours, some, cheaper=cheaper)
        for n, (hours, product) in enumerate(seen):
            look = {"shop_id": shop_id, "person_id": ann, "event_id": f"e{n}", "kind": "product_viewed"}
            tx.execute(views.insert().values(**look, product_id=product, at=NOON + timedelta(hours=hours)))

        habits.recompute(tx, shop_id, [ann], MEASURED)

        found = load(tx, shop_id, ann).habits
        flat = [(hours, *line) for hours, some, _ in placed for line in some]

        def pieces(value: Callable[[int, int], Any]) -> Any:
            told = [(value(p, price), quantity, hours, p) for hours, p, quantity, price in flat]
            return plain_favourite(row for row in told if row[0])

        assert found.category == pieces(lambda product, _: KINDS[product][0])
        assert found.vendor == pieces(lambda product, _: KINDS[product][1])
        bands = [(_band(price), quantity, hours, _band(price)) for hours, _, quantity, price in flat]
        band = plain_favourite(bands)
        assert found.price_band == (None if band is None else habits.BANDS[band])
        assert found.hour == plain_favourite((12 + hours, 1, hours, hours) for hours, _, _ in placed)
        assert found.weekday == (3 if placed else None)
        with_discount = sum(cheaper for *_, cheaper in placed)
        assert found.discounts == (2 * with_discount >= len(placed) if placed else None)
        assert found.most_viewed == plain_favourite((product, 1, hours, product) for hours, product in seen)


def _band(price: int) -> int:
    return 0 if price <= PRICES[0] else 1 if price <= PRICES[1] else 2


def _order(tx: Tx, shop_id: int, person: int, hours: int, some: tuple[Line, ...], *, cheaper: bool) -> None:
    at = NOON + timedelta(hours=hours)
    told = {"hour": at.hour, "weekday": at.isoweekday()}
    order_id = make_order(tx, shop_id, of=person, placed_at=at, lines=[(p, q) for p, q, _ in some], **told)
    for position, (_, _, price) in enumerate(some):
        mine = order_lines.c.order_id == order_id, order_lines.c.position == position
        tx.execute(order_lines.update().where(*mine).values(price=price))
    if cheaper:
        code = {"shop_id": shop_id, "order_id": order_id, "kind": "code", "code": "TEN", "key": "ten"}
        tx.execute(order_discounts.insert().values(code))


def test_who_did_nothing_has_no_habits_and_tests_and_deleted_orders_are_none(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=17850)
    make_order(tx, shop_id, of=ann, placed_at=NOON, test=True, hour=12)
    make_order(tx, shop_id, of=ann, placed_at=NOON, deleted_at=NOON, hour=12)
    habits.recompute(tx, shop_id, [ann], MEASURED)
    assert load(tx, shop_id, ann).habits == load(tx, shop_id, make_person(tx, shop_id)).habits


def test_what_was_bought_in_no_piece_is_no_favourite(tx: Tx, shop_id: int) -> None:
    make_product(tx, shop_id, product_id=1, product_type="Lamp", vendor="Nordlys")
    ann = make_person(tx, shop_id, customer_id=17850)
    make_order(tx, shop_id, of=ann, placed_at=NOON, lines=[(1, 0)], hour=12)
    habits.recompute(tx, shop_id, [ann], MEASURED)
    found = load(tx, shop_id, ann).habits
    assert (found.category, found.vendor, found.price_band, found.hour) == (None, None, None, 12)


def test_the_thirds_of_prices_are_those_of_pieces_not_of_lines(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=17850, number_of_orders=3, last_order_at=NOON)
    for price, pieces in ((100, 98), (200, 1), (300, 1)):
        make_order(tx, shop_id, of=ann, placed_at=NOON, total=price, lines=[(1, pieces)])
    measures.take(tx, shop_id, NOON)
    measured = measures.of(tx, shop_id)
    assert measured is not None
    assert measured.prices == (100, 100), "two thirds of a hundred pieces cost a pound"
