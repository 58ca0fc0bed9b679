"""Every document against Shopify's own schema: valid, not deprecated, affordable, and our scopes suffice for it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import graphql
import pytest
from graphql.validation import NoDeprecatedCustomRule

from plugin.ingest.collecting import question
from plugin.shopify import client
from plugin.shopify.client import REPEATABLE, document
from sandbox.adminapi import cost
from webhooks.topics import TOPICS

from .schema import ROOT, VERSIONS, implied, places, real, scope_groups, topic_scopes

NAMES = sorted(file.stem for file in Path(client.__file__).parent.glob("documents/*.graphql"))
BULK = [name for name in NAMES if name.startswith("bulk_") and name.endswith("s")]
DECLARED = set(tomllib.loads((ROOT / "shopify.app.toml").read_text())["access_scopes"]["scopes"].split(","))
LAWFUL = {"customers/data_request", "customers/redact", "shop/redact"}
"""Compliance topics: no scope opens or closes them."""
NEEDED_ELSEWHERE = {
    "write_app_proxy": "the storefront's way to us; no document needs it",
    "read_all_orders": "the same orders as read_orders, also those older than 60 days",
}
"""Scopes that neither a document nor a topic names, each with its reason."""
LEVEL_2: dict[str, str] = dict.fromkeys(
    ("bulk_customers", "bulk_orders"), "the switches of Settings: lines marked `# level 2: field`"
)
"""Documents that ask for a name, e-mail, phone or address, each with what switches it on."""
OBJECTS_SHOPIFY_MAY_GIVE = 1_000
"""Points that one query may cost, by what it asks for."""


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_shopify_would_take_every_document(version: str, name: str) -> None:
    problems = graphql.validate(real(version).schema, graphql.parse(document(name)))
    assert [problem.message for problem in problems] == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_no_document_uses_what_shopify_is_about_to_drop(version: str, name: str) -> None:
    problems = graphql.validate(real(version).schema, graphql.parse(document(name)), [NoDeprecatedCustomRule])
    assert [problem.message for problem in problems] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_query_is_dearer_than_shopify_allows(name: str) -> None:
    if name not in BULK:  # those are exempt, and ask for everything
        assert cost.cost_of(document(name), {}) <= OBJECTS_SHOPIFY_MAY_GIVE


def test_a_query_for_too_much_is_seen_as_too_dear() -> None:
    dear = "query Dear($first: Int = 250) { orders(first: $first) { nodes { id customer { id } lineItems(first: 3)"
    assert cost.cost_of(dear + " { nodes { id } } } } }", {}) > OBJECTS_SHOPIFY_MAY_GIVE


@pytest.mark.parametrize("name", BULK)
def test_bulk_queries_keep_shopifys_rules(name: str) -> None:
    (operation,) = graphql.parse(document(name)).definitions
    assert isinstance(operation, graphql.OperationDefinitionNode)
    (root,) = operation.selection_set.selections
    assert isinstance(root, graphql.FieldNode)
    assert root.name.value not in {"node", "nodes"}
    depths = connections(operation.selection_set)
    assert 1 <= len(depths) <= 5
    assert max(depths) <= 2


def connections(selected: graphql.SelectionSetNode | None, depth: int = 0) -> list[int]:
    found: list[int] = []
    for field in selected.selections if selected else ():
        if isinstance(field, graphql.InlineFragmentNode):
            found += connections(field.selection_set, depth)
            continue
        assert isinstance(field, graphql.FieldNode)
        deeper = depth + (field.name.value in {"edges", "nodes"})
        found += [deeper] if deeper > depth else []
        found += connections(field.selection_set, deeper)
    return found


def test_each_mutation_that_may_be_sent_twice_is_a_mutation_of_ours() -> None:
    mutations = {name for name in NAMES if "\nmutation " in f"\n{document(name)}"}
    assert mutations >= REPEATABLE


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_our_scopes_open_every_field_of_a_document(version: str, name: str) -> None:
    access, ours = real(version).access, implied(DECLARED)
    closed = {
        f"{kind}.{field}".rstrip("."): sorted(group)
        for kind, field in places(version, document(name))
        for group in access.get((kind, field), [])
        if not group & ours
    }
    assert closed == {}, "each needs one of these scopes in shopify.app.toml"


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - LAWFUL))
def test_our_scopes_open_every_topic(topic: str) -> None:
    needed = topic_scopes("2026-10", topic)
    assert not needed or needed & implied(DECLARED), f"{topic} needs one of {sorted(needed)} in shopify.app.toml"


def test_every_scope_we_ask_for_is_needed() -> None:
    access = real("2026-10").access
    used = {
        scope
        for name in NAMES
        for at in places("2026-10", document(name))
        for some in access.get(at, [])
        for scope in some
    }
    used |= {scope for topic in set(TOPICS) - LAWFUL for scope in topic_scopes("2026-10", topic)}
    idle = {scope for scope in DECLARED if not implied({scope}) & used}
    assert idle <= set(NEEDED_ELSEWHERE), "a scope that nothing needs costs the merchant's trust and Shopify's approval"
    assert set(NEEDED_ELSEWHERE) <= DECLARED


@pytest.mark.parametrize("name", NAMES)
def test_names_and_addresses_are_only_asked_for_where_the_merchant_switched_it_on(name: str) -> None:
    protected = real("2026-10").protected
    asked = {at: protected[at] for at in places("2026-10", document(name)) if at in protected}
    assert not asked or name in LEVEL_2


@pytest.mark.parametrize(
    "keeps", [set(), {"name"}, {"email"}, {"phone"}, {"address"}, {"name", "email", "phone", "address"}]
)
def test_the_history_asks_for_what_the_merchant_switched_on_and_for_nothing_more(keeps: set[str]) -> None:
    protected = real("2026-10").protected
    for kind, open_to in (("customers", keeps), ("orders", keeps & {"address"})):
        asked = places("2026-10", question(kind, frozenset(keeps), frozenset()))
        assert {protected[at] for at in asked if at in protected} == open_to
        assert (("MailingAddress", "city") in asked) is ("address" in keeps), "not marked by Shopify, but one of ours"


def test_what_a_merchant_has_not_granted_yet_is_not_asked_for() -> None:
    assert "storeCreditAccounts" not in question("customers", frozenset(), frozenset({"read_customers"}))
    assert "storeCreditAccounts" in question("customers", frozenset(), frozenset(DECLARED))


def test_scopes_are_read_from_shopifys_sentences() -> None:
    assert scope_groups("`read_a` access scope, `read_b` access scope or `read_c` access scope.") == [
        {"read_a", "read_b", "read_c"}
    ]
    pixels = "`write_pixels` access scope. Also: The app requires read_customer_events access scope and user access."
    assert scope_groups(pixels) == [{"write_pixels"}, {"read_customer_events"}]
    assert topic_scopes("2026-10", "orders/create") == {"read_orders", "read_marketplace_orders"}
    assert topic_scopes("2026-10", "customer.tags_added") == {"read_customers"}
    assert topic_scopes("2026-10", "app/uninstalled") == frozenset()
