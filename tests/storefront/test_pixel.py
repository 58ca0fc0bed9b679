"""What the web pixel posts: anybody may, from anywhere, so it is believed as little as it needs to be."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from plugin.base.errors import Unreadable
from plugin.store import tables
from plugin.store.engine import transaction
from plugin.storefront.pixel import MOST, blueprint
from plugin.storefront.told import EVENTS, told
from tests.conftest import NOON
from tests.factories import make_pixel, make_shop

from .conftest import Storefront
from .shoppers import ANN, BEA, look

KEY = "k" * 32
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
GRANTED = {"analytics": True, "marketing": False, "preferences": True, "sale_of_data": False}


def event(name: str = "product_viewed", **changes: Any) -> dict[str, Any]:
    return {
        "id": "sh-88153c5a-8F2D-4CCA-3231-EF5C032A4C3B",
        "name": name,
        "at": "2026-11-18T11:59:30.123Z",
        "visitor": ANN,
        "consent": GRANTED,
        "product": "42",
    } | changes


class Pixel:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def tells(self, body: Any = None, key: str = KEY, **changes: Any) -> TestResponse:
        """As the strict sandbox does: text, so that no leave is asked beforehand."""
        raw = body if isinstance(body, bytes) else json.dumps(event(**changes) if body is None else body)
        headers = {"Origin": "null", "Content-Type": "text/plain", "User-Agent": IPHONE}
        return self.client.post(f"/pixel/{key}", data=raw, headers=headers)


@pytest.fixture
def pixel(shop: int, at_noon: datetime) -> Pixel:
    with transaction() as tx:
        make_pixel(tx, shop, key=KEY)
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    return Pixel(app.test_client())


@pytest.fixture
def ann(storefront: Storefront) -> None:
    """Ann's browser told of itself through the signed proxy."""
    assert storefront.post("track", {"visitor": ANN, "views": []}).status_code == 200


def views() -> list[Any]:
    with transaction() as tx:
        return list(tx.execute(select(tables.views).order_by(tables.views.c.id)))


def count(table: Any) -> int:
    with transaction() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"product": "gid://shopify/Product/9223372036854775807"}, ("product_viewed", 2**63 - 1, None, None)),
        ({"name": "collection_viewed", "collection": "7"}, ("collection_viewed", None, 7, None)),
        ({"name": "search_submitted", "words": "żółta lampa"}, ("searched", None, None, "żółta lampa")),
        ({"name": "search_submitted"}, ("searched", None, None, None)),
        ({"name": "cart_viewed"}, ("cart_viewed", None, None, None)),
        ({"name": "product_added_to_cart"}, ("added_to_cart", 42, None, None)),
        ({"name": "product_removed_from_cart"}, ("removed_from_cart", 42, None, None)),
        ({"name": "checkout_started"}, ("checkout_started", None, None, None)),
        ({"name": "checkout_completed"}, ("checkout_completed", None, None, None)),
    ],
)
def test_each_standard_event_is_kept_with_the_one_thing_it_is_about(
    pixel: Pixel, told: dict[str, Any], kept: tuple[Any, ...]
) -> None:
    assert pixel.tells(**told).status_code == 202
    [hers] = views()
    assert (hers.kind, hers.product_id, hers.collection_id, hers.words) == kept


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("token", "kept"),
    [("Z2NwLXVzLWVhc3Qx", "Z2NwLXVzLWVhc3Qx"), ("a b", None), ("short", None), ("x" * 256, None), (None, None)],
)
def test_a_checkout_is_kept_with_its_token_and_without_one_that_is_none(
    pixel: Pixel, token: str | None, kept: str | None
) -> None:
    assert pixel.tells(name="checkout_started", checkout=token).status_code == 202
    assert [hers.checkout_token for hers in views()] == [kept]


