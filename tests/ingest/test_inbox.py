"""Raw webhooks: recorded once, hinted at, cleaned up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from plugin.ingest import inbox
from plugin.store.engine import Tx
from tests.conftest import NOON
from tests.factories import make_arrival

MINUTE = timedelta(minutes=1)


def arrives(tx: Tx, webhook_id: str, *, at: datetime = NOON, **changes: Any) -> int:
    (row_id,) = inbox.record(tx, [make_arrival(webhook_id, **changes)], at)
    return row_id


def test_a_repeated_delivery_is_kept_once_in_one_batch_or_two(tx: Tx) -> None:
    first = inbox.record(tx, [make_arrival("a"), make_arrival("b"), make_arrival("a")], NOON)
    assert len(first) == 2
    assert inbox.record(tx, [make_arrival("b"), make_arrival("c")], NOON) not in ([], first)
    assert inbox.record(tx, [make_arrival("c")], NOON) == []


def test_what_has_no_job_is_hinted_at_again_the_oldest_first(tx: Tx) -> None:
    young, old, older = (arrives(tx, str(age), at=NOON - age * MINUTE) for age in (0, 2, 3))
    assert inbox.waiting(tx, NOON - MINUTE, 10, NOON) == sorted([older, old])
    assert inbox.waiting(tx, NOON - MINUTE, 10, NOON) == []
    assert young in inbox.waiting(tx, NOON + MINUTE, 10, NOON + 2 * MINUTE)


def test_only_what_failed_is_replayed(tx: Tx) -> None:
    done, broken, other = (arrives(tx, name) for name in ("done", "broken", "other"))
    inbox.finish(tx, [done], NOON)
    for row_id in (broken, other, done):
        inbox.fail(tx, row_id, "no", NOON)
    assert inbox.replay(tx, [broken, done]) == [broken]
    assert inbox.replay(tx) == [other]
    assert inbox.overview(tx).pending == 2


def test_a_claim_is_given_once(tx: Tx) -> None:
    row_id = arrives(tx, "one", body=b"raw")
    (claimed,) = inbox.claim(tx, [row_id], NOON)
    assert (claimed.body, claimed.topic) == (b"raw", "orders/create")
    assert inbox.claim(tx, [row_id], NOON) == []


def test_after_a_month_what_is_done_goes(tx: Tx) -> None:
    for row_id in (arrives(tx, "order"), arrives(tx, "request", topic="customers/data_request")):
        inbox.finish(tx, [row_id], NOON)
    arrives(tx, "pending")
    assert inbox.clean(tx, NOON + timedelta(days=29)) == 0
    assert inbox.clean(tx, NOON + timedelta(days=31)) == 1


def test_the_overview(tx: Tx) -> None:
    assert inbox.overview(tx) == inbox.Overview(0, 0, None, None, ())
    arrives(tx, "one")
    broken = arrives(tx, "two", at=NOON + MINUTE)
    inbox.fail(tx, broken, "orders/create: …", NOON)
    found = inbox.overview(tx)
    assert (found.pending, found.failed, found.oldest_pending_at) == (1, 1, NOON)
    assert found.last_received_at == NOON + MINUTE
    assert found.failures[0].reason == "orders/create: …"


def test_whatever_names_a_redacted_customer_goes(tx: Tx) -> None:
    for name, body in (("ann", b'{"customer":{"id":191167}}'), ("bob", b'{"customer":{"id":4}}')):
        inbox.finish(tx, [arrives(tx, name, body=body)], NOON)
    inbox.forget_customer(tx, "vanta.myshopify.com", 191167)
    assert inbox.clean(tx, NOON + timedelta(days=31)) == 1
