"""The Admin API: tokens, queries, bulk operations, as an app meets them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType

from sandbox import instants, signing
from sandbox.adminapi import bulk
from sandbox.adminapi.fields import FIELDS
from sandbox.adminapi.plan import SCHEMA
from tests.sandbox.conftest import SECRET, exchange_of, install, told
from tests.sandbox.test_storefront import LANTERN, put

TOKENS = "/shops/demo.myshopify.com/admin/oauth/access_token"
GRAPHQL = "/shops/demo.myshopify.com/admin/api/2026-10/graphql.json"
DOCUMENTS = Path(__file__).parents[2] / "plugin" / "shopify" / "documents"


def ask(browser, document, /, access=None, **variables):
    headers = {"X-Shopify-Access-Token": access or install(browser)}
    return browser.post(GRAPHQL, json={"query": document, "variables": variables}, headers=headers)


def refresh(browser, token):
    body = {"client_id": "beckon-demo", "client_secret": SECRET, "grant_type": "refresh_token", "refresh_token": token}
    return browser.post(TOKENS, json=body)


def test_a_session_token_is_exchanged_for_expiring_tokens(browser):
    token = browser.get("/store/demo/id_token").json()["id_token"]

    answer = browser.post(TOKENS, json=exchange_of(token)).json()

    assert answer["access_token"].startswith("shpat_")
    assert answer["refresh_token"].startswith("shprt_")
    assert (answer["expires_in"], answer["refresh_token_expires_in"]) == (3600, 7_776_000)
    assert answer["scope"] == "read_products,read_orders,read_locations,read_customers,read_store_credit_accounts"


def test_an_old_session_token_is_refused_in_shopify_s_words(browser):
    old = signing.id_token("beckon-demo", SECRET, instants.now() - timedelta(minutes=2))

    answer = browser.post(TOKENS, json=exchange_of(old))

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_subject_token"})


def test_a_wrong_secret_or_a_token_without_end_is_refused(browser):
    token = browser.get("/store/demo/id_token").json()["id_token"]

    assert browser.post(TOKENS, json=exchange_of(token) | {"client_secret": "x"}).json() == {"error": "invalid_client"}
    unknown = browser.post(TOKENS, json=exchange_of(token) | {"client_id": "x"})
    assert (unknown.status_code, unknown.json()) == (400, {"error": "application_cannot_be_found"})
    assert browser.post(TOKENS, json=exchange_of(token) | {"expiring": 0}).status_code == 400


def test_each_refresh_replaces_the_refresh_token_and_the_last_one_may_be_repeated(browser):
    first = browser.post(TOKENS, json=exchange_of(browser.get("/store/demo/id_token").json()["id_token"])).json()

    second = refresh(browser, first["refresh_token"]).json()
    repeated = refresh(browser, first["refresh_token"])  # the answer got lost
    third = refresh(browser, repeated.json()["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert (repeated.status_code, third.status_code) == (200, 200)
    assert refresh(browser, first["refresh_token"]).json() == {"error": "invalid_grant"}


def test_without_a_token_nothing_is_answered(browser):
    assert browser.post(GRAPHQL, json={"query": "{ shop { name } }"}).status_code == 401
    assert ask(browser, "{ shop { name } }", access="shpat_guessed").status_code == 401


def test_after_an_uninstall_the_tokens_are_dead(browser, world):
    access = install(browser)

    browser.post("/_sandbox/uninstall")

    assert ask(browser, "{ shop { name } }", access=access).status_code == 401
    assert told(world, "app/uninstalled")[0]["id"]


def test_a_query_is_followed_and_its_cost_told(browser):
    query = """{ customers(first: 1, after: null) { edges { cursor node { id amountSpent { amount currencyCode }
      numberOfOrders addressesV2(first: 5) { nodes { countryCodeV2 } } } } pageInfo { hasNextPage endCursor } } }"""

    answer = ask(browser, query).json()

    node = answer["data"]["customers"]["edges"][0]["node"]
    assert node["id"] == "gid://shopify/Customer/12583"
    assert node["amountSpent"] == {"amount": "25.50", "currencyCode": "GBP"}
    assert node["addressesV2"]["nodes"] == [{"countryCodeV2": "FR"}]
    assert answer["data"]["customers"]["pageInfo"]["hasNextPage"] is True
    cost = answer["extensions"]["cost"]
    assert cost["requestedQueryCost"] > 1
    assert cost["throttleStatus"]["currentlyAvailable"] < cost["throttleStatus"]["maximumAvailable"]


def test_whoever_asks_too_much_is_throttled(browser):
    access = install(browser)
    query = "{ products(first: 250) { nodes { id featuredMedia { id } } } }"

    answers = [ask(browser, query, access=access).json() for _ in range(6)]

    errors = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert "THROTTLED" in errors


def test_pages_of_a_connection_join_without_a_gap(browser):
    access, found, after = install(browser), [], None
    nodes = "products(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }"
    query = f"query($after: String) {{ {nodes} }}"
    while True:
        page = ask(browser, query, access=access, after=after).json()["data"]["products"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(found) == len(set(found)) == 3


def run_bulk(browser, world, query):
    """Starts a bulk operation, lets it finish, and gives (its last state, its lines)."""
    access = install(browser)
    mutation = (DOCUMENTS / "bulk_run.graphql").read_text()
    began = ask(browser, mutation, access=access, query=query, groupObjects=False).json()["data"][
        "bulkOperationRunQuery"
    ]
    assert began["userErrors"] == []
    assert began["bulkOperation"]["status"] == "CREATED"
    finish_bulk(world)
    poll = (DOCUMENTS / "bulk_poll.graphql").read_text()
    state = ask(browser, poll, access=access, id=began["bulkOperation"]["id"]).json()["data"]["bulkOperation"]
    lines = browser.get(state["url"]).text.splitlines() if state["url"] else []
    return state, [json.loads(line) for line in lines]


def finish_bulk(world):
    async def until_done():
        stop = asyncio.Event()
        running = asyncio.create_task(bulk.run_for_ever(world, stop))
        while world.db.execute("SELECT 1 FROM bulk WHERE status IN ('CREATED', 'RUNNING')").fetchone():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        stop.set()
        await running

    asyncio.run(until_done())


def test_a_bulk_operation_writes_children_after_their_parents(browser, world):
    state, lines = run_bulk(browser, world, (DOCUMENTS / "bulk_orders.graphql").read_text())

    assert (state["status"], state["rootObjectCount"], state["objectCount"]) == ("COMPLETED", "3", str(len(lines)))
    parents = set()
    for line in lines:
        assert line.get("__parentId") is None or line["__parentId"] in parents
        parents.add(line["id"])
    order = next(line for line in lines if line.get("name") == "#536365")
    assert order["totalPriceSet"]["shopMoney"]["amount"] == "53.64"
    assert order["customer"] == {"id": "gid://shopify/Customer/17850"}
    mine = [line for line in lines if line.get("__parentId") == order["id"]]
    assert [line["quantity"] for line in mine] == [6, 6]  # postage is no line item
    assert told(world, "bulk_operations/finish")[0]["status"] == "completed"


@pytest.mark.parametrize("name", sorted(file.stem for file in DOCUMENTS.glob("bulk_*s.graphql")))
def test_the_app_s_own_bulk_queries_run(browser, world, name):
    put(browser, LANTERN)
    browser.get("/checkout")

    state, lines = run_bulk(browser, world, (DOCUMENTS / f"{name}.graphql").read_text())

    assert state["status"] == "COMPLETED"
    assert int(state["fileSize"]) > 0
    assert lines


def test_a_part_of_the_file_can_be_read(browser, world):
    state, _ = run_bulk(browser, world, "{ products { edges { node { id title } } } }")
    whole = browser.get(state["url"]).content

    part = browser.get(state["url"], headers={"Range": "bytes=10-"})

    assert part.status_code == 206
    assert part.content == whole[10:]


def test_nothing_found_has_no_file(browser, world):
    state, _ = run_bulk(browser, world, '{ orders(query: "updated_at:>=2030-01-01") { edges { node { id } } } }')

    assert (state["status"], state["url"], state["objectCount"]) == ("COMPLETED", None, "0")


@pytest.mark.parametrize(
    "query",
    [
        "{ shop { name } }",
        "{ products { edges { node { title variants { edges { node { id } } } } } } }",
        "{ nonsense }",
        "{",
    ],
)
def test_queries_that_shopify_would_not_run_in_bulk_are_refused(browser, query):
    mutation = (DOCUMENTS / "bulk_run.graphql").read_text()

    told_back = ask(browser, mutation, query=query, groupObjects=False).json()["data"]["bulkOperationRunQuery"]

    assert told_back["bulkOperation"] is None
    assert told_back["userErrors"][0]["code"] == "INVALID"


def test_what_a_scope_does_not_open_is_null_with_its_error_and_the_rest_is_told(browser, world):
    world.settings.app_toml.write_text(world.settings.app_toml.read_text().replace(",read_customers", ""))
    query = "{ shop { name } orders(first: 1) { nodes { name customer { id } } } }"

    answer = ask(browser, query).json()

    assert answer["data"]["shop"]["name"]
    assert answer["data"]["orders"]["nodes"] == [
        {"name": answer["data"]["orders"]["nodes"][0]["name"], "customer": None}
    ]
    (error,) = answer["errors"]
    assert error["path"] == ["orders", "nodes", 0, "customer"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"


def test_a_token_keeps_the_scopes_of_its_exchange(browser, world):
    access = install(browser)
    world.settings.app_toml.write_text(world.settings.app_toml.read_text().replace(",read_customers", ""))

    told = ask(browser, "{ customers(first: 1) { nodes { id } } }", access=access).json()

    assert "errors" not in told


def test_in_bulk_a_missing_scope_fails_the_operation(browser, world):
    world.settings.app_toml.write_text(world.settings.app_toml.read_text().replace(",read_customers", ""))

    state, lines = run_bulk(browser, world, "{ orders { edges { node { id customer { id } } } } }")

    assert (state["status"], state["errorCode"], state["url"], lines) == ("FAILED", "ACCESS_DENIED", None, [])


def test_the_hand_makes_the_admin_api_stumble(browser, world):
    access = install(browser)
    browser.post("/_sandbox/admin-api", json={"answers": [429, 503], "hide": ["Customer"], "fail_bulk": ["TIMEOUT"]})

    busy, broken, hidden = (ask(browser, "{ customers(first: 1) { nodes { id } } }", access=access) for _ in range(3))
    state, _ = run_bulk(browser, world, "{ products { edges { node { id } } } }")

    assert (busy.status_code, busy.headers["Retry-After"], broken.status_code) == (429, "1.0", 503)
    assert hidden.json()["data"] is None
    assert hidden.json()["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert (state["status"], state["errorCode"], state["url"]) == ("FAILED", "TIMEOUT", None)
    assert browser.get(state["partialDataUrl"]).text.count("\n") == 3


def test_ungrouped_children_may_stand_far_from_their_parent_and_grouped_ones_follow_it(browser, world):
    query = "{ products { edges { node { id variants { edges { node { id } } } } } } }"
    _, apart = run_bulk(browser, world, query)
    number, _ = bulk.begin(world, query, grouped=True)
    finish_bulk(world)
    together = [json.loads(line) for line in (world.settings.downloads / f"{number}.jsonl").read_text().splitlines()]

    assert ["__parentId" in line for line in apart] == [False] * 3 + [True] * 3
    assert ["__parentId" in line for line in together] == [False, True] * 3


def test_a_sixth_operation_at_once_is_refused(browser, world):
    for _ in range(5):
        assert bulk.begin(world, "{ products { edges { node { id } } } }")[0]

    number, problems = bulk.begin(world, "{ products { edges { node { id } } } }")

    assert number is None
    assert problems[0]["code"] == "OPERATION_IN_PROGRESS"


def test_a_query_of_more_than_a_thousand_points_is_refused(browser):
    told = ask(browser, "{ orders(first: 250) { nodes { id customer { id } lineItems(first: 5) { nodes { id } } } } }")

    assert told.json()["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_collections_are_told_without_their_products(browser, world):
    install(browser)
    made = browser.post("/_sandbox/collections", json={"title": "Summer", "product_ids": [1]}).json()["id"]
    browser.post(f"/_sandbox/collections/{made}", json={"title": "Winter"})
    browser.post(f"/_sandbox/collections/{made}", json={"deleted": True})

    bodies = told(world, "collections/create", "collections/update", "collections/delete")

    assert [body["id"] for body in bodies] == [made] * 3
    assert [body.get("title") for body in bodies] == ["Summer", "Winter", None]
    assert all("products" not in body for body in bodies)


def test_an_operation_cut_short_begins_again(browser, world):
    number, _ = bulk.begin(world, "{ products { edges { node { id } } } }")
    world.db.execute("UPDATE bulk SET status = 'RUNNING', objects = 1")

    finish_bulk(world)

    row = world.db.execute("SELECT status, objects FROM bulk WHERE id = ?", (number,)).fetchone()
    assert tuple(row) == ("COMPLETED", 3)


def test_every_field_of_the_schema_can_be_read():
    ends = ("Connection", "Edge", "Payload", "UserError", "Count", "PageInfo", "Input")
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__") or not hasattr(kind, "fields") or name in ("Query", "Mutation", "Node", "Media"):
            continue
        if not name.endswith(ends) and not isinstance(kind, GraphQLInputObjectType):
            assert set(kind.fields) == set(FIELDS[name]), name
