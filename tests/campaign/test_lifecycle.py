"""What a merchant may do with a campaign, and the sentence when not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plugin.base.errors import BeckonError, NotFound
from plugin.campaign import lifecycle, sending
from plugin.campaign.lifecycle import Draft
from plugin.store import tables
from plugin.store.engine import Tx
from tests.delivery.rows import campaign, set_state, subscribers
from tests.factories import make_campaign, make_segment, make_shop

COATS = Draft("Winter", "Winter is here", "Coats are in.", "/collections/coats")
HOUR = timedelta(hours=1)


def written(tx: Tx, shop_id: int, now: datetime, draft: Draft = COATS) -> int:
    made = lifecycle.create(tx, shop_id, now)
    lifecycle.save(tx, shop_id, made, draft, now)
    return made


def test_from_draft_to_sent(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = written(tx, shop_id, at_noon)
    lifecycle.schedule(tx, shop_id, sale, at_noon + HOUR, at_noon)
    assert sending.due(tx, at_noon) == []
    assert not sending.start(tx, sale, at_noon)
    assert sending.due(tx, at_noon + HOUR) == [sale]
    assert sending.due(tx, at_noon + HOUR) == []  # hinted a moment ago
    assert sending.start(tx, sale, at_noon + HOUR)
    assert not sending.start(tx, sale, at_noon + HOUR)
    set_state(tx, tables.campaigns, sale, fanned_out_at=at_noon)
    assert sending.finish_if_done(tx, sale, at_noon + HOUR)
    assert lifecycle.find(tx, shop_id, sale).state == "sent"


def test_sending_can_be_taken_back_until_it_begins(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = written(tx, shop_id, at_noon)
    lifecycle.schedule(tx, shop_id, sale, at_noon + HOUR, at_noon)
    with pytest.raises(BeckonError, match="“Winter” cannot be changed: it is scheduled; take it back first"):
        lifecycle.save(tx, shop_id, sale, COATS, at_noon)
    lifecycle.take_back(tx, shop_id, sale, at_noon)
    lifecycle.save(tx, shop_id, sale, COATS, at_noon)
    lifecycle.schedule(tx, shop_id, sale, at_noon, at_noon)
    sending.start(tx, sale, at_noon)
    with pytest.raises(BeckonError, match="cannot be taken back: it is being sent"):
        lifecycle.take_back(tx, shop_id, sale, at_noon)


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (Draft("Winter", " ", "", "/"), "no title"),
        (Draft("Winter", "Coats", "", ""), "no link"),
        (Draft("Winter", "Coats", "", "javascript:alert(1)"), "is no link"),
        (Draft("Winter", "Coats", "", "//evil.example"), "is no link"),
    ],
)
def test_what_is_not_complete_is_not_scheduled(
    tx: Tx, shop_id: int, at_noon: datetime, draft: Draft, sentence: str
) -> None:
    sale = written(tx, shop_id, at_noon, draft)
    with pytest.raises(BeckonError, match=sentence):
        lifecycle.schedule(tx, shop_id, sale, at_noon, at_noon)


def test_the_past_cannot_be_scheduled(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = written(tx, shop_id, at_noon)
    with pytest.raises(BeckonError, match="has passed"):
        lifecycle.schedule(tx, shop_id, sale, at_noon - HOUR, at_noon)


def test_a_segment_that_is_gone_sends_the_campaign_back_with_the_reason(
    tx: Tx, shop_id: int, at_noon: datetime
) -> None:
    often = make_segment(tx, shop_id, "number_of_orders > 2")
    sale = make_campaign(tx, shop_id, state="scheduled", scheduled_at=at_noon, segment_id=often)
    set_state(tx, tables.segments, often, deleted_at=at_noon)
    assert not sending.start(tx, sale, at_noon)
    told = lifecycle.find(tx, shop_id, sale)
    assert (told.state, told.scheduled_at) == ("draft", None)
    assert told.reason == "It was not sent: Its segment does not exist any more. Choose another one."


def test_a_shop_that_left_sends_nothing(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = make_campaign(tx, shop_id, state="scheduled", scheduled_at=at_noon)
    set_state(tx, tables.shops, shop_id, uninstalled_at=at_noon)
    assert not sending.start(tx, sale, at_noon)
    assert (campaign(tx, sale).state, campaign(tx, sale).reason) == ("draft", sending.LEFT)


def test_pause_resume_cancel(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 1)
    sale = make_campaign(tx, shop_id, state="sending", started_at=at_noon)
    lifecycle.pause(tx, shop_id, sale, at_noon)
    assert lifecycle.find(tx, shop_id, sale).reason == "You paused it."
    with pytest.raises(BeckonError, match="cannot be paused: it is paused"):
        lifecycle.pause(tx, shop_id, sale, at_noon)
    lifecycle.resume(tx, shop_id, sale, at_noon)
    assert lifecycle.find(tx, shop_id, sale).reason is None
    lifecycle.cancel(tx, shop_id, sale, at_noon)
    assert lifecycle.find(tx, shop_id, sale).finished_at == at_noon
    with pytest.raises(BeckonError, match="cannot go on: it was cancelled"):
        lifecycle.resume(tx, shop_id, sale, at_noon)


def test_another_shops_campaign_does_not_exist(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    sale = written(tx, shop_id, at_noon)
    stranger = make_shop(tx, "other.myshopify.com")
    with pytest.raises(NotFound):
        lifecycle.find(tx, stranger, sale)
    with pytest.raises(NotFound):
        lifecycle.save(tx, stranger, sale, COATS, at_noon)
    with pytest.raises(NotFound):
        lifecycle.save(tx, shop_id, sale, Draft("x", "x", "", "/", None, make_segment(tx, stranger, "")), at_noon)
    assert lifecycle.every(tx, stranger) == []
    assert [each.id for each in lifecycle.every(tx, shop_id)] == [sale]
