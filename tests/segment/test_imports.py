"""Shopify's segments become ours: once, changed when theirs changes, never wider without being asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plugin.base.errors import BeckonError, NotFound
from plugin.segment import imports, saved
from plugin.store import tables
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_segment, make_shop

ALIEN = "shopify_email.opened MATCHES ()"


def tell(tx: Tx, shop_id: int, shopify_id: int, name: str, query: str, at: datetime = NOON) -> None:
    """What segments/create and segments/update leave."""
    mine = tables.shopify_segments.c
    tx.execute(tables.shopify_segments.delete().where(mine.shop_id == shop_id, mine.segment_id == shopify_id))
    row = {"shop_id": shop_id, "segment_id": shopify_id, "name": name, "query": query, "updated_at": at}
    tx.execute(tables.shopify_segments.insert().values(row))


def states(tx: Tx, shop_id: int) -> dict[str, str]:
    return {offer.name: offer.state for offer in imports.every(tx, shop_id, NOON)}


def test_one_is_imported_under_its_name_and_only_once(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 2**60, "Regulars", "number_of_orders > 3")
    assert states(tx, shop_id) == {"Regulars": "new"}

    segment_id = imports.take_over(tx, shop_id, 2**60, NOON)

    assert (saved.find(tx, shop_id, segment_id).name, states(tx, shop_id)) == ("Regulars", {"Regulars": "imported"})
    assert imports.take_over(tx, shop_id, 2**60, NOON) == segment_id
    assert len(saved.every(tx, shop_id)) == 1


def test_a_name_that_is_taken_is_told_from_ours(tx: Tx, shop_id: int) -> None:
    make_segment(tx, shop_id, "", "regulars")
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 3")

    segment_id = imports.take_over(tx, shop_id, 1, NOON)

    assert saved.find(tx, shop_id, segment_id).name == "Regulars (Shopify)"


def test_a_part_is_left_out_only_when_that_is_said_and_it_is_remembered(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Readers", f"number_of_orders > 3 AND {ALIEN}")

    with pytest.raises(BeckonError, match=r"shopify_email\.opened"):
        imports.take_over(tx, shop_id, 1, NOON)
    assert saved.every(tx, shop_id) == []

    imports.take_over(tx, shop_id, 1, NOON, partly=True)

    offer = imports.find(tx, shop_id, 1, NOON)
    assert offer.state == "imported"
    assert offer.imported is not None
    assert [one["clause"] for one in offer.imported.left_out] == [ALIEN]
    assert offer.imported.ours == "number_of_orders > 3"


def test_what_cannot_be_read_at_all_is_not_imported(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Readers", ALIEN)

    with pytest.raises(BeckonError, match="cannot be read"):
        imports.take_over(tx, shop_id, 1, NOON, partly=True)


def test_a_change_in_shopify_is_seen_and_taken_over(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 3")
    segment_id = imports.take_over(tx, shop_id, 1, NOON)
    tell(tx, shop_id, 1, "Best", "number_of_orders > 4")
    assert states(tx, shop_id) == {"Best": "changed"}

    imports.take_over(tx, shop_id, 1, NOON)

    segment = saved.find(tx, shop_id, segment_id)
    assert (segment.name, segment.query) == ("Best", "number_of_orders > 4")
    assert states(tx, shop_id) == {"Best": "imported"}


def test_a_name_given_here_stays(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 3")
    segment_id = imports.take_over(tx, shop_id, 1, NOON)
    saved.save(tx, shop_id, segment_id, "My regulars", "number_of_orders > 3", NOON)
    tell(tx, shop_id, 1, "Best", "number_of_orders > 4")

    imports.take_over(tx, shop_id, 1, NOON)

    assert saved.find(tx, shop_id, segment_id).name == "My regulars"


def test_deleted_here_it_can_be_imported_again_deleted_there_ours_stays(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 3")
    segment_id = imports.take_over(tx, shop_id, 1, NOON)
    saved.delete(tx, shop_id, segment_id, NOON)
    assert states(tx, shop_id) == {"Regulars": "new"}

    again = imports.take_over(tx, shop_id, 1, NOON)
    assert again != segment_id
    tx.execute(tables.shopify_segments.update().values(deleted_at=NOON))

    assert states(tx, shop_id) == {"Regulars": "gone"}
    with pytest.raises(BeckonError, match="was deleted in Shopify"):
        imports.take_over(tx, shop_id, 1, NOON)


def test_in_step_follows_what_can_be_read_and_leaves_what_was_edited_here(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 3")
    segment_id = imports.take_over(tx, shop_id, 1, NOON, in_step=True)
    assert imports.out_of_step(tx, 10) == []

    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 5")
    assert imports.out_of_step(tx, 10) == [(shop_id, 1)]
    assert imports.follow(tx, shop_id, 1, NOON)
    assert saved.find(tx, shop_id, segment_id).query == "number_of_orders > 5"

    saved.save(tx, shop_id, segment_id, "Regulars", "number_of_orders > 50", NOON)
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 6")
    assert imports.out_of_step(tx, 10) == []


def test_in_step_ends_at_a_change_that_cannot_be_read(tx: Tx, shop_id: int) -> None:
    tell(tx, shop_id, 1, "Regulars", "number_of_orders > 3")
    segment_id = imports.take_over(tx, shop_id, 1, NOON, in_step=True)
    tell(tx, shop_id, 1, "Regulars", f"number_of_orders > 3 OR {ALIEN}")

    assert not imports.follow(tx, shop_id, 1, NOON)

    offer = imports.find(tx, shop_id, 1, NOON)
    assert (offer.state, offer.imported.in_step if offer.imported else None) == ("changed", False)
    assert saved.find(tx, shop_id, segment_id).query == "number_of_orders > 3"
    assert imports.out_of_step(tx, 10) == []


def test_another_shops_segments_are_not_seen(tx: Tx, shop_id: int) -> None:
    other = make_shop(tx, "other.myshopify.com")
    tell(tx, other, 1, "Theirs", "")

    assert imports.every(tx, shop_id, NOON) == []
    with pytest.raises(NotFound):
        imports.take_over(tx, shop_id, 1, datetime(2026, 11, 18, tzinfo=UTC) + timedelta(days=1))
