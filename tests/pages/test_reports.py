"""Reports: the list, one campaign from audience to order, the same as JSON and CSV."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plugin.store.engine import transaction
from plugin.store.tables import facts
from tests.factories import make_campaign, make_delivery, make_order, make_person, make_subscription
from tests.pages.conftest import Merchant


@pytest.fixture
def coats(shop: int, at_noon: datetime) -> int:
    """A campaign to four people: three were sent it, two saw it, Ann clicked and bought for £120."""
    with transaction() as tx:
        times = dict.fromkeys(("started_at", "finished_at", "fanned_out_at"), at_noon)
        campaign = make_campaign(tx, shop, name="Coats", state="sent", audience=4, **times)
        for person, (state, kinds) in enumerate(
            [("sent", ("shown", "clicked")), ("sent", ("shown",)), ("sent", ()), ("gone", ())]
        ):
            someone = make_person(tx, shop, customer_id=100 + person)
            push = make_delivery(
                tx, shop, to=make_subscription(tx, shop, of=someone), campaign_id=campaign, state=state
            )
            for kind in kinds:
                tx.execute(facts.insert().values(shop_id=shop, delivery_id=push, kind=kind, at=at_noon))
            if "clicked" in kinds:
                bought = make_order(
                    tx, shop, of=someone, placed_at=at_noon + timedelta(hours=1), total=12_900, refunded=900
                )
                row = dict(shop_id=shop, delivery_id=push, kind="converted", at=at_noon, order_id=bought)
                tx.execute(facts.insert().values(row))
        return campaign


def test_before_the_first_campaign_the_page_says_what_it_will_show(alice: Merchant) -> None:
    assert alice.opens("/reports").text_of("h2")[0] == "No campaign has been sent yet"


def test_everybody_in_the_audience_is_accounted_for(alice: Merchant, coats: int) -> None:
    page = alice.opens(f"/reports/campaigns/{coats}")

    assert "Every one of the 4, accounted for" in page.text_of("h2")
    assert page.text_of("td") == [
        *("Shown", "2", "The person's browser told us that it showed the notification."),
        *("Sent, not seen yet", "1", "The push service took it. Their browser has not told us that it showed it."),
        *("Browser gone", "1", "The browser or its permission is no longer there. Removed from reach."),
        *("Together", "4", ""),
    ]
    assert page.text_of("span", class_="n quiet") == ["", "75 %", "67 %", "50 %", "100 %"]
    assert "£120.00" in page.text_of("p", class_="value")


def test_the_list_has_a_line_for_it(alice: Merchant, coats: int) -> None:
    page = alice.opens("/reports")

    assert page.text_of("a", class_="row") == ["Coats", "Abandoned cart"]
    assert page.text_of("td")[6] == "£120.00"


def test_the_same_as_json(alice: Merchant, coats: int) -> None:
    assert alice.asks(f"/reports/campaigns/{coats}.json") == {
        "audience": 4,
        "outcomes": {"shown": 2, "sent": 1, "gone": 1},
        "sent": 3,
        "shown": 2,
        "clicked": 1,
        "orders": 1,
        "revenue": 12_000,
        "currency": "GBP",
    }


def test_the_same_as_a_sheet(alice: Merchant, coats: int) -> None:
    answer = alice.client.get(f"/reports/campaigns/{coats}.csv")

    lines = answer.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    assert answer.mimetype == "text/csv"
    assert lines[0] == "what,people,why"
    assert lines[1].startswith("Shown,2,")
    assert any(line.startswith("Revenue (GBP),120.00,") for line in lines)
