"""Settings: how often people are written to, and when not."""

from __future__ import annotations

from plugin.audience import limits
from plugin.audience.limits import Limits
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns
from tests.factories import make_person, make_subscription
from tests.pages.conftest import Merchant


def chosen(shop: int) -> Limits | None:
    with transaction() as tx:
        return limits.of(tx, [shop]).get(shop)


def test_nothing_is_limited_until_the_merchant_says_so_and_it_can_be_taken_back(alice: Merchant, shop: int) -> None:
    assert "How often, and when not" in alice.opens("/settings").text_of("h2")
    assert chosen(shop) is None

    quiet = {"quiet": "1", "quiet_from": "21:30", "quiet_until": "07:00"}
    assert alice.sends("/settings/limits", capped="1", cap="2", cap_days="5", **quiet).location == "/settings#limits"
    assert chosen(shop) == Limits(2, 5, 21 * 60 + 30, 7 * 60)
    fields = {field.get("name"): field for field in alice.opens("/settings").all("input")}
    assert [fields[name]["value"] for name in ("cap", "cap_days", "quiet_from")] == ["2", "5", "21:30"]
    assert "checked" in fields["capped"]

    alice.sends("/settings/limits", cap="2", cap_days="5", quiet_from="21:30", quiet_until="07:00")
    assert chosen(shop) == Limits()


def test_what_makes_no_sense_is_refused_in_words_and_nothing_is_kept(alice: Merchant, shop: int) -> None:
    for wrong in (
        {"capped": "1", "cap": "many", "cap_days": "7"},
        {"capped": "1", "cap": "0", "cap_days": "7"},
        {"quiet": "1", "quiet_from": "25:00", "quiet_until": "07:00"},
        {"quiet": "1", "quiet_from": "07:00", "quiet_until": "07:00"},
    ):
        assert alice.sends("/settings/limits", **wrong).status_code >= 400, wrong
    assert chosen(shop) is None


def test_a_campaign_says_how_many_are_held_out(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        for _ in range(10):
            make_subscription(tx, shop, of=make_person(tx, shop))
    here = alice.sends("/campaigns", title="Winter is here", holdout="20").location

    told = alice.client.post(
        here, data={"holdout": "20"}, headers={"Origin": "https://beckon.test", "Accept": "application/json"}
    ).get_json()

    assert told["audience"] == "10 people will get it, but for about 2 who are held out by chance."
    assert "20 %" in alice.opens(here).text_of("option")
    with snapshot() as tx:
        assert tx.execute(campaigns.select()).one().holdout == 20
    assert alice.sends(here, holdout="60").status_code >= 400
    assert alice.sends(here, holdout="-1").status_code >= 400
