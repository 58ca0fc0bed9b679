"""A segment's Insight and "same members as Shopify?": asked for, waited for, told in words."""

from __future__ import annotations

from datetime import timedelta

from plugin.report import insight_kept
from plugin.report.insight_steps import STEPS
from plugin.segment import comparison
from plugin.store import tables
from plugin.store.engine import transaction
from tests.conftest import NOON
from tests.factories import make_order, make_person, make_product, make_segment, make_shop
from tests.pages.conftest import Merchant
from tests.segment.test_imports import tell


def settle_street(shop: int) -> int:
    """Thirty customers of sixty bought lamps, the others rugs; those of the lamps are the segment."""
    with transaction() as tx:
        goods = [make_product(tx, shop, title=title, product_type=title) for title in ("Lamps", "Rugs")]
        for number in range(60):
            ann = make_person(tx, shop, customer_id=number + 1, number_of_orders=1 + number % 2)
            bought = [(goods[number % 2], 1)]
            at = NOON - timedelta(days=number)
            make_order(tx, shop, of=ann, placed_at=at, lines=bought, hour=8, weekday=1 + number % 7)
        make_segment(tx, shop, "number_of_orders > 0", "Anybody")
        return make_segment(tx, shop, "number_of_orders = 1", "Once")


def test_insight_is_counted_when_asked_and_says_as_of_when(alice: Merchant, shop: int) -> None:
    once = settle_street(shop)
    assert "Not counted yet" in alice.opens(f"/segments/{once}/insight").text_of("h2")

    assert alice.sends(f"/segments/{once}/insight").location == f"/segments/{once}/insight"

    page = alice.opens(f"/segments/{once}/insight")
    assert "As of today 12:00" in page.text_of("p", class_="as-of quiet")[0]
    assert "100 % bought Lamps: 2.0 times as often as everybody (50 %)." in page.text_of("li")
    assert any("Anybody" in words for words in page.text_of("a", class_="label"))
    assert page.text_of("summary").count("The same as a table") >= 5
    assert alice.asks(f"/segments/{once}/insight/state")["state"] == "done"


def test_a_count_under_way_shows_how_far_it_is_beside_the_numbers_from_before(alice: Merchant, shop: int) -> None:
    once = settle_street(shop)
    alice.sends(f"/segments/{once}/insight")
    with transaction() as tx:
        row = insight_kept.ask(tx, shop, once, NOON)
        assert row is not None
        insight_kept.claim(tx, row, NOON)
        insight_kept.advance(tx, row, 3, NOON)

    page = alice.opens(f"/segments/{once}/insight")

    assert page.all("b-watch")[0]["data-state"] == "counting"
    assert "What sets it apart" in page.text_of("h2")
    told = alice.asks(f"/segments/{once}/insight/state")
    assert (told["state"], told["done"], told["of"]) == ("counting", 3, len(STEPS))


def test_numbers_of_a_former_query_say_so(alice: Merchant, shop: int) -> None:
    once = settle_street(shop)
    alice.sends(f"/segments/{once}/insight")
    with transaction() as tx:
        tx.execute(tables.segments.update().where(tables.segments.c.id == once).values(query="number_of_orders = 2"))

    page = alice.opens(f"/segments/{once}/insight")

    assert "former query" in page.text_of("div", class_="banner attention")[0]


def test_of_a_small_segment_the_page_promises_nothing(alice: Merchant, shop: int) -> None:
    settle_street(shop)
    with transaction() as tx:
        few = make_segment(tx, shop, "number_of_orders > 9", "Few")
    alice.sends(f"/segments/{few}/insight")

    assert any("too few" in words for words in alice.opens(f"/segments/{few}/insight").text_of("p"))


def test_another_shops_segment_has_no_insight_here(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        theirs = make_segment(tx, make_shop(tx, "other.myshopify.com"), "", "Theirs")

    for page in ("insight", "check"):
        alice.opens(f"/segments/{theirs}/{page}", status=404)
        assert alice.sends(f"/segments/{theirs}/{page}").status_code == 404


def test_a_comparison_says_what_differs_and_leads_to_the_person(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=17850, number_of_orders=3)
        make_person(tx, shop, number_of_orders=3)
        loyal = make_segment(tx, shop, "number_of_orders > 2", "Loyal")
    assert "was not compared yet" in alice.opens(f"/segments/{loyal}/check").text_of("h2")[0]
    with transaction() as tx:
        begun = comparison.begin(tx, shop, "Loyal", "number_of_orders > 2", NOON, segment_id=loyal)
        assert begun is not None
    waiting = alice.opens(f"/segments/{loyal}/check")
    assert waiting.all("b-watch")[0]["data-src"] == "/segments/checks/state"
    assert alice.asks("/segments/checks/state")["state"] == "reading"
    with transaction() as tx:
        check = comparison.claim(tx, begun, NOON)
        assert check is not None
        comparison.judge(tx, comparison.keep(tx, check, [99], None, 1, NOON), NOON)

    page = alice.opens(f"/segments/{loyal}/check")

    assert page.text_of("h2")[0] == "Not the same: 0 customers are in both, 1 only here, 1 only in Shopify."
    assert f"/subscribers/{ann}#segment-{loyal}" in page.links
    assert any("1 visitor whom Shopify does not know is in it here" in words for words in page.text_of("p"))
    assert "Beckon does not hold this customer." in " ".join(page.text_of("td", class_="wraps"))
    assert alice.asks("/segments/checks/state")["state"] == "done"


def test_only_one_at_a_time_is_compared_and_a_failure_is_said(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        loyal = make_segment(tx, shop, "number_of_orders > 2", "Loyal")
        other = comparison.begin(tx, shop, "Other", "", NOON, segment_id=loyal)
        tell(tx, shop, 11, "At Shopify", "number_of_orders > 2")
        tell(tx, shop, 12, "Half", "number_of_orders > 2 AND shopify_email.opened MATCHES ()")

    refused = alice.reads(alice.sends("/segments/import/11/check"), status=422)
    assert "One at a time" in " ".join(refused.text_of("main"))
    assert "as a whole" in " ".join(alice.reads(alice.sends("/segments/import/12/check"), status=422).text_of("main"))
    with transaction() as tx:
        comparison.fail(tx, other or 0, "Shopify does not take this query.", NOON)
        tx.execute(tables.shops.update().values(access_token=None))

    assert alice.sends("/segments/import/11/check").status_code == 303
    page = alice.opens("/segments/import/11/check")
    assert page.text_of("div", class_="banner attention")
