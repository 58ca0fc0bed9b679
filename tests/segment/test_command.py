"""`beckon segment …` as a person or a script meets it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from plugin.commands.segment import segment
from plugin.store.engine import transaction
from tests.segment.population import settle, someone

SHOP = "vanta.myshopify.com"


@pytest.fixture
def settled(shop: int) -> list[int]:
    """Ann and Bob are customers, Dan is a visitor; Zoe was deleted."""
    order = {"at": "2026-11-03T23:30:00+00:00", "total": 12_345, "lines": [[7, 1]]}
    with transaction() as tx:
        return settle(
            tx,
            shop,
            [
                someone({"customer_id": 1_000_000, "tags": ["vip"], "orders": [order]}),
                someone({"customer_id": 999, "orders": [order, order]}),
                someone({"subscriptions": ["active"]}),
                someone({"customer_id": 5, "deleted": True}),
            ],
        )


def run(*words: str) -> Result:
    return CliRunner().invoke(segment, words, standalone_mode=True)


def test_members_as_ids_are_customer_ids_and_nothing_else(settled: list[int]) -> None:
    result = run("members", "--shop", SHOP, "--format", "ids", "")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "999\n1000000\n", "")


def test_members_as_json_and_as_a_table_hold_visitors_too(settled: list[int]) -> None:
    found = json.loads(run("members", "--shop", SHOP, "--format", "json", "").stdout)
    assert [one["customer"] for one in found] == [999, 1_000_000, None]
    assert found[1] == {
        "person": settled[0],
        "customer": 1_000_000,
        "number_of_orders": 1,
        "amount_spent": "123.45",
        "currency": "GBP",
        "last_order_date": "2026-11-03T23:30:00+00:00",
    }
    assert len(run("members", "--shop", SHOP, "").stdout.splitlines()) == 4


def test_count_is_a_number(settled: list[int]) -> None:
    assert run("count", "--shop", SHOP, "number_of_orders > 0").stdout == "2\n"
    told = json.loads(run("count", "--shop", SHOP, "--format", "json", "number_of_orders > 1").stdout)
    assert (told["count"], told["shop"]) == (1, SHOP)


@pytest.mark.parametrize(
    ("now", "count"),
    [
        ("2026-11-04T00:15:00+01:00", 2),
        ("2026-11-03", 2),
        ("2026-11-03T23:59", 2),
        ("2026-11-04", 0),
        ("2026-11-04T00:15:00Z", 0),
    ],
)
def test_now_is_an_instant_or_on_the_shops_clock(settled: list[int], now: str, count: int) -> None:
    assert run("count", "--shop", SHOP, "--now", now, "last_order_date = today").stdout == f"{count}\n"


def test_check_shows_the_canonical_form_and_a_sentence(shop: int) -> None:
    result = run("check", "--shop", SHOP, "(number_of_orders>2) and products_purchased(id:7)=true")
    assert result.stdout == (
        "number_of_orders > 2 AND products_purchased MATCHES (id = 7)\n"
        "People who have placed more than 2 orders and have bought product 7.\n"
    )


def test_explain_says_why_ann_is_a_member_and_bob_is_not(settled: list[int]) -> None:
    query = "number_of_orders = 1 AND customer_tags CONTAINS 'vip'"
    ann = json.loads(run("explain", "--shop", SHOP, "--format", "json", "--customer", "1000000", query).stdout)
    assert ann["member"] is True
    said = {"clause": "number_of_orders = 1", "holds": True, "value": "number_of_orders is 1"}
    assert ann["clauses"][0] == said | {"behind": [], "changes": None}
    bob = run("explain", "--shop", SHOP, "--customer", "999", query).stdout
    assert bob.splitlines()[0] == "not a member"
    assert "false  number_of_orders = 1" in bob
    assert run("explain", "--shop", SHOP, "--person", str(settled[2]), "").stdout.startswith("member")


def test_explain_without_a_person_counts_each_clause(settled: list[int]) -> None:
    told = json.loads(
        run("explain", "--shop", SHOP, "--format", "json", "number_of_orders = 1 OR push_subscribed = true").stdout
    )
    assert [one["people"] for one in told["clauses"]] == [1, 1]
    assert told["count"] == 2


@pytest.mark.parametrize("command", ["count", "members", "explain", "check"])
def test_a_bad_query_ends_with_a_sentence_and_a_caret(shop: int, command: str) -> None:
    result = run(command, "--shop", SHOP, "number_of_orders > 'x'")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "number_of_orders takes a whole number such as 3, without quotes.\n"
        "  number_of_orders > 'x'\n"
        "                     ^^^\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--shop", "nobody.myshopify.com", ""), f"There is no shop nobody.myshopify.com. Known: {SHOP}."),
        (("--shop", SHOP, "--now", "soon", ""), "--now: soon is no instant"),
        ((""), "--shop"),
    ],
)
def test_a_wrong_option_ends_with_status_two(shop: int, words: tuple[str, ...], said: str) -> None:
    result = run("count", *(words or ("",)))
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
