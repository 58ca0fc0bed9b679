"""What went wrong is shown with its reason, and tried again once: where that can help, and never twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from plugin import jobs, queue
from plugin.base import settings
from plugin.commands.worker import Lasting
from plugin.delivery import again
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import campaigns, deliveries, webhooks
from tests.delivery.rows import campaign, states
from tests.delivery.wire import PushService
from tests.factories import make_campaign, make_delivery, make_person, make_shop, make_subscription
from tests.pages.conftest import Merchant

HOUR = timedelta(hours=1)
REFUSED = "The push service did not accept our VAPID signature. It answered 401."


@pytest.fixture
def sale(shop: int, at_noon: datetime) -> int:
    """A campaign that is over: one got it, two were refused, one came too late, one was refused and is gone since."""
    with transaction() as tx:
        made = make_campaign(tx, shop, name="Coats", state="sent", started_at=at_noon - HOUR, fanned_out_at=at_noon)
        for state, browser, left in (
            ("sent", "active", HOUR),
            ("rejected", "active", HOUR),
            ("rejected", "active", HOUR),
            ("rejected", "gone", HOUR),
            ("rejected", "active", -HOUR),
            ("expired", "active", -HOUR),
        ):
            to = make_subscription(tx, shop, of=make_person(tx, shop), state=browser)
            reason = REFUSED if state == "rejected" else None
            values = {"state": state, "reason": reason, "finished_at": at_noon, "expires_at": at_noon + left}
            make_delivery(tx, shop, to=to, campaign_id=made, **values)
    return made


def test_what_was_not_delivered_is_told_with_its_reason(alice: Merchant, sale: int) -> None:
    page = alice.opens("/reports/undelivered")
    assert page.text_of("h2")[0] == "Messages"
    assert any(f"Refused by the push service{REFUSED}" in words for words in page.text_of("td"))
    assert page.text_of("button", type="button", class_="button ") == ["Try again"]  # not for what is too late
    assert any("2 messages will be sent once more" in words for words in page.text_of("p"))
    assert any("2 other messages will not" in words for words in page.text_of("p"))


def test_trying_again_sends_each_once(alice: Merchant, shop: int, sale: int, at_noon: datetime) -> None:
    form = {"campaign_id": str(sale), "outcome": "rejected", "reason": REFUSED}
    for _ in range(2):  # a double click
        assert alice.sends("/reports/undelivered/messages", **form).location == "/reports/undelivered"
    with snapshot() as tx:
        assert states(tx, sale) == {"sent": 1, "queued": 2, "rejected": 2, "expired": 1}
        assert campaign(tx, sale).state == "sending"
        ids = list(tx.execute(select(deliveries.c.id).where(deliveries.c.state == "queued")).scalars())

    service = PushService()
    jobs.send_batch(ids, sale, send=service.send)

    with snapshot() as tx:
        assert (states(tx, sale)["sent"], campaign(tx, sale).state) == (3, "sent")
    assert len(service.pushes) == 2


def test_nobody_else_s_is_tried_again(alice: Merchant, shop: int, sale: int, at_noon: datetime) -> None:
    with transaction() as tx:
        stranger = make_shop(tx, "other.myshopify.com")
        assert again.retry(tx, stranger, sale, "rejected", REFUSED, at_noon) == 0
        assert again.undelivered(tx, stranger, at_noon) == []
        assert again.retry(tx, shop, sale, "sent", None, at_noon) == 0
        assert again.retry(tx, shop, sale, "expired", None, at_noon) == 0
        tx.execute(campaigns.update().values(state="cancelled"))
        assert again.retry(tx, shop, sale, "rejected", REFUSED, at_noon) == 0


@pytest.mark.parametrize("named", ["", "x", "1x", "9" * 19, None])
def test_what_names_no_campaign_is_not_taken_for_automations(
    alice: Merchant, shop: int, named: str | None, at_noon: datetime
) -> None:
    with transaction() as tx:
        to = make_subscription(tx, shop, of=make_person(tx, shop))
        reminder = make_delivery(tx, shop, to=to, state="rejected", reason=REFUSED, finished_at=at_noon)
    form = {"outcome": "rejected", "reason": REFUSED} | ({} if named is None else {"campaign_id": named})

    answer = alice.sends("/reports/undelivered/messages", **form)

    with snapshot() as tx:
        state = tx.execute(select(deliveries.c.state).where(deliveries.c.id == reminder)).scalar_one()
    if named == "":
        assert (answer.status_code, state) == (303, "queued")
        return
    assert state == "rejected"
    assert any("campaign_id must be a campaign's number" in words for words in alice.reads(answer, 422).text_of("p"))


def test_notices_of_shopify_s_are_read_again(alice: Merchant, shop: int, at_noon: datetime) -> None:
    with transaction() as tx:
        for number, domain in enumerate(["vanta.myshopify.com", "vanta.myshopify.com", "other.myshopify.com"]):
            values = {"shop_domain": domain, "topic": "products/update", "body": b"{", "webhook_id": str(number)}
            tx.execute(webhooks.insert().values(**values, received_at=at_noon, state="failed", error="id is missing."))
    page = alice.opens("/reports/undelivered")
    assert any("id is missing." in words for words in page.text_of("td"))
    assert any("2 notices about products/update" in words for words in page.text_of("p"))

    alice.sends("/reports/undelivered/notices", topic="products/update", reason="id is missing.")

    with snapshot() as tx:  # read again at once, and no better
        rows = tx.execute(select(webhooks.c.shop_domain, webhooks.c.error).order_by(webhooks.c.id)).all()
    assert [row.error == "id is missing." for row in rows] == [False, False, True]


@pytest.fixture
def carrier(redis_url: str, shop: int) -> Iterator[None]:
    queue._client(redis_url).flushall()
    settings.use(dataclasses.replace(settings.current(), redis_url=redis_url))
    yield
    queue._client(redis_url).flushall()


def test_work_that_broke_is_its_shop_s_alone_and_done_again(
    alice: Merchant, shop: int, carrier: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def breaks(shop_id: int) -> None:
        done.append(shop_id)
        if len(done) < 3:
            raise ValueError("ann@example.com is no number")

    monkeypatch.setattr(jobs, "installed", breaks)
    for shop_id in (shop, shop + 1):
        queue.the_queue(queue.HISTORY).enqueue("plugin.jobs.installed", shop_id, failure_ttl=60)
    work()

    page = alice.opens("/reports/undelivered")
    assert page.text_of("td")[:2] == ["installed", "ValueError"]  # not what it said: that may name somebody
    assert len(page.text_of("tr")) == 2
    (mine,) = queue.broken(shop)
    for _ in range(2):
        alice.sends("/reports/undelivered/jobs", job=mine.id)
    (other,) = queue.broken(shop + 1)
    alice.sends("/reports/undelivered/jobs", job=other.id)
    work()

    assert done == [shop, shop + 1, shop]
    assert alice.opens("/reports/undelivered").text_of("h2") == ["Nothing went wrong"]


def work() -> None:
    served = [queue.the_queue(name) for name in queue.QUEUES]
    Lasting(served, connection=queue.redis(), serializer=served[0].serializer).work(burst=True, logging_level="ERROR")
