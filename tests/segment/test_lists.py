"""Static lists: files of any make name people, each import says what became of it and can be taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import main
from plugin.audience.select import reach
from plugin.base.errors import BeckonError, NotFound
from plugin.profile import identity
from plugin.segment import saved as segments
from plugin.segment.errors import SegmentError
from plugin.segment.lists import members, saved
from plugin.segment.lists.read import Named, read
from plugin.store.engine import Tx, transaction
from plugin.store.tables import list_members, shops
from tests.conftest import NOON
from tests.factories import make_person

VISITOR = "4f1c7b52-9f70-4a2e-8f4e-0a1b2c3d4e5f"


def test_a_file_is_read_as_spreadsheets_and_shopify_write_it() -> None:
    export = b"\xef\xbb\xbfCustomer ID,First Name,Email\r\n'17850,Ann,ann@example.com\r\n,,\r\n,Ben,BEN@example.com\r\n"
    assert read(export) == [Named(2, "customer", "17850"), Named(4, "email", "ben@example.com")]
    assert read("id;name\n17850;Zoë\n".encode("cp1252"))[0] == Named(2, "customer", "17850")
    assert read(f"gid://shopify/Customer/17850\n\n{VISITOR}\nnobody here\n") == [
        Named(1, "customer", "17850"),
        Named(3, "visitor", VISITOR),
        Named(4, None, ""),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nobody in it"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        (b"name,town\nAnn,Leeds\n", "No column"),
        (b"9" * 20_000_001, "too large"),
        (b"1\n" * 200_001, "too many rows"),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(BeckonError, match=said):
        read(content)


def test_an_import_says_whom_it_found_and_which_rows_name_nobody(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=17850)
    make_person(tx, shop_id, customer_id=13047, customer_deleted_at=NOON)
    ben = identity.person_of(tx, shop_id, visitor=VISITOR, customer_id=None, now=NOON)
    fair = saved.create(tx, shop_id, "Fair 2026", NOON)

    report = members.put(tx, shop_id, fair, read(f"17850\n13047\n99\n{VISITOR}\n17850"), "text", "Pasted", NOON)

    assert report.people == {ann, ben}
    assert report.sentence == "2 found, 2 not found: rows 2, 3."
    assert reach(tx, shop_id, "in_list('fair 2026')", NOON).members == 2
    again = members.put(tx, shop_id, fair, read("17850"), "text", "Pasted", NOON)
    assert again.sentence == "1 found, 1 of them on the list already."


def test_emails_name_people_only_where_the_store_keeps_them(tx: Tx, shop_id: int) -> None:
    make_person(tx, shop_id, customer_id=17850, email="Ann@Example.com")
    fair = saved.create(tx, shop_id, "Fair", NOON)
    with pytest.raises(BeckonError, match="switch e-mail addresses on"):
        members.put(tx, shop_id, fair, read("ann@example.com"), "text", "Pasted", NOON)
    tx.execute(shops.update().values(keeps_email=True))
    assert members.put(tx, shop_id, fair, read("ann@example.com"), "text", "Pasted", NOON).found == 1


def test_taking_an_import_back_leaves_those_whom_another_put_there(tx: Tx, shop_id: int) -> None:
    ann, ben = (make_person(tx, shop_id, customer_id=number) for number in (1, 2))
    fair = saved.create(tx, shop_id, "Fair", NOON)
    members.put(tx, shop_id, fair, read("1"), "text", "Pasted", NOON)
    second = members.put(tx, shop_id, fair, read("1\n2"), "text", "Pasted", NOON)

    assert members.take_back(tx, shop_id, second.import_id, NOON) == {ben}
    assert tx.execute(select(list_members.c.person_id)).scalars().all() == [ann]
    with pytest.raises(NotFound):
        members.take_back(tx, shop_id, second.import_id, NOON)


def test_of_two_who_become_one_the_one_is_on_the_list_once(tx: Tx, shop_id: int) -> None:
    ann = make_person(tx, shop_id, customer_id=17850)
    browser = make_person(tx, shop_id)
    fair, gold = (saved.create(tx, shop_id, name, NOON) for name in ("Fair", "Gold"))
    members.put_people(tx, shop_id, fair, {ann, browser}, "A segment", NOON)
    members.put_people(tx, shop_id, gold, {browser}, "A segment", NOON)

    identity.merge(tx, shop_id, gone=browser, kept=ann, now=NOON)

    on_it = tx.execute(select(list_members.c.list_id, list_members.c.person_id)).all()
    assert sorted(map(tuple, on_it)) == [(fair, ann), (gold, ann)]


def test_a_list_that_a_segment_asks_for_stays_and_keeps_its_name(tx: Tx, shop_id: int) -> None:
    fair = saved.create(tx, shop_id, "Fair  2026", NOON)
    segments.create(tx, shop_id, "Guests", "NOT in_list('FAIR 2026')", NOON)
    with pytest.raises(BeckonError, match="“Guests” asks"):
        saved.delete(tx, shop_id, fair)
    with pytest.raises(BeckonError, match="“Guests” asks"):
        saved.rename(tx, shop_id, fair, "Fair 2027", NOON)
    saved.rename(tx, shop_id, fair, "FAIR 2026", NOON + timedelta(days=1))
    assert saved.find(tx, shop_id, fair).name == "FAIR 2026"


def test_a_segment_that_asks_for_a_list_that_is_not_there_is_not_saved(tx: Tx, shop_id: int) -> None:
    saved.create(tx, shop_id, "Fair 2026", NOON)
    with pytest.raises(SegmentError, match=r"no list 'Fair 2025'\. Did you mean 'Fair 2026'\?") as refused:
        segments.create(tx, shop_id, "Guests", "number_of_orders > 1 AND NOT in_list('Fair 2025')", NOON)
    assert refused.value.query[refused.value.start : refused.value.end] == "'Fair 2025'"


def test_the_command_line_fills_a_list_and_says_what_became_of_it(shop: int, tmp_path: Path) -> None:
    with transaction() as tx:
        make_person(tx, shop, customer_id=17850)
    (tmp_path / "fair.csv").write_text("customer_id\n17850\n99\n")
    words = ["list", "import", "--shop", "vanta.myshopify.com", "Fair 2026", str(tmp_path / "fair.csv")]

    told = CliRunner().invoke(main, words)

    assert (told.exit_code, told.output) == (0, "1 found, 1 not found: row 3.\n")
    shown = CliRunner().invoke(main, ["list", "show", "--shop", "vanta.myshopify.com"])
    assert "Fair 2026  1" in shown.output
