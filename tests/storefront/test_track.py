"""What visitors look at, the carts they fill, and the receipts of their browsers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin.store import tables
from plugin.store.engine import transaction
from plugin.storefront.pace import MOST
from tests.factories import make_delivery, make_person, make_subscription

from .conftest import Storefront
from .shoppers import ANN, look, opt_in


def views() -> list[Any]:
    with transaction() as tx:
        return list(tx.execute(select(tables.views)))


def test_a_view_is_kept_once_however_often_it_is_sent(storefront: Storefront) -> None:
    assert storefront.post("track", look()).get_json() == {}
    storefront.post("track", look())
    [hers] = views()
    assert (hers.product_id, hers.at) == (42, storefront.now - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2026-11-18T13:00:00Z", timedelta(0)),  # a clock ahead
        ("2020-01-01T00:00:00+02:00", -timedelta(days=30)),
        ("0001-01-01T00:00:00+10:00", -timedelta(days=30)),
        ("9999-12-31T23:59:59-10:00", timedelta(0)),
    ],
)
def test_a_browsers_clock_may_be_wrong(storefront: Storefront, said: str, kept: timedelta) -> None:
    assert storefront.post("track", look(at=said)).status_code == 200
    assert views()[0].at == storefront.now + kept


def test_a_cart_is_tied_to_its_visitor_without_its_key(storefront: Storefront) -> None:
    storefront.post("track", {"visitor": ANN, "cart_token": "Z2NwLXVz?key=abc"})
    with transaction() as tx:
        assert tx.execute(select(tables.visitors.c.cart_token)).scalar_one() == "Z2NwLXVz"


def test_opting_in_ties_the_cart_as_well(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in(cart_token="Z2NwLXVz"))
    with transaction() as tx:
        assert tx.execute(select(tables.visitors.c.cart_token)).scalar_one() == "Z2NwLXVz"


def test_pages_articles_and_favourites_are_kept_each_with_what_it_is_about(storefront: Storefront) -> None:
    told = [
        {"kind": "page_viewed", "page": {"path": "/blogs/news/wool", "referrer": "duckduckgo.com"}},
        {"kind": "article_read", "article_id": "7", "handle": "news/wool", "title": "Wool", "tags": ["Wool", " care "]},
        {"kind": "favourited", "product_id": "42"},
        {"kind": "unfavourited", "product_id": "42"},
        {"kind": "favourited", "product_id": "42"},  # deeds count each, looks within half a minute do not
        {"kind": "page_viewed", "page": {"path": "/blogs/news/wool"}},
    ]
    seen = [{"id": f"view-{number:04}", "at": "2026-11-18T11:59:00Z"} | one for number, one in enumerate(told)]
    for view in seen:
        assert storefront.post("track", {"visitor": ANN, "views": [view]}).status_code == 200
    assert [(row.title, row.tags_key) for row in views() if row.article_id] == [("Wool", "\ncare\nwool\n")]
    assert [(row.kind, row.product_id, row.article_id, row.blog, row.handle, row.path) for row in views()] == [
        ("page_viewed", None, None, None, None, "/blogs/news/wool"),
        ("article_read", None, 7, "news", "wool", None),
        ("favourited", 42, None, None, None, None),
        ("unfavourited", 42, None, None, None, None),
        ("favourited", 42, None, None, None, None),
    ]


def test_staying_makes_a_visit_longer(storefront: Storefront) -> None:
    page = {"id": "view-0001", "kind": "page_viewed", "at": "2026-11-18T11:50:00Z", "page": {"path": "/"}}
    storefront.post("track", {"visitor": ANN, "views": [page]})
    storefront.post("track", {"visitor": ANN, "stayed_at": "2026-11-18T11:53:20Z"})
    with transaction() as tx:
        assert tx.execute(select(tables.visits.c.seconds)).scalar_one() == 200


def test_one_browser_may_not_fill_the_database(storefront: Storefront, shop: int) -> None:
    storefront.post("track", look())
    with transaction() as tx:
        row = {"shop_id": shop, "kind": "favourited", "at": storefront.now}
        row["person_id"] = tx.execute(select(tables.people.c.id)).scalar_one()
        tx.execute(tables.views.insert(), [row | {"event_id": f"event-{number}"} for number in range(MOST)])
    assert storefront.post("track", look(id="one-too-many")).status_code == 429
    assert storefront.post("track", {"visitor": ANN, "cart_token": "Z2NwLXVz"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (look(product_id="42; DROP"), "product_id does not look like one of ours"),
        (look(product_id="9223372036854775808"), "product_id is longer"),
        (look(at="yesterday"), "at is not an instant"),
        (look(at="2026-11-18T12:00:00"), "at has no time zone"),
        (look(kind="bought"), "kind must be one of"),
        (look(kind="article_read"), "handle is missing"),
        (look(kind="article_read", handle="news/wool", article_id="7", tags="wool"), "tags must be a list"),
        (look(kind="article_read", handle="news/wool", article_id="7", tags=[7]), "a tag must be text"),
        (look(kind="page_viewed"), "page must be a JSON object"),
        ({"visitor": ANN, "stayed_at": "soon"}, "stayed_at is not an instant"),
        (look(id="x"), "id does not look like one of ours"),
        ({"visitor": ANN, "views": "none"}, "views must be a list"),
        ({"visitor": ANN, "views": [{}] * 21}, "views must be a list of at most 20"),
        ({"visitor": ANN, "views": [7]}, "A view must be a JSON object"),
        ([], "The body must be a JSON object"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(storefront: Storefront, body: Any, sentence: str) -> None:
    answer = storefront.post("track", body)
    assert answer.status_code == 400
    assert sentence in answer.get_json()["error"]
    assert views() == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 9_000, b'{"visitor": 1e999999}'])
def test_what_is_no_json_is_refused(storefront: Storefront, raw: bytes) -> None:
    answer = storefront.client.post("/proxy/track", data=raw, query_string=storefront.signed())
    assert answer.status_code == 400


def test_a_huge_body_is_not_read(storefront: Storefront) -> None:
    answer = storefront.client.post("/proxy/track", data=b"x" * 20_000, query_string=storefront.signed())
    assert answer.status_code == 413
    assert "longer than" in answer.get_json()["error"]


def test_a_receipt_is_kept_once_and_a_click_implies_shown(storefront: Storefront, shop: int) -> None:
    with transaction() as tx:
        ann = make_subscription(tx, shop, of=make_person(tx, shop))
        make_delivery(tx, shop, to=ann, token="abcdefgh12345678", state="sent")
    for _ in range(2):
        receipt = {"delivery": "abcdefgh12345678", "kind": "clicked"}
        assert storefront.post("receipt", receipt).get_json() == {}
    with transaction() as tx:
        assert sorted(tx.execute(select(tables.facts.c.kind)).scalars()) == ["clicked", "shown"]


def test_a_receipt_for_nothing_of_ours_changes_nothing(storefront: Storefront) -> None:
    assert storefront.post("receipt", {"delivery": "nothing-of-ours", "kind": "shown"}).status_code == 200
    assert storefront.post("receipt", {"delivery": "nothing-of-ours", "kind": "bought"}).status_code == 400
    with transaction() as tx:
        assert tx.execute(select(tables.facts)).all() == []
