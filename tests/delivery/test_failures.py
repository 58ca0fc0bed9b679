"""Whose message ended badly can be found in the log, by number, with the push service's status and words."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest

from plugin.base import logs
from plugin.delivery import claims, outcome, record
from plugin.delivery.failures import LINES
from plugin.store.engine import Tx
from tests.delivery.rows import fanned_out, states, subscribers

FORM = logs.Text()


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of plugin.delivery.failures."""
    return [line for line in caplog.text.splitlines() if "plugin.delivery.failures" in line]


@pytest.fixture(autouse=True)
def _as_a_process_writes_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    caplog.handler.setFormatter(FORM)


def test_a_refusal_is_a_line_about_its_delivery(
    tx: Tx, shop_id: int, at_noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    subscribers(tx, shop_id, 2)
    sale, ids = fanned_out(tx, shop_id, at_noon)
    ann, bob = claims.claim(tx, ids, at_noon)
    said = [
        outcome.answer(ann.push.delivery_id, 201, None, ""),
        outcome.answer(bob.push.delivery_id, 413, None, "too big"),
    ]

    record.finish(tx, [ann, bob], said, at_noon)

    (line,) = told(caplog)
    assert "WARNING plugin.delivery.failures: rejected, status 413: The message is too long" in line
    assert "too big" in line
    assert line.endswith(f"[shop={shop_id} campaign={sale} delivery={bob.push.delivery_id}]")


def test_a_message_that_cannot_be_written_for_its_person_is_one_too(
    tx: Tx, shop_id: int, at_noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    subscribers(tx, shop_id, 1)
    sale, ids = fanned_out(tx, shop_id, at_noon, title="Thanks for {{ customer.number_of_orders }} orders")

    assert claims.claim(tx, ids, at_noon) == []

    assert states(tx, sale) == {"failed": 1}
    (line,) = told(caplog)
    assert "failed, status none: " in line
    assert line.endswith(f"[shop={shop_id} campaign={sale} delivery={ids[0]}]")


def test_a_batch_that_is_refused_altogether_does_not_flood_the_log(
    tx: Tx, shop_id: int, at_noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    subscribers(tx, shop_id, LINES + 5)
    _, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)

    record.finish(tx, mine, [outcome.answer(each.push.delivery_id, 413, None, "") for each in mine], at_noon)

    lines = told(caplog)
    assert len(lines) == LINES + 1
    assert lines[-1].endswith("so ended 5 more messages of this batch")


def test_what_was_sent_or_put_off_is_no_line(
    tx: Tx, shop_id: int, at_noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    subscribers(tx, shop_id, 3)
    _, ids = fanned_out(tx, shop_id, at_noon)
    mine = claims.claim(tx, ids, at_noon)
    statuses = (201, 410, 503)

    said = [outcome.answer(one.push.delivery_id, status, None, "") for one, status in zip(mine, statuses, strict=True)]
    record.finish(tx, mine, said, at_noon)

    assert told(caplog) == []
