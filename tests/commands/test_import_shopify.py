"""`beckon segment import-shopify`: what reads, what does not, and the import of some or all."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from plugin.commands.segment import segment
from plugin.segment import saved
from plugin.store.engine import snapshot, transaction
from tests.segment.test_imports import ALIEN, tell

SHOP = "vanta.myshopify.com"


def run(*words: str) -> Result:
    return CliRunner().invoke(segment, ["import-shopify", "--shop", SHOP, *words])


def test_the_list_says_what_reads_and_what_does_not(shop: int) -> None:
    assert "With --read" in run().output
    with transaction() as tx:
        tell(tx, shop, 1, "Regulars", "number_of_orders > 3")
        tell(tx, shop, 2, "Readers", f"number_of_orders > 3 AND {ALIEN}")

    told = {one["name"]: one for one in json.loads(run("--format", "json").stdout)}

    assert (told["Regulars"]["readable"], told["Readers"]["readable"]) == ("whole", "partly")
    assert told["Readers"]["refused"][0]["clause"] == ALIEN
    assert "cannot be read: shopify_email" in run().output


def test_all_that_read_are_imported_a_part_only_when_it_is_named_and_said(shop: int) -> None:
    with transaction() as tx:
        tell(tx, shop, 1, "Regulars", "number_of_orders > 3")
        tell(tx, shop, 2, "Readers", f"number_of_orders > 3 AND {ALIEN}")

    assert run("--all").exit_code == 0
    assert "only without a part" in str(run("Readers").exception)
    assert run("Readers", "--partly").exit_code == 0
    assert "no segment called" in str(run("Nobody").exception)

    with snapshot() as tx:
        assert [one.name for one in saved.every(tx, shop)] == ["Readers", "Regulars"]
