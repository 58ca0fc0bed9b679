"""Whatever push services answer, workers do, jobs repeat and people become: everybody has one outcome, sums are the
audience, and nobody sees a message twice, too often, at night or late. On generated stories (story.py)."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from plugin.audience import limits
from plugin.base import clock, settings
from plugin.base.outcomes import FINAL
from plugin.delivery import fanout
from plugin.report import funnel
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns, deliveries, enrollments
from tests.conftest import NOON
from tests.delivery.asked_story import AskedStory
from tests.delivery.rows import campaign
from tests.delivery.story import Story

TOLD = (0, 3, 11, 13, 34, 79, 115)
"""Stories that found something once, or would at once find what was broken on purpose."""
SEEDS = [*TOLD, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(400) if seed not in TOLD)]


ASKED = (0, 7, 11, 46)
"""Among these each of those outcomes occurs, and a code that is over pauses the campaign."""
ASKED_SEEDS = [*ASKED, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(200) if seed not in ASKED)]


@pytest.fixture
def short_lease() -> Iterator[None]:
    settings.use(dataclasses.replace(settings.current(), lease=timedelta(seconds=60)))
    with clock.stopped_at(NOON):
        yield


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_has_one_outcome_and_sees_a_message_once(shop: int, seed: int, short_lease: None) -> None:
    _keeps_the_laws(Story(shop, random.Random(seed)))


@pytest.mark.parametrize("seed", ASKED_SEEDS)
def test_also_when_segment_stock_purchase_and_code_end_meanwhile(shop: int, seed: int, short_lease: None) -> None:
    _keeps_the_laws(AskedStory(shop, random.Random(seed)))


def _keeps_the_laws(story: Story) -> None:
    story.tell()

    with snapshot() as tx:
        rows = tx.execute(select(deliveries).where(deliveries.c.created_at >= NOON)).all()
    _sums_are_the_audience(story, [row for row in rows if row.campaign_id == story.sale])
    _sums_are_the_enrolled(story)
    _what_is_said_is_true(story, rows)
    _nobody_is_disturbed(story, rows)


def _sums_are_the_audience(story: Story, rows: list[Row[Any]]) -> None:
    with snapshot() as tx:
        report = funnel.campaign(tx, story.shop_id, story.sale)
        told = campaign(tx, story.sale)
    assert {row.state for row in rows} <= {*FINAL}
    assert len(rows) == story.audience == told.audience == report.audience
    assert sum(outcome.people for outcome in report.outcomes) == report.audience
    assert Counter(row.state for row in rows)["sent"] == report.sent
    known = [row.person_id for row in rows if row.person_id is not None]
    assert len(known) == len({*known})
    assert all(row.finished_at is not None for row in rows)


def _sums_are_the_enrolled(story: Story) -> None:
    with snapshot() as tx:
        report = funnel.automation(tx, story.shop_id, "abandoned_cart")
        begun = tx.execute(select(enrollments.c.id)).all()
    assert len(begun) == report.enrolled == sum(outcome.people for outcome in report.outcomes)
    assert report.waiting == 0


def _what_is_said_is_true(story: Story, rows: list[Row[Any]]) -> None:
    taken = {push.delivery_id for _, push in story.pushed if push.topic in story.taken}
    topics = {push.delivery_id: {push.topic} for _, push in story.pushed}
    assert story.repeated == []  # a browser that is known to have it is never sent it again
    for _, push in story.pushed:
        assert topics[push.delivery_id] == {push.topic}  # sent again only under the same Topic: one notification
        assert push.ttl > 0
    for row in rows:
        if row.state == "sent":
            assert row.id in taken  # nobody is said to be sent who was not
        elif row.id in taken:  # taken, but the answer was lost, and it could not be tried again
            assert row.attempts > 0
            assert row.state not in {"held_out", "capped"}
            assert row.state != "duplicate_person" or row.reason or row.status is not None  # it says so where it knows
        if row.state == "held_out":
            assert row.id not in topics


def _nobody_is_disturbed(story: Story, rows: list[Row[Any]]) -> None:
    with snapshot() as tx:
        before = Counter(tx.execute(select(deliveries.c.person_id).where(deliveries.c.created_at < NOON)).scalars())
    for (at, _), zone in zip(story.pushed, story.clocks, strict=True):
        assert limits.morning(story.limits, zone, "Europe/London", at) is None
    if story.limits.cap is None:
        return
    gone = {"gone", "rejected"}  # whatever it took before, it shows nothing any more
    person_of = {row.id: row.person_id for row in rows if row.person_id is not None and row.state not in gone}
    taken = {push.delivery_id for _, push in story.pushed if push.topic in story.taken}
    seen = Counter(person_of[one] for one in taken if one in person_of)
    for person_id, times in seen.items():
        if person_id not in story.merged:  # who was two before may have been written to as both
            assert times + before[person_id] <= max(story.limits.cap, before[person_id]), person_id


def test_no_push_is_made_after_the_messages_time(shop: int, short_lease: None) -> None:
    story = Story(shop, random.Random(7))
    late: list[datetime] = []
    with transaction() as tx:
        tx.execute(campaigns.update().values(holdout=0))
        limits.choose(tx, shop, limits.Limits(), NOON)
        while fanout.next_page(tx, story.sale, story.now) is not None:
            pass
    story.service.choose = lambda push: late.append(story.now) if push.ttl <= 0 else 500
    for _ in range(200):
        story.wait()
    assert late == []
    with snapshot() as tx:
        assert {each.outcome for each in funnel.campaign(tx, shop, story.sale).outcomes} == {"expired"}
