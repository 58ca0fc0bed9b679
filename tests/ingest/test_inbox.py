"""Raw webhooks: recorded once, hinted at, cleaned up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.ingest import inbox
from plugin.ingest.naming import Naming
from plugin.store.engine import Tx
from plugin.store.tables import webhooks
from tests.conftest import NOON
from tests.factories import make_arrival

MINUTE = timedelta(minutes=1)


def arrives(tx: Tx, webhook_id: str, *, at: datetime = NOON, **changes: Any) -> int:
    (row_id,) = inbox.record(tx, [make_arrival(webhook_id, **changes)], at)
    return row_id


def states(tx: Tx) -> dict[str, int]:
    return dict(tx.execute(select(webhooks.c.state, func.count()).group_by(webhooks.c.state)).all())


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
    assert states(tx) == {"pending": 2, "done": 1}


def test_a_claim_is_given_once(tx: Tx) -> None:
    row_id = arrives(tx, "one", body=b"raw")
    (claimed,) = inbox.claim(tx, [row_id], NOON)
    assert (claimed.body, claimed.topic) == (b"raw", "orders/create")
    assert inbox.claim(tx, [row_id], NOON) == []


def test_whatever_names_a_redacted_customer_is_emptied(tx: Tx) -> None:
    told = {
        "done": b'{"note": "call 191167"}',
        "another's": b'{"customer":{"id":4},"total":"1911670.00"}',
        "waits": b'{"customer":{"id":191167}}',
        "another's product": b'{"id":191167,"title":"Lamp"}',
        "no json": b"191167 {",
    }
    rows = {name: arrives(tx, name, body=body, topic="products/update") for name, body in told.items()}
    for name in ("done", "another's"):
        inbox.finish(tx, [rows[name]], NOON)
    inbox.fail(tx, rows["no json"], "191167 is odd", NOON)

    who = Naming(customer_ids=(191167,))
    place, emptied = inbox.forget(tx, "vanta.myshopify.com", who, after=0, last=inbox.last(tx), now=NOON)

    assert (place, emptied) == (None, 3)
    left = {row.webhook_id: (row.body, row.state, row.error) for row in tx.execute(select(webhooks))}
    assert {name for name, row in left.items() if row == (b"", "done", None)} == {"done", "waits", "no json"}
    assert left["another's product"] == (told["another's product"], "pending", None)


def test_a_long_inbox_is_looked_through_page_by_page(tx: Tx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LOOK", 2)
    rows = [arrives(tx, str(number), body=b'{"customer":{"id":191167}}') for number in range(5)]
    found, after = [], 0
    while after is not None:
        who = Naming(customer_ids=(191167,))
        after, emptied = inbox.forget(tx, "vanta.myshopify.com", who, after=after, last=rows[3], now=NOON)
        found.append(emptied)
    assert found == [2, 2, 0]
    assert [len(body) > 0 for body in tx.execute(select(webhooks.c.body).order_by(webhooks.c.id)).scalars()] == [
        False,
        False,
        False,
        False,
        True,
    ]