@pytest.mark.usefixtures("ann")
def test_a_page_is_kept_with_the_way_there_and_opens_a_visit(pixel: Pixel) -> None:
    page = {
        "path": "/products/lamp?variant=1#top",
        "referrer": "www.Google.com",
        "utm_source": "News Letter",
        "utm_campaign": "ann@example.com",
        "language": "de-CH",
    }
    assert pixel.tells(name="page_viewed", page=page).status_code == 202
    assert pixel.tells(id="sh-another-one", at="2026-11-18T11:59:59Z").status_code == 202
    assert [(row.kind, row.path) for row in views()] == [("page_viewed", "/products/lamp"), ("product_viewed", None)]
    with transaction() as tx:
        [visit] = tx.execute(select(tables.visits)).all()
    assert (visit.pages, visit.seconds, visit.landing, visit.referrer) == (1, 28, "/products/lamp", "google.com")
    assert (visit.utm_source, visit.utm_medium, visit.utm_campaign) == ("news letter", None, None)
    assert (visit.device, visit.platform, visit.browser, visit.language) == ("mobile", "iOS", "Safari", "de")


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("/orders/8f3a0c/authenticate?key=1", "/orders"),
        ("/de/checkouts/cn/Z2NwLXVz", "/de/checkouts"),
        ("/account/login", "/account"),
        ("/orders-of-the-phoenix", "/orders-of-the-phoenix"),
        ("/pages/ann@example.com", "/"),
        ("products/lamp/", "/products/lamp"),
    ],
)
def test_an_address_names_nobody(pixel: Pixel, told: str, kept: str) -> None:
    assert pixel.tells(name="page_viewed", page={"path": told}).status_code == 202
    assert [row.path for row in views()] == [kept]


@pytest.mark.usefixtures("ann")
def test_an_event_that_comes_twice_is_kept_once(pixel: Pixel) -> None:
    for _ in range(2):
        assert pixel.tells(name="cart_viewed").status_code == 202
    assert len(views()) == 1


@pytest.mark.usefixtures("ann")
def test_a_page_of_an_older_pixel_is_a_sign_of_life_and_no_row(pixel: Pixel) -> None:
    assert pixel.tells(name="page_viewed").status_code == 202
    assert views() == []
    with transaction() as tx:
        assert tx.execute(select(tables.pixels.c.heard_at)).scalar_one() == NOON


@pytest.mark.parametrize(
    "consent", [None, {}, {"analytics": False}, {"analytics": "yes"}, {"marketing": True}, GRANTED | {"analytics": 1}]
)
@pytest.mark.usefixtures("ann")
def test_without_consent_nothing_is_kept(pixel: Pixel, consent: Any) -> None:
    assert pixel.tells(consent=consent).status_code == 204
    assert views() == []


def test_a_visitor_whom_nobody_signed_for_becomes_no_person(pixel: Pixel) -> None:
    assert pixel.tells(visitor=BEA).status_code == 204
    assert (count(tables.people), count(tables.visitors), count(tables.views)) == (0, 0, 0)


@pytest.mark.usefixtures("ann")
def test_a_key_reaches_its_own_shop_alone(pixel: Pixel) -> None:
    with transaction() as tx:
        make_pixel(tx, make_shop(tx, "other.myshopify.com"), key="o" * 32)
    assert pixel.tells(key="o" * 32).status_code == 204  # Ann is not known there
    assert views() == []


@pytest.mark.parametrize("key", ["nobody's", "k" * 31, "%00", "' OR 1=1"])
def test_a_key_that_is_nobodys_is_told_nothing(pixel: Pixel, key: str) -> None:
    answer = pixel.tells(key=key)
    assert (answer.status_code, answer.data) == (404, b"")


@pytest.mark.usefixtures("ann")
def test_a_shop_that_left_is_told_of_nobody(pixel: Pixel, shop: int) -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(uninstalled_at=NOON))
    assert pixel.tells().status_code == 404


