"""Settings → Events API: keys are made, shown once and revoked."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from plugin.ingest import api_keys
from plugin.store import tables
from plugin.store.engine import transaction
from tests.conftest import NOON

from .conftest import Merchant


@pytest.mark.usefixtures("at_noon")
def test_a_key_is_shown_once_and_opens_until_it_is_revoked(alice: Merchant) -> None:
    assert "No tool has a key yet." in alice.opens("/settings").text_of("p")
    made = alice.sends("/settings/events/keys", name="Loyalty  points")
    assert made.status_code == 200
    [key] = re.findall(r"bk_[\w-]{43}", made.get_data(as_text=True))

    [told] = [line for line in alice.opens("/settings").text_of("li") if "Loyalty points" in line]
    assert told == f"Loyalty points …{key[-4:]} never used Revoke"
    assert key not in alice.client.get("/settings").get_data(as_text=True)
    with transaction() as tx:
        assert api_keys.open_with(tx, key, 1, NOON)
        key_id = tx.execute(select(tables.api_keys.c.id)).scalar_one()
    assert any("last used" in line for line in alice.opens("/settings").text_of("li"))

    assert alice.sends(f"/settings/events/keys/{key_id}/revoke").status_code == 303
    with transaction() as tx:
        assert api_keys.open_with(tx, key, 1, NOON) is None
    assert alice.sends(f"/settings/events/keys/{key_id}/revoke").status_code == 404


def test_a_key_needs_a_name(alice: Merchant) -> None:
    answer = alice.sends("/settings/events/keys", name="  ")
    assert answer.status_code == 422
    assert "Name the key after the tool" in answer.get_data(as_text=True)
