"""One table of topics, one list in shopify.app.toml, and a file that exists above each."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from plugin.base.settings import Settings
from webhooks.topics import TOPICS

ROOT = Path(__file__).parents[2]
TOML = (ROOT / "shopify.app.toml").read_text()
SUBSCRIPTIONS = tomllib.loads(TOML)["webhooks"]["subscriptions"]


def test_shopify_sends_exactly_what_we_can_read() -> None:
    subscribed = [
        topic for one in SUBSCRIPTIONS for key in ("topics", "compliance_topics") for topic in one.get(key, [])
    ]
    assert sorted(subscribed) == sorted(TOPICS)


def test_the_laws_three_topics_stand_where_the_law_wants_them() -> None:
    lawful = {topic for one in SUBSCRIPTIONS for topic in one.get("compliance_topics", [])}
    assert lawful == {"customers/data_request", "customers/redact", "shop/redact"}


def test_above_each_subscription_stands_the_file_that_reads_it() -> None:
    blocks = re.findall(r"# Handled by: (\S+)\n\[\[webhooks\.subscriptions\]\]\n(.*?)(?=\n\n|\Z)", TOML, re.DOTALL)
    assert len(blocks) == len(SUBSCRIPTIONS)
    for file, block in blocks:
        assert (ROOT / file).exists()
        module = file.removesuffix(".py").replace("/", ".")
        for topic in re.findall(r'"([a-z_.]+/[a-z_]+|customer\.[a-z_]+)"', block):
            assert TOPICS[topic].__module__ == module


def test_one_address_takes_them_all() -> None:
    assert {one["uri"] for one in SUBSCRIPTIONS} == {"/webhooks"}


def test_the_version_is_the_one_we_ask_in(own_settings: Settings) -> None:
    assert tomllib.loads(TOML)["webhooks"]["api_version"] == own_settings.api_version


def test_every_scope_has_its_reason() -> None:
    scopes = tomllib.loads(TOML)["access_scopes"]["scopes"].split(",")
    for scope in scopes:
        assert re.search(rf"^# {scope} +\S", TOML, re.MULTILINE), scope
