"""`beckon status`: what waits, what failed, and what to do about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from plugin.report import status
from plugin.store import tables
from plugin.store.engine import Tx
from tests.delivery.rows import fanned_out, set_state, subscribers
from tests.delivery.test_counts import push
from tests.factories import make_campaign

MINUTE = timedelta(minutes=1)


def webhook(tx: Tx, number: int, at: datetime, state: str = "pending", **changes: object) -> None:
    values = {"shop_domain": "vanta.myshopify.com", "webhook_id": str(number), "topic": "orders/create", "body": b"{}"}
    tx.execute(tables.webhooks.insert().values(**values | {"received_at": at, "state": state} | changes))


def test_a_quiet_installation_has_nothing_stuck(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    webhook(tx, 1, at_noon, "done", triggered_at=at_noon - timedelta(seconds=3), finished_at=at_noon)
    told = status.overview(tx, at_noon)
    assert told.stuck == ()
    assert (told.shops, told.webhooks, told.last_webhook_lag) == (1, {"done": 1}, timedelta(seconds=3))
    lines = dict(told.lines())
    assert lines["last webhook"] == "2026-11-18 12:00:00 UTC, applied 3.0 seconds after it was triggered"
    assert (lines["clock"], lines["deliveries"]) == ("not seen", "none")
    assert told.as_json()["webhooks"] == {"done": 1}


def test_what_is_stuck_is_said_in_sentences(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    webhook(tx, 1, at_noon - 9 * MINUTE)
    webhook(tx, 2, at_noon, "failed", error="order 7: total_price is missing.")
    webhook(tx, 3, at_noon, "failed", error="order 7: total_price is missing.")
    tx.execute(
        tables.backfills.insert().values(
            shop_id=shop_id, kind="orders", state="failed", started_at=at_noon, objects=3, error="Access was denied."
        )
    )
    make_campaign(tx, shop_id, state="paused", reason="fcm.googleapis.com refused a message.")
    make_campaign(tx, shop_id, state="paused", reason="You paused it.")
    subscribers(tx, shop_id, 2)
    fanned_out(tx, shop_id, at_noon - 30 * MINUTE)

    told = status.overview(tx, at_noon)

    assert told.stuck == (
        "No clock is running, so nothing brings back what waits. Start one: beckon clock.",
        "Waiting webhooks: 1, the oldest for 9 minutes. Is a worker running? Start one: beckon worker.",
        "Waiting deliveries: 2, the oldest for 30 minutes. Is a worker running? Start one: beckon worker.",
        "2 webhooks orders/create could not be applied: order 7: total_price is missing. "
        "Kept; `beckon replay` tries them again.",
        "The history of vanta.myshopify.com stopped at its orders: Access was denied.",
        "Campaign “Winter coats” waits for you: fcm.googleapis.com refused a message.",
    )
    assert dict(told.lines())["history vanta.myshopify.com orders"] == "failed, 3: Access was denied."


def test_a_paused_campaigns_deliveries_wait_on_purpose(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    sale, _ = fanned_out(tx, shop_id, at_noon - 30 * MINUTE)
    set_state(tx, tables.campaigns, sale, state="paused", reason="You paused it.")
    told = status.overview(tx, at_noon)
    assert (told.deliveries, told.waiting.deliveries.count, told.stuck) == ({"queued": 2}, 0, ())


def test_a_campaign_that_runs_is_told_with_its_pace(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 40)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    push(tx, ids[:10], at_noon)
    set_state(tx, tables.campaigns, sale, name="Winter")
    said = dict(status.overview(tx, at_noon).lines())["sending vanta.myshopify.com Winter"]
    assert said == "10 of 40 done, 30 queued, 0 with push services; 10 sent; pace not measured yet; end unknown yet"

    lines = dict(status.overview(tx, at_noon + MINUTE / 6).lines())

    assert lines["sending vanta.myshopify.com Winter"].endswith("10 sent; 1.0 a second; ends about 12:00 UTC")
    assert lines["  fcm.googleapis.com"] == "10 sent"


def test_what_was_not_delivered_is_told_with_what_can_be_done(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    subscribers(tx, shop_id, 2)
    _, ids = fanned_out(tx, shop_id, at_noon)
    push(tx, ids, at_noon, 413)
    said = dict(status.overview(tx, at_noon).lines())["not delivered: rejected"]
    assert said.startswith("2 of Winter coats: The message is too long for the push service.")
    assert said.endswith("2 can be tried again (Reports, Not delivered).")
