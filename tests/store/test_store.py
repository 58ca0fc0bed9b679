"""The store keeps what it is given, alike on both databases."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, update

from plugin.base.errors import Unreadable
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.types import major_units, minor_units
from plugin.store.upsert import among, insert_alike, insert_new, upsert
from tests.factories import make_person, make_product, make_shop


def test_instants_come_back_in_utc_and_aware(tx: Tx) -> None:
    in_warsaw = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    shop_id = make_shop(tx, installed_at=in_warsaw)
    kept = tx.execute(select(tables.shops.c.installed_at).where(tables.shops.c.id == shop_id)).scalar_one()
    assert kept == in_warsaw
    assert kept.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(tx: Tx) -> None:
    with pytest.raises(Exception, match="has no zone"):
        make_shop(tx, installed_at=datetime(2026, 7, 1))  # noqa: DTZ001


def test_ids_beyond_two_to_the_53_are_kept_exactly(tx: Tx, shop_id: int) -> None:
    product = make_product(tx, shop_id, product_id=2**63 - 1)
    assert tx.execute(select(tables.products.c.product_id)).scalar_one() == product == 9223372036854775807


def test_upsert_never_goes_back_in_time(tx: Tx, shop_id: int) -> None:
    def title_at(title: str, day: int) -> int:
        row = {
            "shop_id": shop_id,
            "product_id": 7,
            "title": title,
            "handle": "x",
            "status": "active",
            "updated_at": datetime(2026, 1, day, tzinfo=UTC),
        }
        return upsert(tx, tables.products, [row], key=("shop_id", "product_id"), newer="updated_at")

    assert title_at("second", 2) == 1
    assert title_at("first, late", 1) == 0
    assert tx.execute(select(tables.products.c.title)).scalar_one() == "second"


def test_insert_new_counts_only_what_went_in(tx: Tx, shop_id: int) -> None:
    person = make_person(tx, shop_id)
    rows = [{"shop_id": shop_id, "person_id": person, "source_id": person, "country": c} for c in ("GB", "IE")]
    assert insert_new(tx, tables.person_countries, rows) == 2
    assert insert_new(tx, tables.person_countries, rows) == 0


@pytest.mark.parametrize("many", [0, 1, 2_000])
def test_among_finds_what_in_finds(tx: Tx, shop_id: int, many: int) -> None:
    ids = [make_person(tx, shop_id) for _ in range(5)]
    asked = [*ids[1:4], *range(10**12, 10**12 + many)]
    people = tables.people.c.id

    assert set(tx.execute(select(people).where(among(people, asked))).scalars()) == set(ids[1:4])
    assert set(tx.execute(select(people).where(~among(people, asked))).scalars()) == {ids[0], ids[4]}
    assert tx.execute(select(people).where(among(people, []))).all() == []


def test_among_is_asked_anew_each_time(tx: Tx, shop_id: int) -> None:
    """The statement is the same, what it is asked about is not."""
    people = tables.people
    for person_id in [make_person(tx, shop_id) for _ in range(3)]:
        changed = update(people).where(among(people.c.id, [person_id])).values(first_name="Ann")
        assert tx.execute(changed.returning(people.c.id)).scalars().all() == [person_id]


def test_insert_alike_writes_what_rows_have_in_common_and_what_they_have_not(tx: Tx, shop_id: int) -> None:
    soon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    alike = {"shop_id": shop_id, "customer_added_at": soon, "created_at": soon}

    ids = insert_alike(tx, tables.people, alike, {"customer_id": [7, None, 7], "first_name": ["Ann", None, "Bob"]})

    rows = tx.execute(select(tables.people).where(among(tables.people.c.id, ids))).all()
    assert sorted((row.customer_id or 0, row.first_name) for row in rows) == [(0, None), (7, "Ann")]
    assert {row.customer_added_at for row in rows} == {soon}
    assert insert_alike(tx, tables.people, alike, {"customer_id": [], "first_name": []}) == []


def test_insert_alike_keeps_every_text_as_it_is(tx: Tx, shop_id: int) -> None:
    texts = [
        '"',
        "\\",
        '\\"',
        ",",
        "{",
        "}",
        "{a,b}",
        "",
        " ",
        "NULL",
        "null",
        "\n",
        "'",
        "\N{SNOWMAN}",
        '","',
        "a\\",
        None,
    ]
    alike = {"shop_id": shop_id, "created_at": datetime(2026, 11, 18, 12, tzinfo=UTC)}

    ids = insert_alike(tx, tables.people, alike, {"customer_id": list(range(len(texts))), "first_name": texts})

    of = tables.people.c
    kept = tx.execute(select(of.first_name).where(among(of.id, ids)).order_by(of.customer_id)).scalars().all()
    assert kept == texts


def test_a_snapshot_reads_while_a_writer_writes(store: str) -> None:
    with transaction() as tx:
        make_shop(tx)
    with transaction() as tx:
        make_shop(tx, domain="other.myshopify.com")
        with snapshot() as reader:
            assert len(reader.execute(select(tables.shops.c.id)).all()) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.34", "GBP", 1234), ("1200", "JPY", 1200), ("1.2345", "KWD", 1234), ("-3", "USD", -300)],
)
def test_money_is_exact(amount: str, currency: str, minor: int) -> None:
    assert minor_units(amount, currency) == minor


@pytest.mark.parametrize("amount", ["", "NaN", "1e400", "£3", None, "Infinity"])
def test_what_is_not_money_is_named(amount: str) -> None:
    with pytest.raises(Unreadable, match="not an amount"):
        minor_units(amount, "GBP")


def test_money_reads_back() -> None:
    assert str(major_units(1234, "GBP")) == "12.34"


WRITER = """
import sys
from sqlalchemy import update
from plugin.store.engine import open_store, transaction
from plugin.store.tables import shops
open_store(sys.argv[1])
for _ in range(100):
    with transaction() as tx:
        tx.execute(update(shops).values(name=shops.c.name + "."))
"""


def test_processes_that_write_at_the_same_time_wait_for_each_other(store: str, shop: int) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, store]) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with snapshot() as tx:
        assert tx.execute(select(tables.shops.c.name)).scalar_one() == "Vanta Outdoor" + "." * 300
