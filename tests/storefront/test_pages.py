"""What the storefront script and the browser fetch."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from plugin.store import tables
from plugin.store.engine import transaction

from .conftest import Storefront

EXTENSION = Path(__file__).parents[2] / "extensions" / "web-push"


def test_the_config_gives_the_key_that_the_sender_signs_with(storefront: Storefront) -> None:
    config = storefront.get("config.json").get_json()
    with transaction() as tx:
        key = tx.execute(select(tables.shops.c.vapid_public)).scalar_one()
    assert base64.urlsafe_b64decode(config["public_key"] + "=") == key


def test_the_bells_words_name_the_shop(storefront: Storefront) -> None:
    words = storefront.get("config.json", locale="en-GB").get_json()["bell"]
    assert words["label"] == "Notifications from Vanta Outdoor"
    assert not any("{" in text for text in words.values())


def test_the_bell_speaks_the_shoppers_language_and_says_which(storefront: Storefront) -> None:
    german = storefront.get("config.json", locale="de-CH").get_json()["bell"]
    assert (german["lang"], german["ask_no"]) == ("de", "Jetzt nicht")
    assert storefront.get("config.json", locale="ja").get_json()["bell"]["lang"] == "en"


def test_a_language_that_nobody_translated_speaks_english(storefront: Storefront) -> None:
    assert storefront.get("config.json", locale="tlh").get_json()["bell"]["ask_no"] == "Not now"


def test_the_worker_is_javascript_that_no_cache_keeps(storefront: Storefront) -> None:
    answer = storefront.get("sw.js")
    assert answer.content_type == "application/javascript; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'addEventListener("push"' in answer.get_data(as_text=True)


def test_the_manifest_makes_the_shop_a_web_app(storefront: Storefront) -> None:
    manifest = storefront.get("manifest.json").get_json()
    assert manifest["name"] == "Vanta Outdoor"
    assert manifest["display"] == "standalone"


def test_the_script_stays_a_few_kilobytes() -> None:
    """What every page of every shop loads: Shopify suggests at most 10 KB, compressed."""
    script, style = ((EXTENSION / "assets" / name).read_bytes() for name in ("push.js", "push.css"))
    assert len(gzip.compress(script)) < 7_500
    assert len(gzip.compress(style)) < 2_000


def test_every_word_that_the_script_asks_for_is_there() -> None:
    script = (EXTENSION / "assets" / "push.js").read_text()
    words = json.loads((EXTENSION / "locales" / "en.default.json").read_text())["bell"]
    acts = re.findall(r"^      (\w+): \[(.*)\]", script, re.MULTILINE)
    assert len(acts) == 6
    for screen, buttons in acts:
        wanted = {f"{screen}_title", f"{screen}_text", f"{screen}_yes"}
        if ", " in buttons:
            wanted.add(f"{screen}_no")
        assert wanted <= words.keys()
    assert set(re.findall(r"words\.(\w+)", script)) <= {*words, "lang"}


def test_the_blocks_settings_are_all_used_and_its_schema_is_valid() -> None:
    block = (EXTENSION / "blocks" / "bell.liquid").read_text()
    found = re.search(r"{% schema %}(.*){% endschema %}", block, re.DOTALL)
    assert found
    schema = json.loads(found[1])
    settings = {each["id"] for each in schema["settings"] if "id" in each}
    assert settings == set(re.findall(r"block\.settings\.(\w+)", block))
    assert len(schema["name"]) < 25
    assert schema["target"] == "body"


@pytest.mark.parametrize(
    "name", ["title", "promise", "side", "lift", "color", "style", "proxy", "locale", "product-id"]
)
def test_the_script_reads_what_the_block_says(name: str) -> None:
    camel = re.sub(r"-(\w)", lambda found: found[1].upper(), name)
    assert f"data-{name}=" in (EXTENSION / "blocks" / "bell.liquid").read_text()
    assert f"said.{camel}" in (EXTENSION / "assets" / "push.js").read_text()
