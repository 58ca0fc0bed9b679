"""`beckon segment templates` and `beckon segment use`, as a person or a script meets them."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from app import main
from plugin.segment import saved
from plugin.segment.templates import TEMPLATES
from plugin.store.engine import snapshot, transaction
from tests.conftest import NOON

SHOP = "vanta.myshopify.com"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["segment", *words], standalone_mode=True)


def test_they_are_listed_for_people_and_for_scripts() -> None:
    assert len(run("templates").stdout.splitlines()) == sum(map(len, TEMPLATES.values())) + 1
    told = json.loads(run("templates", "--format", "json", "--subject", "place", "britain").stdout)
    assert [one["key"] for one in told] == ["in-britain-or-ireland"]
    assert told[0]["when"]


def test_one_is_taken_into_a_shop(shop: int) -> None:
    assert run("use", "tagged-vip", "--shop", SHOP).stdout.startswith("Saved as segment ")
    assert run("use", "tagged-vip", "--shop", SHOP, "--name", "Dear ones").exit_code == 0

    with snapshot() as tx:
        kept = saved.every(tx, shop)
    assert [(one.name, one.query) for one in kept] == [
        ("Dear ones", "customer_tags CONTAINS 'VIP'"),
        ("Tagged VIP", "customer_tags CONTAINS 'VIP'"),
    ]


def test_its_versions_say_that_the_command_line_saved_it_and_what_restoring_took_back(shop: int) -> None:
    run("use", "tagged-vip", "--shop", SHOP)
    with transaction() as tx:
        (mine,) = saved.every(tx, shop)
        saved.save(tx, shop, mine.id, "VIPs", "NOT (customer_tags CONTAINS 'VIP')", NOON, by="staff member 42")

    told = run("restore", "VIPs", "1", "--shop", SHOP).stdout
    assert ", command line, as version 1 was: Tagged VIP\n" in told
    lines = run("versions", "Tagged VIP", "--shop", SHOP).stdout.splitlines()

    assert [line.partition(" UTC")[2] for line in lines if " UTC" in line] == [
        ", command line, as version 1 was: Tagged VIP",
        ", staff member 42: VIPs",
        ", command line: Tagged VIP",
    ]
    assert [line for line in lines if line.startswith(("   - ", "   + "))] == [
        "   - NOT (customer_tags CONTAINS 'VIP')",
        "   + customer_tags CONTAINS 'VIP'",
        "   - customer_tags CONTAINS 'VIP'",
        "   + NOT (customer_tags CONTAINS 'VIP')",
    ]
    kept = json.loads(run("versions", str(mine.id), "--shop", SHOP, "--format", "json").stdout)
    assert [one["saved_by"] for one in kept] == ["command line", "staff member 42", "command line"]
    assert kept[0]["differences"][0]["kind"] == "changed"


def test_a_wrong_name_is_said_in_words(shop: int) -> None:
    wrong = run("use", "tagged-vips", "--shop", SHOP)
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "There is no template" in wrong.stderr
    assert "no shop elsewhere" in run("use", "tagged-vip", "--shop", "elsewhere").stderr
