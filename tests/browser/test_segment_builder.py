"""A merchant clicks a segment together, writes it, is helped with a mistake, on a wide screen and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app import create_app
from plugin.admin import auth
from plugin.base import clock
from plugin.base.settings import Settings
from plugin.segment import saved
from plugin.store import engine
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import metadata
from tests.factories import make_order, make_person, make_product, make_shop, make_subscription

from .stage import beckon_settings, served
from .test_panel_in_the_admin import chrome  # noqa: F401  a fixture

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(tmp_path: Path, own_settings: Settings) -> Iterator[tuple[str, int]]:
    """The panel's address and the shop's id: Ann bought a parka last week and is subscribed, Bob bought long ago."""
    with ExitStack() as opened:
        address = opened.enter_context(served(create_app(beckon_settings(tmp_path))))
        opened.callback(engine.close_store)
        metadata.create_all(engine.engine())
        with transaction() as tx:
            shop_id, now = make_shop(tx), clock.now()
            parka = make_product(tx, shop_id, product_id=9_007_199_254_740_993, title="Harbour Parka", tags=["Winter"])
            ann = make_person(
                tx,
                shop_id,
                customer_id=17850,
                countries=["GB"],
                tags=["VIP"],
                number_of_orders=3,
                last_order_at=now - timedelta(days=7),
            )
            make_person(tx, shop_id, customer_id=13047, countries=["DE"], tags=["wholesale"], number_of_orders=1)
            make_order(tx, shop_id, of=ann, placed_at=now - timedelta(days=7), total=12_000, lines=[(parka, 1)])
            make_subscription(tx, shop_id, of=ann)
        yield address, shop_id


@contextmanager
def opened(chrome: Browser, shop: tuple[str, int], path: str, width: int = 1280) -> Iterator[Page]:  # noqa: F811
    """A page of the panel, which must show no error of its scripts."""
    context = chrome.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(15_000)
    tab, wrong = context.new_page(), list[str]()
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.goto(f"{shop[0]}/login?{auth.login_link('vanta.myshopify.com').partition('?')[2]}")
    tab.goto(shop[0] + path)
    yield tab
    assert wrong == []
    context.close()


def kept(shop_id: int) -> str:
    with snapshot() as tx:
        return saved.every(tx, shop_id)[-1].query


def test_a_segment_is_built_by_keyboard_alone(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new") as tab:
        expect(tab.get_by_label("How these conditions belong together")).to_be_visible()
        tab.get_by_label("Name").fill("Parkas, lately")
        press = tab.keyboard.press
        press("Tab")
        expect(tab.get_by_role("tab", name="Builder")).to_be_focused()
        press("Tab")
        expect(tab.get_by_label("How these conditions belong together")).to_be_focused()
        press("Tab")
        press("Enter")  # + Condition
        expect(tab.get_by_role("combobox", name="Filter")).to_be_focused()
        tab.keyboard.type("number of or")
        expect(tab.locator("[role=option]").first).to_contain_text("Number of orders")
        press("Enter")
        value = tab.get_by_label("Number of orders: value")
        expect(value).to_be_focused()
        tab.keyboard.type("2")
        expect(tab.locator("[data-count]")).to_have_text("1")
        expect(tab.locator("[data-says]")).to_contain_text("at least 2 orders")

        for _ in range(2):  # past the row's end
            press("Tab")
        press("Enter")
        tab.keyboard.type("products purch")
        press("Enter")
        press("Tab")
        expect(tab.get_by_role("button", name="+ Add a condition")).to_be_focused()
        press("Enter")
        expect(tab.get_by_label("Products purchased: of which")).to_be_focused()
        press("Tab")
        press("Tab")
        tab.keyboard.type("harb")
        expect(tab.locator("[role=option]").first).to_contain_text("Harbour Parka")
        press("Enter")
        expect(tab.locator("[data-count]")).to_have_text("1")
        expect(tab.locator("[data-reachable]")).to_have_text("1")
        expect(tab.locator("[data-written]")).to_contain_text("products_purchased MATCHES (id = 9007199254740993)")

        tab.get_by_role("button", name="Save").press("Enter")
        expect(tab.get_by_role("heading", level=1)).to_have_text("Parkas, lately")
        assert kept(shop[1]) == "number_of_orders >= 2 AND products_purchased MATCHES (id = 9007199254740993)"
        expect(tab.get_by_label("Products purchased, id: value")).to_have_value("Harbour Parka")


def test_query_and_builder_are_two_views_of_one_tree(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new") as tab:
        tab.get_by_role("tab", name="Query").click()
        text = tab.get_by_role("textbox", name="Query")
        text.fill("(customer_countries CONTAINS 'GB' OR customer_tags CONTAINS 'VIP') AND last_order_date >= -30d")
        tab.get_by_role("tab", name="Builder").click()
        expect(tab.get_by_label("Customer countries: value")).to_have_value("United Kingdom (GB)")
        expect(tab.get_by_label("Last order date: operator")).to_have_value("lately")
        expect(tab.get_by_label("Last order date: value, how many")).to_have_value("30")

        tab.get_by_label("Last order date: value, how many").fill("10")
        joins = tab.get_by_label("How these conditions belong together")
        joins.nth(1).select_option("all")
        expect(tab.locator("[data-written]")).to_contain_text("last_order_date >= -10d")
        tab.get_by_label("Customer countries: operator").select_option("NOT CONTAINS")
        tab.get_by_role("tab", name="Query").click()
        expect(tab.locator("#query")).to_have_value(
            "customer_countries NOT CONTAINS 'GB' AND customer_tags CONTAINS 'VIP' AND last_order_date >= -10d"
        )
        expect(tab.locator("[data-count]")).to_have_text("0")


def test_a_mistake_is_marked_and_mended_with_one_click(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new") as tab:
        tab.get_by_role("tab", name="Query").click()
        tab.get_by_role("textbox", name="Query").fill("number_of_ordres >= 2")
        expect(tab.locator("#query-error")).to_contain_text("Did you mean number_of_orders?")
        expect(tab.locator("[data-backdrop] mark")).to_have_text("number_of_ordres")

        tab.locator("#query-error").get_by_role("button", name="Use number_of_orders").click()
        expect(tab.locator("#query")).to_have_value("number_of_orders >= 2")
        expect(tab.locator("#query-error")).to_be_hidden()
        expect(tab.locator("[data-count]")).to_have_text("1")


def test_in_the_builder_a_mistake_stands_at_its_row(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    query = "number_of_orders+%3E%3D+1+AND+customer_countries+CONTAINS+'uk'+AND+shoe_size+%3E+40"
    with opened(chrome, shop, f"/segments/new?query={query}") as tab:
        wrong = tab.locator(".clause[data-wrong]")
        expect(wrong.get_by_label("Customer countries: value")).to_have_value("uk")
        wrong.get_by_role("button", name="Use 'GB'").click()
        expect(wrong.locator("code")).to_have_text("shoe_size > 40")  # no control has it, so its text stands there
        wrong.get_by_role("button", name="Remove this condition").click()
        expect(tab.locator("[data-says]")).to_contain_text("have an address in GB")
        expect(tab.locator("[data-count]")).to_have_text("1")
        expect(tab.locator("[data-written]")).to_contain_text(
            "number_of_orders >= 1 AND customer_countries CONTAINS 'GB'"
        )


def test_groups_are_made_and_removed(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new?query=number_of_orders+%3E%3D+1") as tab:
        expect(tab.get_by_label("Number of orders: value")).to_have_value("1")
        tab.get_by_role("button", name="+ Group").click()
        tab.keyboard.type("customer tags")
        tab.keyboard.press("Enter")
        expect(tab.get_by_label("Customer tags: value")).to_be_focused()
        tab.keyboard.type("vip")
        tab.keyboard.press("Enter")
        written = tab.locator("[data-written]")
        expect(written).to_contain_text("number_of_orders >= 1 AND customer_tags CONTAINS 'VIP'")
        tab.get_by_label("How these conditions belong together").nth(1).select_option("none")
        expect(written).to_contain_text("number_of_orders >= 1 AND NOT (customer_tags CONTAINS 'VIP')")
        expect(tab.locator("[data-count]")).to_have_text("1")
        tab.get_by_role("button", name="Remove this group").click()
        expect(written).to_have_text("number_of_orders >= 1\u200b")
        expect(tab.get_by_role("combobox", name="Filter")).to_be_focused()
        expect(tab.locator("[data-count]")).to_have_text("2")


def test_other_segments_and_shares_are_clicked_together(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with transaction() as tx:
        saved.create(tx, shop[1], "Regulars", "number_of_orders >= 2", clock.now())
    query = "NOT+in_segment('Regulars')+AND+random_share(100)+AND+anniversary('first_order_date')+%3D+today"
    with opened(chrome, shop, f"/segments/new?query={query}") as tab:
        expect(tab.get_by_label("In another segment, segment: value")).to_have_value("Regulars")
        expect(tab.get_by_label("In another segment: is it so?")).to_have_value("true")
        expect(tab.get_by_label("Random share, percent: value")).to_have_value("100")
        tab.get_by_label("Anniversary: of which date?").select_option("last_order_date")
        tab.get_by_label("Anniversary: value, written as").select_option("ago")
        tab.get_by_label("In another segment: is it so?").select_option("false")
        expect(tab.locator("[data-written]")).to_contain_text(
            "in_segment('Regulars') AND random_share(100) AND anniversary('last_order_date') = -7d"
        )
        expect(tab.locator("[data-count]")).to_have_text("1")


def test_the_query_is_completed_by_keyboard(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new") as tab:
        tab.get_by_role("tab", name="Query").click()
        tab.locator("#query").focus()

        def writes(letters: str, offered: str, *keys: str) -> None:
            tab.keyboard.type(letters, delay=20)
            expect(tab.locator("[role=option]").first).to_contain_text(offered)
            for key in keys:
                tab.keyboard.press(key)
            expect(tab.get_by_role("listbox", name="What can stand here")).to_be_hidden()

        writes("customer_t", "customer_tags", "Enter")
        writes("con", "CONTAINS", "Tab")
        writes("'v", "VIP", "Enter")
        expect(tab.locator("#query")).to_have_value("customer_tags CONTAINS 'VIP' ")
        writes("an", "AND", "Enter")
        writes("products_p", "products_purchased", "Enter")
        writes("mat", "MATCHES (", "Enter")
        writes("i", "id", "Enter")
        tab.keyboard.press("Control+Space")
        writes("", "=", "Enter")
        writes("harb", "Harbour Parka", "Enter")
        tab.keyboard.type(")")
        expect(tab.locator("[data-says]")).to_contain_text("People who")
        expect(tab.locator("[data-count]")).to_have_text("1")
        assert (
            tab.locator("#query")
            .input_value()
            .startswith("customer_tags CONTAINS 'VIP' AND products_purchased MATCHES (id = 9007199254740993")
        )


def test_what_is_not_finished_is_not_counted_and_not_lost(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new?query=number_of_orders+%3E%3D+1&name=Some") as tab:
        expect(tab.get_by_label("Number of orders: value")).to_have_value("1")
        tab.get_by_role("button", name="+ Condition").click()
        tab.get_by_role("combobox", name="Filter").nth(1).fill("customer tags")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text("Not finished, so not counted yet")).to_be_visible()
        expect(tab.locator("[data-count]")).to_have_text("2")
        tab.get_by_role("button", name="Save").click()
        expect(tab.get_by_text("Finish this condition or remove it")).to_be_visible()
        expect(tab.get_by_label("Customer tags: value")).to_be_focused()
        tab.keyboard.type("vip")
        tab.keyboard.press("Enter")
        expect(tab.locator("[data-count]")).to_have_text("1")
        tab.get_by_role("button", name="Save").click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Some")
        assert kept(shop[1]) == "number_of_orders >= 1 AND customer_tags CONTAINS 'VIP'"


def test_a_late_answer_never_overwrites_a_newer_one(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new") as tab:
        tab.get_by_role("tab", name="Query").click()
        held: list[Route] = []

        def hold(route: Route) -> None:
            if "%3E%3D+1" in route.request.url and "members" in route.request.url:
                held.append(route)
            else:
                route.continue_()

        tab.route("**/segments/count?*", hold)
        tab.locator("#query").fill("number_of_orders >= 1")
        expect(tab.locator("[data-counting]")).to_have_text("Being counted …")
        tab.locator("#query").fill("number_of_orders >= 2")
        expect(tab.locator("[data-says]")).to_contain_text("at least 2 orders")
        held[0].fulfill(json={"count": 999})
        expect(tab.locator("[data-count]")).to_have_text("1")
        expect(tab.locator("[data-counting]")).to_be_hidden()


def test_ready_segments_are_counted_once_they_are_seen(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/templates") as tab:
        twice = tab.get_by_role("listitem").filter(has_text="Bought twice or more")
        twice.scroll_into_view_if_needed()
        expect(twice.locator("b-tally")).to_have_text("1 person")
        twice.get_by_role("link").click()
        expect(tab.get_by_label("Number of orders: value")).to_have_value("2")
        expect(tab.get_by_label("Name")).to_have_value("Bought twice or more")


def test_it_fits_a_phone(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    query = "orders_placed+MATCHES+(date+BETWEEN+2026-01-01+AND+today,+count+%3E%3D+2)+OR+customer_tags+CONTAINS+'x'"
    with opened(chrome, shop, f"/segments/new?query={query}", width=390) as tab:
        expect(tab.get_by_label("Orders placed, date: operator")).to_have_value("BETWEEN")
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.get_by_role("combobox", name="Filter").first.click()
        box = tab.get_by_role("listbox").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert tab.evaluate("document.documentElement.scrollWidth") == 390


def test_the_list_of_segments_fits_a_phone(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with transaction() as tx:
        saved.create(tx, shop[1], "Bought twice or more and agreed to mails", "number_of_orders >= 2", clock.now())
    for width, column in ((390, False), (1280, True)):
        with opened(chrome, shop, "/segments", width=width) as tab:
            table = tab.get_by_role("region", name="Segments")
            expect(table.get_by_role("columnheader", name="Reachable")).to_be_visible()
            assert table.evaluate("box => box.scrollWidth <= box.clientWidth"), "nothing to scroll sideways"
            assert table.get_by_role("columnheader", name="Changed").is_visible() is column
            assert table.get_by_text("Changed", exact=False).locator("time").is_visible() is not column


def test_a_postcodes_beginning_is_clicked_together(chrome: Browser, shop: tuple[str, int]) -> None:  # noqa: F811
    with opened(chrome, shop, "/segments/new?query=customer_postcodes+CONTAINS+'SW1A1AA'") as tab:
        tab.get_by_label("Customer postcodes: operator").select_option("include one beginning with")
        tab.get_by_role("combobox", name="Customer postcodes: value").fill("SW1")
        tab.get_by_role("option", name="SW1").first.click()
        expect(tab.locator("[data-written]")).to_contain_text("customer_postcodes STARTS WITH 'SW1'")
        expect(tab.locator("[data-says]")).to_contain_text("beginning with “SW1”")
