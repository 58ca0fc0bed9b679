"""What could not be read is kept, shown by `beckon status`, and applied by `beckon replay` once it can be read."""

from __future__ import annotations

import json
from datetime import datetime

from click.testing import CliRunner
from sqlalchemy import select

from app import main
from plugin.ingest import inbox
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import products, webhooks
from tests.factories import make_arrival
from webhooks.ingest import apply_webhook

PRODUCT = {
    "id": 7,
    "title": "Harbour Parka",
    "handle": "harbour-parka",
    "status": "active",
    "updated_at": "2026-11-18T10:00:00Z",
    "tags": "coats",
    "variants": [{"id": 8, "title": "M", "price": "89.00"}],
}


def test_a_webhook_that_cannot_be_read_is_kept_shown_and_replayed(shop: int, at_noon: datetime) -> None:
    row_id = _arrives(b'{"id": 7, "title": "Harbour Parka"}', at_noon)
    apply_webhook(row_id)

    shown = CliRunner().invoke(main, ["status", "--format", "json"])
    assert shown.exit_code == 1
    (stuck,) = [line for line in json.loads(shown.stdout)["stuck"] if "products/update" in line]
    assert "is missing" in stuck
    assert "beckon replay" in stuck

    with transaction() as tx:  # as an update of Beckon would read what an older one could not
        tx.execute(webhooks.update().values(body=json.dumps(PRODUCT).encode()))
    assert "1 webhooks" in CliRunner().invoke(main, ["replay"]).stdout
    with snapshot() as tx:
        assert tx.execute(select(webhooks.c.state)).scalars().all() == ["done"]
        assert tx.execute(select(products.c.title)).scalars().all() == ["Harbour Parka"]


def test_replaying_nothing_says_so(store: str) -> None:
    assert "0 webhooks" in CliRunner().invoke(main, ["replay"]).stdout


def test_a_quiet_installation_has_nothing_stuck(shop: int) -> None:
    ended = CliRunner().invoke(main, ["status"])
    assert ended.exit_code == 0
    assert "Nothing is stuck." in ended.stdout


def test_a_mistake_is_one_sentence_and_status_two(store: str) -> None:
    ended = CliRunner().invoke(main, ["worker", "--queues", "letters"])
    assert ended.exit_code == 2
    assert "There is no queue 'letters'" in ended.stderr


def _arrives(body: bytes, now: datetime) -> int:
    with transaction() as tx:
        (row_id,) = inbox.record(tx, [make_arrival(topic="products/update", body=body, triggered_at=now)], now)
    return row_id
