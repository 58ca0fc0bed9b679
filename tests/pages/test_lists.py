"""The page of static lists: made from a file, what was found, taken back, deleted."""

from __future__ import annotations

import io

from plugin.store.engine import transaction
from tests.factories import make_person, make_segment
from tests.pages.conftest import Merchant


def test_a_list_is_made_from_a_file_filled_further_and_taken_back(alice: Merchant, shop: int) -> None:
    with transaction() as tx:
        for number in (17850, 13047):
            make_person(tx, shop, customer_id=number, number_of_orders=2)
        make_segment(tx, shop, "number_of_orders > 1", "Loyal")
    assert "No list yet" in " ".join(alice.opens("/lists").text_of("h2"))

    file = (io.BytesIO(b"customer_id\n17850\n5\n"), "fair.csv")
    sent = {"name": "Fair 2026", "file": file}
    answer = alice.client.post("/lists", data=sent, headers={"Origin": "https://beckon.test"})
    page = alice.opens(answer.headers["Location"])

    assert page.text_of("h1") == ["Fair 2026"]
    assert "1 found, 1 not found: row 3." in " ".join(page.text_of("p"))
    where = answer.headers["Location"].partition("?")[0]
    added = alice.sends(f"{where}/people", text="13047")
    assert "1 found" in " ".join(alice.opens(added.headers["Location"]).text_of("p"))
    second = added.headers["Location"].partition("done=")[2]
    undo = alice.sends(f"{where}/imports/{second}/undo")
    assert undo.status_code == 303
    assert "Taken back" in " ".join(alice.opens(where).text_of("span"))
    assert alice.sends(f"{where}/delete").status_code == 303
    alice.opens(where, status=404)


def test_what_cannot_be_made_says_why_and_keeps_what_was_written(alice: Merchant, shop: int) -> None:
    answer = alice.sends("/lists", name="Fair 2026", text="ann@example.com")
    page = alice.reads(answer, 422)
    assert "switch e-mail addresses on" in " ".join(page.text_of("div"))
    assert "ann@example.com" in page.text_of("textarea")[0]
    assert "No list yet" in " ".join(alice.opens("/lists").text_of("h2"))
