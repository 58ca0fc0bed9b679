"""Shopify's theme check over the theme app extension: Liquid, schema, translations, sizes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import HERE, OFFLINE, ROOT

BELL = "extensions/web-push"


def checked(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*OFFLINE, str(HERE / "theme_check.mjs"), str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"npm's packages are missing? Run `make setup`.\n{done.stderr[-2000:]}"
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_theme_check_finds_nothing(project: Path) -> None:
    liquid_and_json = [*(ROOT / BELL).glob("*/*.liquid"), *(ROOT / BELL).glob("*/*.json")]
    assert checked(project / BELL) == {"files": len(liquid_and_json), "offenses": []}


@pytest.mark.parametrize(
    ("file", "right", "wrong", "rule"),
    [
        ("locales/pl.json", '    "label": ', '    "lable": ', "MatchingTranslations"),
        ("locales/ro.schema.json", '    "name": ', '    "nume": ', "MatchingTranslations"),
        ("blocks/bell.liquid", "t:bell.color", "t:bell.colour", "ValidSchemaTranslations"),
        ("blocks/bell.liquid", "'push.js' | asset_url", "'push.js' | asset_ulr", "UnknownFilter"),
        ("blocks/bell.liquid", "{%- comment -%}", "{% layout none %}{%- comment -%}", "AppBlockValidTags"),
    ],
)
def test_it_would_find_what_is_wrong(project: Path, file: str, right: str, wrong: str, rule: str) -> None:
    text = (project / BELL / file).read_text()
    assert right in text
    (project / BELL / file).write_text(text.replace(right, wrong))
    assert any(rule in offense for offense in checked(project / BELL)["offenses"])
