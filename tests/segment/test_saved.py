"""Segments that a merchant keeps."""

from __future__ import annotations

import pytest

from plugin.base.errors import BeckonError, NotFound
from plugin.segment import saved
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_shop


def test_a_segment_is_kept_changed_and_deleted(tx: Tx, shop_id: int) -> None:
    loyal = saved.create(tx, shop_id, "  Loyal   people ", " number_of_orders > 4 ", NOON)
    everybody = saved.create(tx, shop_id, "everybody", "", NOON)

    assert saved.find(tx, shop_id, loyal) == saved.Segment(loyal, "Loyal people", "number_of_orders > 4", NOON)
    assert [segment.id for segment in saved.every(tx, shop_id)] == [everybody, loyal]

    saved.save(tx, shop_id, loyal, "Very loyal", "number_of_orders > 9", NOON)
    assert saved.find(tx, shop_id, loyal).name == "Very loyal"

    saved.delete(tx, shop_id, loyal, NOON)
    assert [segment.id for segment in saved.every(tx, shop_id)] == [everybody]
    with pytest.raises(NotFound, match=r"no segment \d+ in this shop"):
        saved.find(tx, shop_id, loyal)
    with pytest.raises(NotFound):
        saved.delete(tx, shop_id, loyal, NOON)


def test_what_cannot_be_read_is_not_saved(tx: Tx, shop_id: int) -> None:
    with pytest.raises(SegmentError, match="Did you mean number_of_orders"):
        saved.create(tx, shop_id, "Loyal", "number_of_order > 4", NOON)
    with pytest.raises(BeckonError, match="Give the segment a name"):
        saved.create(tx, shop_id, " \n", "", NOON)
    with pytest.raises(BeckonError, match="too long"):
        saved.create(tx, shop_id, "x" * 201, "", NOON)
    assert saved.every(tx, shop_id) == []


def test_another_shops_segment_is_out_of_reach(tx: Tx, shop_id: int) -> None:
    theirs = saved.create(tx, make_shop(tx, domain="elsewhere.myshopify.com"), "Theirs", "", NOON)
    for attempt in (
        lambda: saved.find(tx, shop_id, theirs),
        lambda: saved.save(tx, shop_id, theirs, "Mine", "", NOON),
        lambda: saved.delete(tx, shop_id, theirs, NOON),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_segment_that_another_asks_for_keeps_its_name_and_stays(tx: Tx, shop_id: int) -> None:
    inner = saved.create(tx, shop_id, "VIPs", "customer_tags CONTAINS 'vip'", NOON)
    outer = saved.create(tx, shop_id, "Fans", "NOT in_segment('VIPs')", NOON)

    for act in (
        lambda: saved.save(tx, shop_id, inner, "Very important", "", NOON),
        lambda: saved.delete(tx, shop_id, inner, NOON),
    ):
        with pytest.raises(BeckonError, match="“Fans” asks for “VIPs”: take it out there first"):
            act()

    saved.delete(tx, shop_id, outer, NOON)
    saved.delete(tx, shop_id, inner, NOON)
