"""Shopify's limits for configuration and extensions, as far as they can be counted without Shopify.

Shopify's command line checks shapes (test_shopifys_command_line.py). What its servers would refuse is counted
here, from shopify.dev: app configuration, app proxies, theme app extensions, web pixels.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT

APP = tomllib.loads((ROOT / "shopify.app.toml").read_text())
EXTENSIONS = ROOT / "extensions"
BELL = EXTENSIONS / "web-push"
PIXEL = tomllib.loads((EXTENSIONS / "web-pixel/shopify.extension.toml").read_text())
THEME = tomllib.loads((BELL / "shopify.extension.toml").read_text())["extensions"][0]
BLOCKS = sorted((BELL / "blocks").glob("*.liquid"))


def schema(block: Path) -> dict[str, Any]:
    found = re.search(r"{% schema %}(.*){% endschema %}", block.read_text(), re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def words(kind: str) -> dict[str, dict[str, str]]:
    """Language → words, of `storefront` or `editor`."""
    files = [file for file in (BELL / "locales").glob("*.json") if (".schema." in file.name) == (kind == "editor")]
    return {file.name.partition(".")[0]: json.loads(file.read_text())["bell"] for file in files}


# --- shopify.app.toml


def test_names_and_addresses() -> None:
    assert 0 < len(APP["name"]) <= 30
    assert re.fullmatch(r"[a-z0-9-]+", APP["handle"])
    assert APP["application_url"].startswith("https://")
    assert not APP["application_url"].endswith("/")
    assert all(url.startswith(APP["application_url"]) for url in APP["auth"]["redirect_urls"])
    assert APP["client_id"] == "", "an app's id is its owner's business; link it with `shopify app config link`"
    assert "use_legacy_install_flow" not in APP["access_scopes"]


def test_the_app_proxy_stands_where_one_may_stand() -> None:
    proxy = APP["app_proxy"]
    assert proxy["prefix"] in {"a", "apps", "community", "tools"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,30}", proxy["subpath"])
    assert proxy["subpath"] not in {"admin", "services", "password", "login"}
    assert proxy["url"].startswith(("/", "https://"))


def test_scopes_are_written_as_shopify_writes_them_and_each_says_why() -> None:
    text = (ROOT / "shopify.app.toml").read_text()
    required = APP["access_scopes"]["scopes"].split(",")
    optional = APP["access_scopes"].get("optional_scopes", [])
    assert all(re.fullmatch(r"(read|write)_[a-z_]+", scope) for scope in [*required, *optional])
    assert len({*required, *optional}) == len(required) + len(optional)
    for scope in [*required, *optional]:
        assert re.search(rf"^# {scope} +\S.{{15,}}", text, re.MULTILINE), f"{scope} has no reason"
        assert not scope.startswith("read_") or scope.replace("read_", "write_", 1) not in required, (
            f"{scope} is implied"
        )


def test_webhooks_are_subscribed_once_each_to_a_version_that_lives() -> None:
    assert APP["webhooks"]["api_version"] == "2026-10"
    subscriptions = APP["webhooks"]["subscriptions"]
    told = [(topic, one["uri"], one.get("filter")) for one in subscriptions for topic in one.get("topics", [])]
    assert len(set(told)) == len(told)
    lawful = {"customers/data_request", "customers/redact", "shop/redact"}
    assert not lawful & {topic for topic, _, _ in told}


# --- both extensions


@pytest.mark.parametrize("extension", [THEME, PIXEL], ids=["web-push", "web-pixel"])
def test_an_extension_is_named_and_has_an_id_of_its_own(extension: dict[str, Any]) -> None:
    assert 0 < len(extension["name"]) <= 30
    assert re.fullmatch(r"[a-z0-9-]{1,50}", extension["handle"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[0-9a-f]{8}", extension["uid"])
    assert THEME["uid"] != PIXEL["uid"]


# --- the theme app extension


def test_an_extension_holds_only_what_may_be_in_one() -> None:
    files = [file for file in BELL.rglob("*") if file.is_file() and file.name != "shopify.extension.toml"]
    assert {file.parent.name for file in files} <= {"assets", "blocks", "snippets", "locales"}
    for file in files:
        allowed = {
            "assets": {".jpg", ".jpeg", ".json", ".js", ".css", ".png", ".svg", ".wasm"},
            "locales": {".json"},
        }.get(file.parent.name, {".liquid"})
        assert file.suffix in allowed, file
    assert sum(file.stat().st_size for file in files) < 10 * 1024 * 1024
    assert sum(file.stat().st_size for file in files if file.suffix == ".liquid") < 100 * 1024
    assert 0 < len(BLOCKS) <= 30


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.stem)
def test_a_block_keeps_to_its_schema(block: Path) -> None:
    told = schema(block)
    assert told["target"] in {"section", "head", "compliance_head", "body"}
    ids = [setting["id"] for setting in told["settings"] if "id" in setting]
    assert len(set(ids)) == len(ids)
    used = set(re.findall(r"block\.settings\.(\w+)", block.read_text()))
    assert used == set(ids), "every setting does something"
    for setting in (one for one in told["settings"] if one["type"] == "range"):
        assert (setting["max"] - setting["min"]) / setting["step"] <= 100
        assert setting["min"] <= setting["default"] <= setting["max"]


@pytest.mark.parametrize("kind", ["storefront", "editor"])
def test_six_languages_say_the_same_things(kind: str) -> None:
    by_language = words(kind)
    assert set(by_language) == {"en", "de", "fr", "es", "pl", "ro"}
    for language, said in by_language.items():
        assert said.keys() == by_language["en"].keys()
        for key, text in said.items():
            assert text.strip() == text != ""
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", by_language["en"][key])), (language, key)
            same = text == by_language["en"][key] and language != "en"
            assert not same, f"{language}.{key} is not translated"


def test_the_files_of_words_are_within_their_limits() -> None:
    files = list((BELL / "locales").iterdir())
    assert len(files) <= 100
    assert max(file.stat().st_size for file in files) <= 15 * 1024
    assert [file.name for file in files if ".default." in file.name and ".schema." not in file.name] == [
        "en.default.json"
    ]
    assert [file.name for file in files if ".default.schema." in file.name] == ["en.default.schema.json"]


def test_a_blocks_name_is_short_in_every_language() -> None:
    assert [schema(block)["name"] for block in BLOCKS] == ["t:bell.name"]
    for language, said in words("editor").items():
        assert len(said["name"]) < 25, (language, said["name"])


def test_the_editors_words_are_all_used_and_all_there() -> None:
    used = {key for block in BLOCKS for key in re.findall(r'"t:bell\.(\w+)"', block.read_text())}
    assert used == set(words("editor")["en"])


def test_the_storefront_bears_no_brand_of_ours() -> None:
    said = [text for by in (words("storefront"), words("editor")) for each in by.values() for text in each.values()]
    assert not any("beckon" in text.casefold() for text in said)


def test_script_and_style_are_far_below_what_shopify_suggests() -> None:
    script, style = (gzip.compress((BELL / "assets" / name).read_bytes()) for name in ("push.js", "push.css"))
    assert len(script) < 7_500, "Shopify suggests 10 KB compressed"
    assert len(style) < 2_000, "Shopify suggests 100 KB compressed"


# --- the web pixel


def test_the_pixel_declares_the_fewest_purposes_and_all_four_of_them() -> None:
    assert PIXEL["type"] == "web_pixel_extension"
    assert PIXEL["runtime_context"] == "strict"
    assert PIXEL["customer_privacy"] == {
        "analytics": True,
        "marketing": False,
        "preferences": False,
        "sale_of_data": "disabled",
    }


def test_the_pixel_is_built_with_what_its_package_names() -> None:
    own = json.loads((EXTENSIONS / "web-pixel/package.json").read_text())["dependencies"]
    installed = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert {name: installed.get(name) for name in own} == own


def test_the_pixel_builds_to_a_small_part_of_what_it_may_be(tmp_path: Path) -> None:
    built = tmp_path / "web-pixel.js"
    source = str(EXTENSIONS / "web-pixel/src/index.js")
    esbuild = str(ROOT / "node_modules/.bin/esbuild")
    flags = ["--bundle", "--minify", "--format=iife", "--target=es2020", "--log-level=warning", f"--outfile={built}"]
    done = subprocess.run([esbuild, source, *flags], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    size = built.stat().st_size
    assert size < 2_500, f"it has {size} bytes; Shopify takes 128 kB, but every shopper loads it"
