"""The Admin API: documents in, data out; throttled, broken off, hidden."""

from __future__ import annotations

from pathlib import Path

import graphql
import pytest

from plugin.base.errors import Refused, Unavailable
from plugin.shopify import client as module
from plugin.shopify.client import Client, document

from .pretend import Answer, Asked, Pretend

THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 101,
            "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 1, "restoreRate": 50},
        }
    },
}
SHOP = {"data": {"shop": {"name": "Vanta"}}}
FILE = b"".join(b'{"id":"gid://shopify/Product/%d"}\n' % number for number in range(40_000))


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(shopify: Pretend, waits: list[float]) -> Client:
    return Client("vanta.myshopify.com", "shpat_1", sleep=waits.append)


def test_it_asks_with_the_shops_token_in_our_version(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer(SHOP))
    assert client.run("shop") == {"shop": {"name": "Vanta"}}
    (asked,) = shopify.asked
    assert asked.path == "/shops/vanta.myshopify.com/admin/api/2026-10/graphql.json"
    assert asked.headers["X-Shopify-Access-Token"] == "shpat_1"
    assert asked.body == {"query": document("shop"), "variables": {}}


def test_throttled_it_waits_until_the_bucket_holds_enough(client: Client, shopify: Pretend, waits: list[float]) -> None:
    shopify.will(Answer(THROTTLED), Answer(SHOP))
    assert client.run("shop") == SHOP["data"]
    assert waits == [2.0]


def test_a_server_in_trouble_is_asked_again(client: Client, shopify: Pretend, waits: list[float]) -> None:
    shopify.will(Answer(b"oops", 502), Answer({}, 429, {"Retry-After": "3"}), Answer(SHOP, cut=5), Answer(SHOP))
    assert client.run("shop") == SHOP["data"]
    assert 0.5 <= waits[0] <= 1.0
    assert waits[1] == 3.0
    assert len(waits) == 3


def test_patience_ends(client: Client, shopify: Pretend, waits: list[float]) -> None:
    shopify.will(*[Answer({}, 503)] * module.ATTEMPTS)
    with pytest.raises(Unavailable, match="HTTP 503"):
        client.run("shop")
    assert len(waits) == module.ATTEMPTS - 1


def test_a_token_that_is_dead_is_refused_at_once(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer({"errors": "[API] Invalid API key or access token"}, 401))
    with pytest.raises(Refused):
        client.run("shop")


def test_what_shopify_hides_is_missing_and_the_rest_is_there(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer({"data": {"shop": {"name": None}}, "errors": [{"message": "Access denied"}]}))
    assert client.run("shop") == {"shop": {"name": None}}


def test_only_errors_are_no_answer(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer({"errors": [{"message": "Field 'x' doesn't exist"}]}))
    with pytest.raises(Unavailable, match="doesn't exist"):
        client.run("shop")


def ranged(asked: Asked) -> Answer:
    start = int(asked.headers.get("Range", "bytes=0-")[6:-1])
    return Answer(FILE[start:], 206 if start else 200) if start < len(FILE) else Answer(b"", 416)


def test_a_file_is_read_line_by_line_from_any_place(client: Client, shopify: Pretend) -> None:
    shopify.reply = ranged
    whole = list(client.download(f"{shopify.url}/file.jsonl"))
    assert (b"".join(whole), len(whole)) == (FILE, 40_000)
    place = len(b"".join(whole[:39_000]))
    assert list(client.download(f"{shopify.url}/file.jsonl", place)) == whole[39_000:]
    assert list(client.download(f"{shopify.url}/file.jsonl", len(FILE))) == []
    assert "X-Shopify-Access-Token" not in shopify.asked[0].headers


def test_a_server_that_knows_no_ranges_is_read_from_the_start(client: Client, shopify: Pretend) -> None:
    shopify.reply = lambda _: Answer(FILE)
    place = len(FILE) - len(FILE) // 3
    assert b"".join(client.download(f"{shopify.url}/file.jsonl", place)) == FILE[place:]


def test_a_last_line_without_an_end_is_a_line(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer(b"{}\n{}"))
    assert list(client.download(f"{shopify.url}/x")) == [b"{}\n", b"{}"]


def test_a_file_that_breaks_off_is_not_taken_for_whole(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer(FILE, cut=10))
    with pytest.raises(Unavailable, match="broke off"):
        list(client.download(f"{shopify.url}/x"))


def test_an_address_that_is_over_is_unavailable(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer(b"expired", 403))
    with pytest.raises(Unavailable, match="403"):
        list(client.download(f"{shopify.url}/x"))


def test_files_are_fetched_by_https_only() -> None:
    with pytest.raises(Unavailable, match="https"):
        list(Client("vanta.myshopify.com", "shpat_1").download("http://169.254.169.254/latest"))


@pytest.mark.parametrize("name", sorted(file.stem for file in Path(module.__file__).parent.glob("documents/*.graphql")))
def test_every_document_is_graphql_and_bulk_ones_keep_shopifys_rules(name: str) -> None:
    (operation,) = graphql.parse(document(name)).definitions
    assert isinstance(operation, graphql.OperationDefinitionNode)
    if name in {"bulk_products", "bulk_customers", "bulk_orders"}:
        depths = list(connections(operation.selection_set))
        assert 1 <= len(depths) <= 5
        assert max(depths) <= 2


def connections(selected: graphql.SelectionSetNode | None, depth: int = 0) -> list[int]:
    found: list[int] = []
    for field in selected.selections if selected else ():
        assert isinstance(field, graphql.FieldNode)
        deeper = depth + (field.name.value == "edges")
        found += [deeper] if deeper > depth else []
        found += connections(field.selection_set, deeper)
    return found
