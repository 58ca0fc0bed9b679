"""The list of Shopify's segments is read for shops that were installed before anybody asked; webhooks keep it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin import segment_jobs
from plugin.base.clock import now
from plugin.ingest import segments
from plugin.segment import imports
from plugin.store.engine import snapshot, transaction
from sandbox import merchant
from sandbox.webhooks.outbox import Rules, set_rules

from .beside_the_sandbox import Beside, beside_the_sandbox


@pytest.fixture
def beside(store: str, tmp_path: Path) -> Iterator[Beside]:
    with beside_the_sandbox(tmp_path) as made:
        yield made


def listed(beside: Beside) -> dict[str, str]:
    with snapshot() as tx:
        return {offer.name: offer.translation.query for offer in imports.every(tx, beside.shop_id, now())}


def test_the_clock_reads_the_list_and_reading_again_finds_what_no_webhook_told(beside: Beside) -> None:
    with snapshot() as tx:
        due = segments.waiting(tx, now())
    assert due == [beside.shop_id]
    segment_jobs.read_segments(*due)
    with snapshot() as tx:
        assert segments.of(tx, beside.shop_id).read_at is not None
        assert segments.waiting(tx, now()) == []
    set_rules(beside.world, Rules(lose_every=1))
    for number in range(segments.PAGE + 10):
        merchant.make_segment(beside.world, f"Segment {number}", f"number_of_orders > {number}")
    doomed = merchant.make_segment(beside.world, "Doomed", "")
    assert listed(beside) == {}

    segment_jobs.read_segments(beside.shop_id)
    assert len(listed(beside)) == segments.PAGE + 11
    assert listed(beside)["Segment 7"] == "number_of_orders > 7"

    merchant.end_segment(beside.world, doomed)
    segment_jobs.read_segments(beside.shop_id)
    assert "Doomed" not in listed(beside)


def test_a_change_told_by_webhook_is_followed_by_who_keeps_in_step(beside: Beside) -> None:
    row = merchant.make_segment(beside.world, "Regulars", "number_of_orders > 3")
    beside.deliver()
    with transaction() as tx:
        imports.take_over(tx, beside.shop_id, row["id"], now(), in_step=True)

    merchant.change_segment(beside.world, row, {"query": "number_of_orders > 4"})
    beside.deliver()
    with snapshot() as tx:
        (told,) = imports.out_of_step(tx, 10)
    segment_jobs.follow_segment(*told)

    with snapshot() as tx:
        offer = imports.find(tx, beside.shop_id, row["id"], now())
    assert offer.imported is not None
    assert offer.imported.ours == "number_of_orders > 4"
