"""Same members as Shopify? Asked of a real sandbox store over HTTP; every difference that is put there is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from app import main
from plugin import segment_jobs
from plugin.base.clock import now
from plugin.ingest import segment_members
from plugin.profile.holdings import HOLDINGS
from plugin.profile.subject import of_customer
from plugin.segment import comparison, imports, saved
from plugin.segment.comparison import Check
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from sandbox import customers, merchant
from sandbox.shop import DOMAIN
from sandbox.state import remember
from sandbox.webhooks.outbox import Rules, set_rules
from tests.factories import make_person
from tests.ingest.beside_the_sandbox import Beside, beside_the_sandbox

ANN, BEN = 17850, 12583
"""Ann bought for £35.64 and postage, Ben for £25.50."""


@pytest.fixture
def beside(store: str, tmp_path: Path) -> Iterator[Beside]:
    with beside_the_sandbox(tmp_path) as made:
        yield made


def compare(beside: Beside, query: str, **about: int) -> Check:
    with transaction() as tx:
        check_id = comparison.begin(tx, beside.shop_id, "A segment", query, now(), **about)
    assert check_id is not None
    for _ in range(5):
        segment_jobs.check_members(check_id)
    with snapshot() as tx:
        return comparison.find(tx, check_id)


def examples(check: Check) -> dict[int, tuple[str, list[str]]]:
    with snapshot() as tx:
        return {
            one.customer_id: (one.side, [str(clause["value"]) for clause in one.clauses])
            for one in comparison.examples(tx, check)
        }


def run(*words: str, of: str = DOMAIN) -> Result:
    return CliRunner().invoke(main, ["segment", "compare", "--shop", of, *words])


def test_the_command_line_says_who_differs_and_ends_with_status_one(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_members, "PAGE", 1)  # so that there are several
    with transaction() as tx:
        saved.create(tx, beside.shop_id, "Big", "amount_spent > 20", now())
        saved.create(tx, beside.shop_id, "Reachable", "push_subscribed = true", now())
        saved.create(tx, beside.shop_id, "VIPs", "customer_tags CONTAINS 'vip' OR number_of_orders > 5", now())
    set_rules(beside.world, Rules(lose_every=1))
    customers.tag(beside.world, ANN, add=["vip"], remove=[])
    with transaction() as tx:
        tx.execute(tables.people.update().where(tables.people.c.customer_id == BEN).values(number_of_orders=7))

    same, other, not_taken = run("Big"), run("VIPs"), run("Reachable")

    assert (same.exit_code, same.stderr) == (0, "")
    assert [line.split() for line in same.stdout.splitlines()] == [
        ["both", "2"], ["ours", "only", "0"], ["theirs", "only", "0"], ["anonymous", "0"], ["unheld", "0"],
    ]  # fmt: skip
    assert other.exit_code == 1
    assert other.stdout.splitlines()[5:] == [
        f"  only here: {BEN}: customer_tags is empty; number_of_orders is 7",
        f"  only there: {ANN}: customer_tags is empty; number_of_orders is 1",
    ]
    told = json.loads(run("VIPs", "--format", "json").stdout)
    assert (told["both"], told["ours_only"], told["theirs_only"]) == (0, 1, 1)
    assert [(one["customer"], one["side"]) for one in told["examples"]] == [(BEN, "ours"), (ANN, "theirs")]
    assert (not_taken.exit_code, not_taken.stdout) == (2, "")
    assert "Shopify does not take this query" in not_taken.stderr


def test_the_command_line_says_in_words_why_it_does_not_compare(shop: int) -> None:
    with transaction() as tx:
        saved.create(tx, shop, "Big", "amount_spent > 30", now())
        comparison.begin(tx, shop, "Another", "", now())

    nobody, busy = run("Nobody", of="vanta.myshopify.com"), run("Big", of="vanta.myshopify.com")

    assert [(one.exit_code, one.stdout) for one in (nobody, busy)] == [(2, ""), (2, "")]
    assert "There is no segment called “Nobody”." in nobody.stderr
    assert "Another segment is being compared" in busy.stderr


@pytest.mark.parametrize(
    "query",
    [
        "",
        "number_of_orders >= 1 AND amount_spent > 30",
        "customer_countries CONTAINS 'FR' OR products_purchased MATCHES (quantity > 5)",
        "last_order_date >= -30d AND orders_placed MATCHES (date >= -1y, count >= 1)",
        "email_subscription_status = 'SUBSCRIBED'",
        "products_purchased(date: -90d) = false",
    ],
)
def test_what_both_read_alike_has_the_same_members(beside: Beside, query: str) -> None:
    check = compare(beside, query)

    assert (check.state, check.error) == ("done", None)
    assert check.is_same
    assert (check.ours, check.theirs, check.unheld) == (check.both, check.both, 0)


def test_a_customer_of_whom_no_webhook_told_is_found_and_explained(beside: Beside) -> None:
    set_rules(beside.world, Rules(lose_every=1))
    customers.tag(beside.world, ANN, add=["vip"], remove=[])

    check = compare(beside, "customer_tags CONTAINS 'vip'")

    assert (check.ours, check.theirs, check.both, check.theirs_only) == (0, 1, 0, 1)
    assert examples(check) == {ANN: ("theirs", ["customer_tags is empty"])}


def test_who_is_only_here_and_who_is_not_held_are_told_apart(beside: Beside) -> None:
    set_rules(beside.world, Rules(lose_every=1))
    stranger = customers.sign_up(beside.world, "FR")
    with transaction() as tx:
        tx.execute(tables.people.update().where(tables.people.c.customer_id == BEN).values(number_of_orders=7))
        make_person(tx, beside.shop_id, customer_id=None)

    check = compare(beside, "number_of_orders > 5 OR number_of_orders = 0")

    assert (check.ours, check.theirs, check.both, check.anonymous, check.unheld) == (1, 1, 0, 1, 1)
    assert examples(check) == {BEN: ("ours", ["number_of_orders is 7"] * 2), stranger: ("theirs", [])}


def test_a_segment_that_was_imported_is_asked_for_by_its_own_id(beside: Beside) -> None:
    row = merchant.make_segment(beside.world, "Big", "amount_spent > 30")
    beside.deliver()
    with transaction() as tx:
        segment_id = imports.take_over(tx, beside.shop_id, row["id"], now())
        query = saved.find(tx, beside.shop_id, segment_id).query
    set_rules(beside.world, Rules(lose_every=1))
    merchant.change_segment(beside.world, row, {"query": "amount_spent > 20"})  # and nobody tells us

    check = compare(beside, query, segment_id=segment_id, shopify_id=row["id"])

    assert (check.ours, check.theirs, check.both) == (1, 2, 1)
    assert list(examples(check)) == [BEN]


def test_what_shopify_does_not_take_fails_with_its_words(beside: Beside) -> None:
    check = compare(beside, "push_subscribed = true")

    assert check.state == "failed"
    assert "push_subscribed" in (check.error or "")
    assert (check.error or "").startswith("Shopify does not take this query")


def test_a_question_that_shopify_only_works_off_is_asked_so(beside: Beside) -> None:
    remember(beside.world.db, "admin_trouble", {"async_members": True})

    check = compare(beside, "amount_spent > 30")
    assert (check.is_same, check.theirs) == (True, 1)
    assert check.members_query

    assert compare(beside, "push_subscribed = true").state == "failed"


def test_one_at_a_time_and_a_worker_that_died_is_followed_by_another(beside: Beside) -> None:
    with transaction() as tx:
        first = comparison.begin(tx, beside.shop_id, "A", "", now())
        assert comparison.begin(tx, beside.shop_id, "B", "", now()) is None
        assert comparison.due(tx, now()) == []  # its own job comes first
        assert first is not None
        tx.execute(tables.segment_checks.update().values(asked_at=now() - comparison.SOON * 2))
        assert comparison.due(tx, now()) == [first]
        assert comparison.claim(tx, first, now())
        assert comparison.claim(tx, first, now()) is None
        comparison.release(tx, first)
    segment_jobs.check_members(first)
    segment_jobs.check_members(first)  # a second time changes nothing

    with transaction() as tx:
        assert comparison.find(tx, first).state == "done"
        assert comparison.begin(tx, beside.shop_id, "B", "", now()) is not None


def test_of_customers_only_those_who_differ_stay_and_they_are_erased_with_the_person(beside: Beside) -> None:
    set_rules(beside.world, Rules(lose_every=1))
    customers.tag(beside.world, ANN, add=["vip"], remove=[])
    check = compare(beside, "customer_tags CONTAINS 'vip' OR customer_countries CONTAINS 'FR'")

    with transaction() as tx:
        named = select(tables.segment_check_members.c.customer_id)
        assert list(tx.execute(named).scalars()) == [ANN]
        reached = HOLDINGS["segment_check_members"].reached(of_customer(tx, beside.shop_id, ANN))
        assert list(tx.execute(named.where(reached)).scalars()) == [ANN]
        comparison.clean(tx, now() + comparison.KEPT * 2)
        assert comparison.latest(tx, beside.shop_id, shopify_id=None) == []
    assert check.state == "done"
