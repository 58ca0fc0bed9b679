"""Nobody reads or changes another shop's rows: Charlie keeps a shop of his own."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns, segments
from tests.factories import make_campaign, make_person, make_segment, make_shop, make_subscription
from tests.pages.conftest import Merchant


@pytest.fixture
def charlie(client: FlaskClient, shop: int) -> Merchant:
    with transaction() as tx:
        make_shop(tx, "charlie.myshopify.com", name="Charlie's")
    return Merchant(client).signs_in("charlie.myshopify.com")


def test_charlie_finds_nothing_of_vanta(charlie: Merchant, shop: int) -> None:
    with transaction() as tx:
        segment = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")
        campaign = make_campaign(tx, shop, segment_id=segment, state="sent")
        ann = make_person(tx, shop, customer_id=17850)
        make_subscription(tx, shop, of=ann)

    for path in (
        f"/segments/{segment}",
        f"/segments/{segment}/why?customer=17850",
        f"/campaigns/{campaign}",
        f"/campaigns/{campaign}/progress",
        f"/reports/campaigns/{campaign}",
        f"/reports/campaigns/{campaign}.json",
        f"/reports/campaigns/{campaign}.csv",
        f"/subscribers/{ann}",
    ):
        assert charlie.client.get(path).status_code == 404, path
    for path in ("/segments", "/campaigns", "/subscribers", "/reports", "/"):
        words = " ".join(charlie.opens(path).text_of("body"))
        assert "Loyal" not in words, path
        assert "17850" not in words, path
    assert charlie.asks("/segments/preview", query="")["count"] == 0


def test_charlie_changes_nothing_of_vanta(charlie: Merchant, shop: int) -> None:
    with transaction() as tx:
        segment = make_segment(tx, shop, "number_of_orders >= 2", "Loyal")
        campaign = make_campaign(tx, shop)
    before = _rows()

    for path in (
        f"/segments/{segment}",
        f"/segments/{segment}/delete",
        f"/campaigns/{campaign}",
        *(f"/campaigns/{campaign}/{deed}" for deed in ("send", "take-back", "pause", "resume", "cancel")),
    ):
        assert charlie.sends(path, name="Mine", query="", when="now", title="Mine").status_code == 404, path
    mine = charlie.sends("/campaigns").location
    assert charlie.sends(mine, segment_id=str(segment)).status_code == 404
    assert _rows() == before


def _rows() -> list[object]:
    with snapshot() as tx:
        kept = campaigns.select().where(campaigns.c.name != "New campaign")
        return [*tx.execute(segments.select()).all(), *tx.execute(kept).all()]
