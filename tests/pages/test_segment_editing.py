"""What the editor is told while a merchant writes or clicks: readings, mistakes, completions, the shop's own values."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from sqlalchemy import text

from plugin.admin import counting
from plugin.segment.attributes import ATTRIBUTES, MODIFIERS
from plugin.store.engine import Tx, transaction
from plugin.store.tables import person_metafields
from tests.conftest import NOON
from tests.factories import make_person, make_product, make_segment
from tests.pages.conftest import Merchant

LOYAL = {"filter": "number_of_orders", "operator": ">=", "values": [{"number": "2"}]}


def posts(alice: Merchant, path: str, body: object, status: int = 200) -> dict[str, Any]:
    answer = alice.client.post(
        path, data=json.dumps(body), headers={"Origin": "https://beckon.test", "Accept": "application/json"}
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    return told


def test_a_query_is_read_as_rules_and_as_a_sentence(alice: Merchant) -> None:
    told = posts(alice, "/segments/read", {"query": "number_of_orders >= 2"})

    assert told["rules"] == LOYAL | {"written": "number_of_orders >= 2"}
    assert told["sentence"] == "People who have placed at least 2 orders."
    assert (told["error"], told["warnings"]) == (None, [])


def test_what_shopifys_editor_would_not_take_is_said_once(alice: Merchant) -> None:
    told = posts(alice, "/segments/read", {"query": " AND ".join(["push_subscribed = true"] * 11)})

    assert told["error"] is None
    assert told["warnings"] == [
        "Shopify does not know push_subscribed.",
        "Shopify's editor takes 10 clauses at most; this query has 11.",
    ]


def test_all_of_it_is_told_at_once_to_who_does_not_type(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        make_person(tx, shop, customer_id=17850, number_of_orders=3)
        make_person(tx, shop, number_of_orders=1)

    told: Any = alice.asks("/segments/preview", query="number_of_orders >= 2")
    assert (told["count"], told["reachable"], told["everybody"], told["error"]) == (1, 0, 2, None)
    assert told["sentence"]
    assert alice.asks("/segments/preview", query="number_of_orders")["count"] is None


def test_rules_are_read_as_a_query(alice: Merchant) -> None:
    told = posts(alice, "/segments/read", {"rules": {"all": [LOYAL, {"any": []}]}})

    assert told["query"] == "number_of_orders >= 2"
    assert told["error"] is None


def test_a_mistake_has_its_place_its_row_and_what_to_write_instead(alice: Merchant) -> None:
    told = posts(alice, "/segments/read", {"query": "number_of_orders >= 2 AND customer_countries CONTAINS 'gb'"})

    error = told["error"]
    assert error["message"].endswith("Did you mean 'GB'?")
    assert (error["start"], error["end"], error["clause"]) == (54, 58, 1)
    assert error["suggestion"] == "'GB'"
    assert told["rules"]["all"][0]["filter"] == "number_of_orders"


def test_nonsense_is_refused_in_words(alice: Merchant) -> None:
    assert "no condition" in posts(alice, "/segments/read", {"rules": {"all": [7]}})["error"]["message"]
    for body in ([], "x", None):
        assert "cannot be read" in posts(alice, "/segments/read", body, status=422)["error"]
    deep = alice.client.post(
        "/segments/read", data="[" * 100_000, headers={"Origin": "https://beckon.test", "Accept": "application/json"}
    )
    assert deep.status_code == 422
    huge = alice.client.post(
        "/segments/read", data=b" " * 500_000, headers={"Origin": "https://beckon.test", "Accept": "application/json"}
    )
    assert "more than a segment can hold" in huge.get_json()["error"]


def test_what_was_clicked_is_saved_even_before_the_page_has_made_text_of_it(alice: Merchant) -> None:
    made = alice.sends("/segments", name="Loyal", query="an old text", rules=json.dumps({"all": [LOYAL]}))

    assert made.status_code == 303
    assert alice.opens(made.location).text_of("textarea") == ["number_of_orders >= 2"]
    assert alice.sends("/segments", name="Broken", rules="{").status_code == 422


def test_the_builder_offers_every_filter_by_subject(alice: Merchant) -> None:
    told: Any = alice.asks("/segments/catalogue")

    filters = [one for subject in told["subjects"] for one in subject["filters"]]
    assert {one["name"] for one in filters} == {*ATTRIBUTES, *MODIFIERS}
    assert told["currency"] == "GBP"
    for one in filters:
        assert one["about"].startswith("People who ")
        assert "{" not in one["about"]
        assert one["title"]
        for control in one.get("parameters") or one.get("arguments") or [one]:
            assert control["operators"]


def test_the_shops_metafields_stand_in_the_builder_with_controls_of_their_type(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop)
        mine = {"shop_id": shop, "person_id": ann, "source_id": ann, "changed_at": NOON, "namespace": "custom"}
        for key, kind in (("level", "single_line_text_field"), ("points", "number_integer"), ("wedding", "date")):
            tx.execute(person_metafields.insert().values(**mine, key=key, type=kind, text="7"))

    told: Any = alice.asks("/segments/catalogue")

    (own,) = [subject["filters"] for subject in told["subjects"] if subject["title"] == "Customer metafields"]
    assert [(one["name"], one["title"], one["takes"]) for one in own] == [
        ("customer.metafields.custom.level", "Level (custom)", "text"),
        ("customer.metafields.custom.points", "Points (custom)", "decimal"),
        ("customer.metafields.custom.wedding", "Wedding (custom)", "date"),
    ]
    (yearly,) = [one for subject in told["subjects"] for one in subject["filters"] if one["name"] == "anniversary"]
    assert ["metafields.custom.wedding", "Wedding (custom)"] in yearly["of"]["choices"]


def test_the_shops_own_values_are_offered(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        parka = make_product(tx, shop, title="Harbour Parka")

    assert alice.asks("/segments/values", source="product", q="harb")["values"] == [
        {"value": str(parka), "label": "Harbour Parka", "detail": ""}
    ]
    assert alice.asks("/segments/values", source="product", known=f"{parka},1")["names"] == {
        str(parka): "Harbour Parka"
    }


def completed(alice: Merchant, query: str) -> list[str]:
    return [one["value"] for one in posts(alice, "/segments/complete", {"query": query, "at": len(query)})["options"]]


def test_a_query_is_completed_at_its_end(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        make_person(tx, shop, tags=["Kids' club"])
        parka = make_product(tx, shop, title="Harbour Parka")
        make_segment(tx, shop, "number_of_orders >= 2", "Regulars")

    assert completed(alice, "number_of_o")[0] == "number_of_orders"
    assert completed(alice, "customer_tags n") == ["NOT CONTAINS", "CONTAINS", "IS NULL", "IS NOT NULL"]
    assert completed(alice, "customer_tags NOT ")[0] == "CONTAINS"
    assert completed(alice, "customer_tags CONTAINS 'ki") == ["'Kids\\' club'"]
    assert completed(alice, "email_subscription_status = 'UN") == ["'UNSUBSCRIBED'"]
    assert completed(alice, "products_purchased MATCHES (id = harb") == [str(parka)]
    assert "-30d" in completed(alice, "last_order_date >= ")
    assert completed(alice, "(push_subscribed = true ") == ["AND", "OR", ")"]
    assert completed(alice, "orders_placed MATCHES (channel = 'pos', chan") == []
    assert completed(alice, "shoe_size > ") == []
    assert completed(alice, "in_segment(") == ["'Regulars'"]
    assert "'first_order_date'" in completed(alice, "anniversary('first")


def test_counting_that_takes_long_is_cut_off_and_says_so(
    alice: Merchant, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(tx: Tx, *_: object) -> dict[str, Any]:
        tx.execute(text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"))
        return {}

    monkeypatch.setitem(counting._ANSWERS, "reachable", endless)
    monkeypatch.setattr(counting, "PATIENCE", 0.4)
    with transaction() as tx:
        slow = make_segment(tx, shop, "number_of_orders >= 2", "Slow")
    begun = time.monotonic()

    assert "so it was stopped" in str(alice.asks("/segments/count", query="", of="reachable")["too_long"])
    page = alice.opens(f"/segments/{slow}")
    assert page.text_of("p", class_="value") == ["0", "–"]
    assert any("so it was stopped" in words for words in page.text_of("p", class_="quiet"))
    assert time.monotonic() - begun < 8
