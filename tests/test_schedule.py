"""The clock brings back what is due or was lost, once, and does no harm when there are two."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from plugin import jobs, queue, schedule
from plugin.base import clock, settings
from plugin.campaign import sending
from plugin.delivery import fanout
from plugin.delivery import waiting as waiting_rows
from plugin.segment import membership, saved
from plugin.store import engine, tables
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON
from tests.delivery.rows import begun, campaign, fanned_out, set_state, states, subscribers
from tests.delivery.wire import PushService
from tests.factories import make_campaign, make_person

SECOND = timedelta(seconds=1)


@pytest.fixture
def carrier(shop: int, redis_url: str) -> Iterator[None]:
    """A real queue that nobody works on; the shop has its history."""
    queue._client(redis_url).flushall()
    with transaction() as tx:
        set_state(tx, tables.shops, shop, access_token=None)
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    schedule.tick(NOON - SECOND)  # the hourly work is done
    queue._client(redis_url).flushall()
    yield
    queue._client(redis_url).flushall()


def waiting(name: str) -> list[tuple[str, list[object]]]:
    """The jobs in a queue: name and arguments."""
    return [(job.func_name.rpartition(".")[2], list(job.args)) for job in queue.the_queue(name).jobs]


def test_a_scheduled_campaign_is_started_when_its_time_has_come(shop: int, carrier: None) -> None:
    with transaction() as tx:
        sale = make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    schedule.tick(NOON - SECOND / 2)
    assert waiting(queue.CAMPAIGNS) == []
    for seconds in range(3):
        schedule.tick(NOON + seconds * SECOND)
    assert waiting(queue.CAMPAIGNS) == [("start_campaign", [sale])]


def test_when_the_queue_was_emptied_the_clock_fills_it_again(shop: int, carrier: None, redis_url: str) -> None:
    with transaction() as tx:
        subscribers(tx, shop, 3)
        sale, ids = fanned_out(tx, shop, NOON)
        assert waiting_rows.ahead(tx, sale, NOON) == ids
    schedule.tick(NOON + 5 * SECOND)
    assert waiting(queue.CAMPAIGNS) == []  # the fan-out's own job may still be there

    later = NOON + settings.current().lease
    schedule.tick(later)
    schedule.tick(later + SECOND)

    assert waiting(queue.CAMPAIGNS) == [("send_batch", [ids, sale])]
    with snapshot() as tx:
        assert states(tx, sale) == {"queued": 3}


def test_a_fan_out_whose_worker_died_goes_on(shop: int, carrier: None) -> None:
    with transaction() as tx:
        subscribers(tx, shop, 3)
        sale = begun(tx, shop, NOON)
        fanout.next_page(tx, sale, NOON, limit=1)
    schedule.tick(NOON + settings.current().lease)
    assert ("fan_out", [sale]) in waiting(queue.CAMPAIGNS)


def test_a_late_webhook_is_brought(shop: int, carrier: None) -> None:
    values = {"shop_domain": "vanta.myshopify.com", "webhook_id": "1", "topic": "x", "body": b"{}", "state": "pending"}
    with transaction() as tx:
        tx.execute(tables.webhooks.insert().values(**values, received_at=NOON))
        row_id = tx.execute(select(tables.webhooks.c.id)).scalar_one()
    schedule.tick(NOON + SECOND)
    assert waiting(queue.WEBHOOKS) == []
    schedule.tick(NOON + 6 * SECOND)
    schedule.tick(NOON + 7 * SECOND)
    assert waiting(queue.WEBHOOKS) == [("apply_webhooks", [[row_id]])]


def test_a_saved_segment_is_settled_and_who_is_due_is_judged_by_jobs_that_a_worker_finds(
    shop: int, carrier: None
) -> None:
    with transaction() as tx:
        ann = make_person(tx, shop, customer_id=1, last_order_at=NOON - timedelta(days=1))
        recent = saved.create(tx, shop, "Recent", "last_order_date >= -30d", NOON)

    for at in (NOON + SECOND, datetime(2026, 12, 18, tzinfo=UTC)):  # thirty days are over
        with clock.stopped_at(at):
            schedule.tick(at)
            for job in queue.the_queue(queue.SEGMENTS).jobs:
                job.perform()
        with snapshot() as tx:
            found = membership.changes_of(tx, shop, segment_id=recent)
        queue.redis().flushall()

    told = [(change.person_id, change.kind, change.at) for change in found]
    assert told == [(ann, "left", datetime(2026, 12, 18, tzinfo=UTC)), (ann, "entered", NOON)]


def test_of_two_clocks_one_works(shop: int, carrier: None) -> None:
    with transaction() as tx:
        make_campaign(tx, shop, state="scheduled", scheduled_at=NOON + 20 * SECOND)
    schedule.tick(NOON + 15 * SECOND, holder="first")
    assert schedule.tick(NOON + 20 * SECOND, holder="second") == 0
    assert schedule.tick(NOON + 20 * SECOND, holder="first") == 1
    with transaction() as tx:
        make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    assert schedule.tick(NOON + 31 * SECOND, holder="second") == 1  # the first is silent


def test_nothing_is_added_to_a_long_queue(shop: int, carrier: None) -> None:
    for number in range(schedule.LONG_QUEUE[queue.CAMPAIGNS]):
        queue.enqueue(queue.CAMPAIGNS, jobs.fan_out, number)
    with transaction() as tx:
        make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    assert schedule.tick(NOON) == 0


def test_with_redis_away_nothing_is_marked_as_enqueued(shop: int, carrier: None) -> None:
    settings.use(dataclasses.replace(settings.current(), redis_url="redis://127.0.0.1:1/0"))
    with transaction() as tx:
        sale = make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    assert schedule.tick(NOON) == 0
    with snapshot() as tx:
        assert campaign(tx, sale).hinted_at is None


def test_an_installation_that_was_cut_short_is_taken_up(shop: int, carrier: None) -> None:
    with transaction() as tx:
        set_state(tx, tables.shops, shop, access_token="shpat")
    schedule.tick(NOON + timedelta(minutes=1))
    schedule.tick(NOON + timedelta(minutes=1, seconds=1))
    assert waiting(queue.HISTORY) == [("installed", [shop])]


def test_the_clock_survives_a_database_that_is_not_ready(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine.open_store(f"sqlite:///{tmp_path}/not-migrated.sqlite3")
    stop = threading.Event()
    clockwork = threading.Thread(target=schedule.run_forever, args=(stop,))
    clockwork.start()
    stop.wait(0.5)
    stop.set()
    clockwork.join(10)
    assert "the next one tries again" in caplog.text
    engine.close_store()


def test_the_whole_way_without_a_queue(shop: int) -> None:
    """Jobs run inline: start, fan out, send, done."""
    with transaction() as tx:
        subscribers(tx, shop, 3)
        sale = make_campaign(tx, shop, state="scheduled", scheduled_at=NOON)
    service = PushService()
    with clock.stopped_at(NOON):
        with transaction() as tx:
            assert sending.start(tx, sale, NOON)
            ids = fanout.next_page(tx, sale, NOON) or []
        jobs.send_batch(ids, send=service.send)
    with snapshot() as tx:
        assert campaign(tx, sale).state == "sent"
    assert service.texts() == ["Winter is here"] * 3


def test_a_campaign_that_nobody_could_read_goes_back_to_its_author(shop: int) -> None:
    with transaction() as tx:
        subscribers(tx, shop, 1)
        sale = make_campaign(tx, shop, state="scheduled", scheduled_at=NOON, title="{{ product.title }}")
    with clock.stopped_at(NOON):
        jobs.start_campaign(sale)
    with snapshot() as tx:
        told = campaign(tx, sale)
    assert told.state == "draft"
    assert told.reason.startswith("It was not sent. There is no {{ product.title }} here.")


def test_every_night_who_is_in_which_segment_is_checked(shop: int, carrier: None) -> None:
    with transaction() as tx:
        saved.create(tx, shop, "Everybody", "", NOON)
    schedule.tick(NOON + timedelta(minutes=1))
    assert ("check_memberships", [shop]) not in waiting(queue.HISTORY)

    schedule.tick(NOON + timedelta(days=1))

    assert ("check_memberships", [shop]) in waiting(queue.HISTORY)
