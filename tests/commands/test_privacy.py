"""`beckon privacy`: the same as the panel's Privacy page for who runs Beckon, and more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from app import main
from plugin.base import clock
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import people
from tests.conftest import NOON
from tests.factories import make_person

SHOP = "vanta.myshopify.com"


def beckon(*words: Any, **more: Any) -> Result:
    return CliRunner().invoke(main, ["privacy", *map(str, words)], **more)


def test_export_prints_what_is_held(shop: int) -> None:
    with transaction() as tx:
        make_person(tx, shop, customer_id=17850, tags=["VIP"])
    told = json.loads(beckon("export", "--shop", SHOP, "--customer", 17850).stdout)
    assert [tag["tag"] for tag in told["data"]["person_tags"]] == ["VIP"]
    assert "<h2>Tags" in beckon("export", "--shop", SHOP, "--customer", 17850, "--format", "html").stdout
    assert json.loads(beckon("export", "--shop", SHOP, "--customer", 1).stdout)["held"] is False
    wrong = beckon("export", "--shop", "nobody.myshopify.com", "--customer", 1)
    assert (wrong.exit_code, wrong.stderr) == (2, "Error: There is no shop nobody.myshopify.com here.\n")


def test_erase_asks_first_and_leaves_a_receipt(shop: int) -> None:
    with transaction() as tx:
        make_person(tx, shop, customer_id=17850)
    who = ("--shop", SHOP, "--customer", 17850)
    assert beckon("erase", *who, input="n\n").exit_code == 1
    assert "Erased: 1 people." in beckon("erase", *who, input="y\n").stdout
    (receipt,) = json.loads(beckon("receipts", *who, "--format", "json").stdout)
    assert (receipt["outcome"], receipt["asked_by"], receipt["erased"]) == ("erased", "operator", {"people": 1})
    assert beckon("receipts", "--shop", SHOP, "--customer", 1).stdout == "No receipts.\n"
    assert beckon("open", "--shop", SHOP).stdout == "Nothing is open.\n"


def test_after_a_restored_backup_the_journal_forgets_anew(shop: int, tmp_path: Path) -> None:
    with transaction() as tx:
        for customer_id in (17850, 13047):
            make_person(tx, shop, customer_id=customer_id)
    with clock.stopped_at(NOON):
        beckon("erase", "--shop", SHOP, "--customer", 17850, "--yes")
    kept = tmp_path / "journal"
    kept.write_text(beckon("journal").stdout)
    assert "17850" not in kept.read_text()
    with transaction() as tx:  # the backup brings the person back
        make_person(tx, shop, customer_id=17850)

    assert beckon("replay", kept).stdout.startswith("1 people of the journal")

    with snapshot() as tx:
        assert tx.execute(select(people.c.customer_id)).scalars().all() == [13047]


@pytest.mark.parametrize("line", ["", "[]", '{"shop": 1, "key": "zz", "at": "2026-11-18"}'])
def test_a_journal_that_is_none_is_refused(shop: int, tmp_path: Path, line: str) -> None:
    (tmp_path / "journal").write_text(f"{line}\n")
    answer = beckon("replay", tmp_path / "journal")
    assert (answer.exit_code, answer.stderr.startswith("Error: Line 1 of the journal")) == (2, True)
