"""Whoever asks gets everything that is held of them, and nothing of anybody else."""

from __future__ import annotations

import json

from plugin.profile import export
from plugin.profile.holdings import HOLDINGS, RAW
from plugin.profile.subject import of_customer
from plugin.store.engine import engine, snapshot
from plugin.store.tables import metadata
from tests.privacy.lives import BEGIN, ann, bob, dump, found_in, leave_raw_traces, live

NOT_IN_THIS_STORY = {"segment_check_members", "fulfillments", "privacy_requests"}


def test_every_row_that_names_the_person_is_in_their_export_and_nothing_of_another(shop: int) -> None:
    annabel, robert = ann(), bob()
    live(shop, [annabel, robert])
    leave_raw_traces([annabel, robert], BEGIN)

    with snapshot() as tx:
        found = export.collect(tx, of_customer(tx, shop, annabel.customer_id), "GBP", BEGIN)
    told = json.loads(export.as_json(found))["data"]

    written, traces = json.dumps(told, ensure_ascii=False), annabel.traces()
    assert [trace for trace in traces if trace not in written] == []
    assert [trace for trace in robert.traces() if trace in written] == []
    assert {name for name, rows in told.items() if not rows} <= NOT_IN_THIS_STORY
    rows = dump(engine())
    for table, _ in found_in(rows, traces):
        assert table in {*HOLDINGS, RAW}
    for name in {*HOLDINGS} - NOT_IN_THIS_STORY:
        columns = set(metadata.tables[name].c.keys()) - set(HOLDINGS[name].left_out)
        assert set(told[name][0]) == columns, name


def test_the_page_to_read_has_the_same_and_needs_nothing_from_elsewhere(shop: int) -> None:
    annabel = ann()
    live(shop, [annabel])
    leave_raw_traces([annabel], BEGIN)
    with snapshot() as tx:
        found = export.collect(tx, of_customer(tx, shop, annabel.customer_id), "GBP", BEGIN)
    page = export.as_page(found)
    assert [trace for trace in annabel.traces() if trace not in page] == []
    for foreign in ("<script", "<link", "src=", "@import", "url("):
        assert foreign not in page
    for section in found.sections:
        assert not section.rows or f"<h2>{section.heading}" in page


def test_words_of_others_are_text_on_the_page_and_never_markup(shop: int) -> None:
    annabel = ann()
    annabel.street = "<script>alert(1)</script> Street"
    live(shop, [annabel])
    leave_raw_traces([annabel], BEGIN)
    with snapshot() as tx:
        page = export.as_page(export.collect(tx, of_customer(tx, shop, annabel.customer_id), "GBP", BEGIN))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_of_nobody_the_page_says_that_nothing_is_held(shop: int) -> None:
    with snapshot() as tx:
        found = export.collect(tx, of_customer(tx, shop, 1), "GBP", BEGIN)
    assert not found.is_held
    assert "Nothing is held." in export.as_page(found)
