"""Settings: the merchant says which metafields tell a birthday, a gender and so on."""

from __future__ import annotations

from plugin.profile import shopper_facts
from plugin.store.engine import snapshot
from tests.pages.conftest import Merchant


def test_a_metafield_is_named_kept_and_shown(alice: Merchant, shop: int) -> None:
    assert alice.sends("/settings/shopper-facts", birthday="custom.born", gender="").status_code == 303
    with snapshot() as tx:
        assert shopper_facts.paths(tx, shop)["birthday"] == ("custom", "born")
        assert shopper_facts.paths(tx, shop)["gender"] == ("facts", "gender")
    assert "Shopper facts" in alice.opens("/settings").text_of("h2")


def test_what_is_no_metafields_name_is_refused_in_words_and_nothing_is_kept(alice: Merchant, shop: int) -> None:
    answer = alice.sends("/settings/shopper-facts", gender="custom.sex", birthday="born")
    assert answer.status_code >= 400
    assert "namespace.key" in answer.get_data(as_text=True)
    with snapshot() as tx:
        assert shopper_facts.paths(tx, shop) == dict(shopper_facts.DEFAULTS)