@pytest.mark.usefixtures("ann")
def test_one_visit_is_one_view_whoever_tells_of_it_first(pixel: Pixel, storefront: Storefront) -> None:
    """On a first visit the script does not know yet that the pixel works: both tell."""
    storefront.post("track", look(at="2026-11-18T11:59:00Z"))
    pixel.tells(at="2026-11-18T11:59:05Z")
    assert [view.product_id for view in views()] == [42]

    pixel.tells(id="sh-second-look", product="43", at="2026-11-18T11:59:40Z")
    storefront.post("track", look(id="look-of-the-script", product_id="43", at="2026-11-18T11:59:38Z"))
    assert [view.product_id for view in views()] == [42, 43]

    pixel.tells(id="sh-she-came-back", at="2026-11-18T11:59:50Z")
    assert [view.product_id for view in views()] == [42, 43, 42]


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("said", "kept"), [("2020-01-01T00:00:00Z", NOON - timedelta(hours=1)), ("2099-01-01T00:00:00Z", NOON)]
)
def test_a_clock_may_be_wrong(pixel: Pixel, said: str, kept: datetime) -> None:
    pixel.tells(at=said)
    assert views()[0].at == kept


@pytest.mark.usefixtures("ann")
def test_one_browser_may_not_fill_the_database(pixel: Pixel) -> None:
    with transaction() as tx:
        person_id = tx.execute(select(tables.visitors.c.person_id)).scalar_one()
        shop_id = tx.execute(select(tables.shops.c.id)).scalar_one()
        row = {"shop_id": shop_id, "person_id": person_id, "kind": "cart_viewed", "at": NOON}
        tx.execute(tables.views.insert(), [row | {"event_id": f"event-{number}"} for number in range(MOST)])
    answer = pixel.tells()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert len(views()) == MOST


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "clicked"}, "is not an event that Beckon takes"),
        ({"name": None}, '"name" is missing'),
        ({"visitor": "Ann's"}, '"visitor" does not look like one of ours'),
        ({"id": "x"}, '"id" does not look like one of ours'),
        ({"at": "yesterday"}, '"at" is not an instant'),
        ({"product": "9223372036854775808"}, '"product" is not an id'),
        ({"product": None}, '"product" is missing'),
        ({"name": "search_submitted", "words": "x" * 101}, '"words" is longer than 100'),
        ({"consent": "yes"}, '"consent" is not an object'),
        ({"name": "page_viewed", "page": "/"}, '"page" is not an object'),
        ({"name": "page_viewed", "page": {}}, '"page.path" is missing'),
        ({"name": "page_viewed", "page": {"path": "/" + "x" * 2_000}}, '"page.path" is longer'),
    ],
)
def test_what_cannot_be_used_is_named(pixel: Pixel, changes: dict[str, Any], sentence: str) -> None:
    answer = pixel.tells(**changes)
    assert answer.status_code == 400
    assert sentence in answer.get_json()["error"]
    assert views() == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"[" * 8_000])
def test_what_is_no_object_is_refused(pixel: Pixel, raw: bytes) -> None:
    assert pixel.tells(raw).status_code == 400


def test_a_long_body_is_not_read(pixel: Pixel) -> None:
    assert pixel.tells(b"x" * 9_000).status_code == 413


def test_a_worker_of_any_origin_may_post(pixel: Pixel) -> None:
    asked = pixel.client.options(f"/pixel/{KEY}", headers={"Origin": "null", "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Methods"] == "POST"
    for answer in (asked, pixel.tells(), pixel.tells(b"{"), pixel.tells(key="nobody's")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*event(), "words", "collection", "page"]), JSON), st.sampled_from(list(EVENTS)))
def test_whatever_comes_is_read_or_refused_with_a_sentence(changes: dict[str, Any], name: str) -> None:
    try:
        found = told(json.dumps(event(name) | changes).encode(), NOON)
    except Unreadable:
        return
    assert found.view is None or NOON - timedelta(hours=1) <= found.view.at <= NOON
