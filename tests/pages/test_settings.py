"""Settings: what Beckon knows of the shop, and the way to the theme editor."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from plugin.store.engine import transaction
from plugin.store.tables import membership_checks, shops
from tests.factories import LONG_AGO, make_pixel
from tests.pages.conftest import Merchant


def test_the_shop_as_shopify_tells_it(alice: Merchant) -> None:
    values = alice.opens("/settings").text_of("dd")

    assert {"Vanta Outdoor", "vanta.myshopify.com", "Europe/London", "GBP", "/apps/beckon"} <= set(values)
    assert "7 days after a click" in values


def test_the_theme_editor_opens_at_the_embed(alice: Merchant) -> None:
    link = next(link for link in alice.opens("/settings").links if "themes" in link)

    assert link.startswith("https://vanta.myshopify.com/admin/themes/current/editor?")
    assert parse_qs(urlsplit(link).query) == {
        "context": ["apps"],
        "template": ["index"],
        "activateAppId": ["client-id/bell"],
    }


def test_it_says_when_the_bell_was_seen_last(alice: Merchant, at_noon: datetime) -> None:
    assert "Not seen yet" in alice.opens("/settings").text_of("span")
    with transaction() as tx:
        tx.execute(shops.update().values(script_seen_at=at_noon - timedelta(minutes=4)))

    assert "It was last seen working today 11:56." in alice.opens("/settings").text_of("p")


def test_another_theme_was_published_and_the_bell_is_not_seen_in_it(alice: Merchant, at_noon: datetime) -> None:
    with transaction() as tx:
        seen, published = at_noon - timedelta(hours=2), at_noon - timedelta(hours=1)
        tx.execute(shops.update().values(script_seen_at=seen, theme_name="Comfort", theme_published_at=published))

    assert "Not seen in your new theme" in alice.opens("/settings").text_of("span")
    home = alice.opens("/")
    assert any("You published the theme “Comfort”" in line for line in home.text_of("li"))

    with transaction() as tx:
        tx.execute(shops.update().values(script_seen_at=at_noon))
    assert "Seen working" in alice.opens("/settings").text_of("span")


def test_lost_access_says_what_to_do_and_leads_there(alice: Merchant) -> None:
    with transaction() as tx:
        tx.execute(shops.update().values(needs_reconnect=True))

    page = alice.opens("/settings")

    assert any("Shopify no longer accepts Beckon's access" in text for text in page.text_of("p"))
    assert "https://vanta.myshopify.com/admin/apps/client-id" in page.links
    assert any("Your store’s history waits" in text for text in alice.opens("/").text_of("li", class_="check"))


def test_a_store_without_the_permission_is_told_where_shopify_asks_for_it(alice: Merchant) -> None:
    page = alice.opens("/settings")
    assert "Needs your permission" in page.text_of("span")
    assert any("has not granted the permission" in text for text in page.text_of("p"))


def test_the_pixel_is_on_and_says_when_it_told_of_somebody(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        tx.execute(shops.update().values(scopes="write_pixels,read_customer_events"))
        on = {"pixel_id": "gid://shopify/WebPixel/1", "endpoint": "https://beckon.test/pixel"}
        since = {"installed_at": LONG_AGO, "switched_on_at": at_noon - timedelta(hours=1)}
        make_pixel(tx, shop, heard_at=at_noon - timedelta(minutes=4), **on, **since)

    page = alice.opens("/settings")
    assert "Switched on" in page.text_of("span")
    assert any("It told of a shopper last today 11:56." in text for text in page.text_of("p"))


def test_what_shopify_says_against_the_pixel_is_shown_with_what_happens_next(
    alice: Merchant, shop: int, at_noon: datetime
) -> None:
    with transaction() as tx:
        tx.execute(shops.update().values(scopes="write_pixels,read_customer_events"))
    assert "One moment" in alice.opens("/settings").text_of("span")
    with transaction() as tx:
        make_pixel(tx, shop, error="Shopify did not switch the web pixel on: No extension found.", tried_at=at_noon)

    page = alice.opens("/settings")
    assert "Not switched on" in page.text_of("span")
    assert any("No extension found. Beckon tries again every ten minutes" in text for text in page.text_of("p"))


def test_it_says_what_the_night_found_of_who_is_in_which_segment(alice: Merchant, shop: int, at_noon: datetime) -> None:
    night = {"shop_id": shop, "begun_at": at_noon - timedelta(hours=6), "segments": 1, "repaired": 12}
    with transaction() as tx:
        tx.execute(membership_checks.insert().values(night))
    assert "The segments are being checked." in alice.opens("/settings").text_of("p")

    with transaction() as tx:
        tx.execute(membership_checks.update().values(finished_at=at_noon - timedelta(hours=5), disputed=1))
    said = alice.opens("/settings").text_of("p")

    assert "Checked every night: 1 segment, 12 people repaired. Last: today 07:00." in said
    assert any(one.startswith("1 person is counted in two ways and left where they were.") for one in said)
