"""The Admin API: documents in, data out; throttled, broken off, hidden."""

from __future__ import annotations

import pytest

from plugin.base.errors import BeckonError, Refused, Unavailable
from plugin.shopify import client as module
from plugin.shopify.answer import Answer as Told
from plugin.shopify.answer import FieldError
from plugin.shopify.client import Client, document
from plugin.shopify.cost import Bucket

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
    """Waits are written down instead of waited; to its bucket they have passed."""
    return Client("vanta.myshopify.com", "shpat_1", sleep=waits.append, bucket=Bucket(lambda: sum(waits)))


def with_cost(asked: float, left: float, data: object = SHOP["data"]) -> Answer:
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": 100.0}
    return Answer({"data": data, "extensions": {"cost": {"requestedQueryCost": asked, "throttleStatus": status}}})


def test_it_asks_with_the_shops_token_in_our_version(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer(SHOP))
    assert client.run("shop").data == {"shop": {"name": "Vanta"}}
    (asked,) = shopify.asked
    assert asked.path == "/shops/vanta.myshopify.com/admin/api/2026-10/graphql.json"
    assert asked.headers["X-Shopify-Access-Token"] == "shpat_1"
    assert asked.body == {"query": document("shop"), "variables": {}}


def test_throttled_it_waits_until_the_bucket_holds_enough(client: Client, shopify: Pretend, waits: list[float]) -> None:
    shopify.will(Answer(THROTTLED), Answer(SHOP))
    assert client.run("shop").data == SHOP["data"]
    assert len(waits) == 1
    assert 2.0 <= waits[0] <= 2.5


def test_what_the_bucket_cannot_pay_is_waited_for_before_it_is_sent(
    client: Client, shopify: Pretend, waits: list[float]
) -> None:
    shopify.will(with_cost(400, left=500), with_cost(400, left=100), with_cost(400, left=0))
    client.run("shop")
    client.run("shop")
    assert waits == []  # 500 points pay for 400
    client.run("shop")
    assert len(shopify.asked) == 3
    assert 3.0 <= waits[0] <= 3.75  # 300 points are lacking, 100 come back each second


def test_two_threads_do_not_spend_the_same_points(waits: list[float]) -> None:
    bucket = Bucket(lambda: 0.0)
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 500, "restoreRate": 100.0}
    bucket.learn("shop", {"requestedQueryCost": 400, "throttleStatus": status})
    assert bucket.take("shop") == 0
    assert bucket.take("shop") >= 3.0


def test_all_clients_of_a_shop_in_a_process_share_its_points() -> None:
    assert module.bucket_of("a.myshopify.com") is module.bucket_of("a.myshopify.com")
    assert module.bucket_of("a.myshopify.com") is not module.bucket_of("b.myshopify.com")


def test_a_server_in_trouble_is_asked_again(client: Client, shopify: Pretend, waits: list[float]) -> None:
    shopify.will(Answer(b"oops", 502), Answer({}, 429, {"Retry-After": "3"}), Answer(SHOP, cut=5), Answer(SHOP))
    assert client.run("shop").data == SHOP["data"]
    assert 0.5 <= waits[0] <= 1.0
    assert 3.0 <= waits[1] <= 3.75
    assert len(waits) == 3


def test_an_error_inside_shopify_is_asked_again_and_what_came_is_kept(
    client: Client, shopify: Pretend, waits: list[float]
) -> None:
    broken = {"message": "Internal error.", "path": ["shop", "name"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    half = {"data": {"shop": {"name": None}}, "errors": [broken]}
    shopify.will(Answer(half), Answer(SHOP))
    assert client.run("shop") == Told(SHOP["data"])
    shopify.will(*[Answer(half)] * module.ATTEMPTS)
    told = client.run("shop")
    assert told.data == {"shop": {"name": None}}
    assert told.errors == (FieldError(("shop", "name"), "INTERNAL_SERVER_ERROR", "Internal error."),)


def test_patience_ends(client: Client, shopify: Pretend, waits: list[float]) -> None:
    shopify.will(*[Answer({}, 503)] * module.ATTEMPTS)
    with pytest.raises(Unavailable, match="HTTP 503"):
        client.run("shop")
    assert len(waits) == module.ATTEMPTS - 1


@pytest.mark.parametrize("lost", [Answer(b"oops", 502), Answer(SHOP, cut=5)])
def test_a_mutation_that_may_have_been_done_is_not_sent_again(
    client: Client, shopify: Pretend, monkeypatch: pytest.MonkeyPatch, lost: Answer
) -> None:
    monkeypatch.setattr(module, "REPEATABLE", frozenset())
    shopify.will(Answer({}, 429), Answer(THROTTLED), lost)  # before the third it was surely not done
    with pytest.raises(Unavailable, match="may have done bulk_run"):
        client.run("bulk_run", query="{ products { edges { node { id } } } }", groupObjects=False)
    assert len(shopify.asked) == 3


def test_a_mutation_that_may_be_done_twice_is_sent_again(client: Client, shopify: Pretend) -> None:
    done = {"data": {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": []}}}
    shopify.will(Answer(b"oops", 502), Answer(done))
    assert client.run("bulk_run", query="{}", groupObjects=False).data == done["data"]


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_closed_door_is_not_knocked_at_again(client: Client, shopify: Pretend, status: int) -> None:
    shopify.will(Answer({"errors": "[API] Invalid API key or access token"}, status))
    with pytest.raises(Refused, match=str(status)):
        client.run("shop")
    assert len(shopify.asked) == 1


def test_what_shopify_hides_is_told_from_what_is_not_there(client: Client, shopify: Pretend) -> None:
    denied = {"message": "Access denied", "path": ["order", "customer"], "extensions": {"code": "ACCESS_DENIED"}}
    shopify.will(Answer({"data": {"order": {"customer": None, "app": None}}, "errors": [denied]}))
    told = client.run("shop")
    assert told.data == {"order": {"customer": None, "app": None}}
    assert told.hides("order", "customer")
    assert told.hides("order", "customer", "id")
    assert not told.hides("order", "app")
    assert not told.hides("order")


def test_everything_hidden_is_a_refusal(client: Client, shopify: Pretend) -> None:
    denied = {"message": "Access denied for customers field.", "extensions": {"code": "ACCESS_DENIED"}}
    shopify.will(Answer({"data": None, "errors": [denied]}))
    with pytest.raises(Refused, match="Access denied for customers field"):
        client.run("shop")


def test_only_errors_are_no_answer(client: Client, shopify: Pretend) -> None:
    shopify.will(Answer({"errors": [{"message": "Field 'x' doesn't exist"}]}))
    with pytest.raises(BeckonError, match="doesn't exist") as raised:
        client.run("shop")
    assert not isinstance(raised.value, Unavailable)  # asking the same again would not help


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
