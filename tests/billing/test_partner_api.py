"""The Partner API's client: patient with trouble that passes, plain about what does not, silent about its token."""

from __future__ import annotations

import functools
import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_client_schema, parse, validate
from graphql.validation import NoDeprecatedCustomRule

from plugin.base.errors import BeckonError, Refused, Unavailable
from plugin.base.settings import Billing, from_environment
from plugin.billing.partner import ATTEMPTS, PartnerApi, document
from sandbox.billing.partner import SCHEMA
from tests.shopify.pretend import Answer, Pretend, pretend
from tests.shopify.schema import FOLDER

TOKEN = "prtapi_very_secret"
NOTHING = Answer({"data": {"activeSubscription": None}})


@pytest.fixture
def shopify() -> Iterator[Pretend]:
    with pretend() as known:
        yield known


def client(shopify: Pretend, waits: list[float] | None = None) -> PartnerApi:
    mine = Billing("app_pricing", "beckon", organization="4242", partner_token=TOKEN, partner_url=shopify.url)
    return PartnerApi(mine, sleep=(waits if waits is not None else []).append)


def test_it_asks_the_organization_s_own_endpoint_with_its_token(shopify: Pretend) -> None:
    shopify.will(NOTHING)

    told = client(shopify).run("active_subscription", appId="gid://shopify/App/1", shopId="gid://shopify/Shop/2")

    assert told == {"activeSubscription": None}
    (asked,) = shopify.asked
    assert asked.path == "/4242/api/2026-07/graphql.json"
    assert asked.headers["X-Shopify-Access-Token"] == TOKEN
    assert asked.body["variables"] == {"appId": "gid://shopify/App/1", "shopId": "gid://shopify/Shop/2"}


@pytest.mark.parametrize("trouble", [Answer({}, 503), Answer(b"<html>", 200), Answer({}, 429), Answer({}, cut=1)])
def test_trouble_that_passes_is_waited_out(shopify: Pretend, trouble: Answer) -> None:
    waits: list[float] = []
    shopify.will(trouble, NOTHING)

    client(shopify, waits).run("active_subscription")

    assert len(waits) == 1


def test_it_waits_as_long_as_it_is_told_within_reason(shopify: Pretend) -> None:
    waits: list[float] = []
    shopify.will(Answer({}, 429, {"Retry-After": "2"}), Answer({}, 429, {"Retry-After": "3600"}), NOTHING)

    client(shopify, waits).run("active_subscription")

    assert waits == [2.0, 5.0]


def test_it_gives_up_in_a_sentence(shopify: Pretend) -> None:
    shopify.will(*[Answer({}, 503)] * ATTEMPTS)

    with pytest.raises(Unavailable, match=r"Shopify's Partner API did not answer: HTTP 503\."):
        client(shopify).run("active_subscription")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_token_that_is_not_taken_is_the_operator_s_to_mend(shopify: Pretend, status: int) -> None:
    shopify.will(Answer({"errors": [{"message": "Invalid access token"}]}, status))

    with pytest.raises(Refused, match="SHOPIFY_PARTNER_TOKEN"):
        client(shopify).run("active_subscription")


@pytest.mark.parametrize(
    "answer",
    [
        {"data": None, "errors": [{"message": "no permission"}]},
        {"data": {"activeSubscription": None}, "errors": [{"message": "a part is missing"}]},
        {"data": []},
        {"errors": "Unauthorized"},
    ],
)
def test_half_an_answer_never_looks_like_no_plan(shopify: Pretend, answer: object) -> None:
    shopify.will(Answer(answer))

    with pytest.raises(Unavailable):
        client(shopify).run("active_subscription")


def test_its_token_is_in_no_log_error_or_repr(
    shopify: Pretend, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    shopify.will(Answer({}, 401), *[Answer({}, 500)] * ATTEMPTS)
    for _ in range(2):
        with pytest.raises(BeckonError) as error:
            client(shopify).run("active_subscription")
        assert TOKEN not in str(error.value)
    env = {
        "BECKON_HOME": str(tmp_path),
        "BECKON_BILLING": "app_pricing",
        "SHOPIFY_PARTNER_ORGANIZATION": "1",
        "SHOPIFY_PARTNER_TOKEN": TOKEN,
    }

    assert TOKEN not in repr(from_environment(env)) + repr(client(shopify)) + caplog.text


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"BECKON_BILLING": "stripe"}, "BECKON_BILLING"),
        ({"BECKON_BILLING": "app_pricing"}, "SHOPIFY_PARTNER_ORGANIZATION"),
        ({"BECKON_BILLING": "app_pricing", "SHOPIFY_PARTNER_ORGANIZATION": "1"}, "SHOPIFY_PARTNER_TOKEN"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, env: dict[str, str], name: str) -> None:
    with pytest.raises(BeckonError, match=name):
        from_environment(env | {"BECKON_HOME": str(tmp_path)})


def test_shopify_would_take_our_document() -> None:
    asked = parse(document("active_subscription"))

    assert [problem.message for problem in validate(_real(), asked)] == []
    assert [problem.message for problem in validate(_real(), asked, [NoDeprecatedCustomRule])] == []


def test_what_the_sandbox_answers_is_a_part_of_shopify_s_schema() -> None:
    """Every type and field of the sandbox's Partner API has its name and type in the real one."""
    for name, kind in SCHEMA.type_map.items():
        real = _real().type_map[name] if not name.startswith("__") else kind
        for field, ours in (kind.fields if hasattr(kind, "fields") else {}).items():
            assert str(ours.type) == str(real.fields[field].type), f"{name}.{field}"


@functools.cache
def _real() -> GraphQLSchema:
    """Shopify's own, from npm's @shopify/dev-mcp."""
    with gzip.open(FOLDER / f"partner_{Billing('app_pricing', '').partner_version}.json.gz") as opened:
        return build_client_schema(json.load(opened)["data"], assume_valid=True)
