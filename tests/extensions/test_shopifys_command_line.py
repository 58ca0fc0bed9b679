"""`shopify app config validate`, Shopify's own validation of our configuration and extensions, run as it is.

It asks Shopify who the app is and which kinds of extensions there are; `shopifys_side.cjs` answers. See decision 0014.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Validated = Callable[[], dict[str, Any]]


def test_shopifys_command_line_finds_nothing_wrong(validated: Validated) -> None:
    assert validated() == {"valid": True, "issues": []}


@pytest.mark.parametrize(
    ("file", "right", "wrong", "named"),
    [
        ("shopify.app.toml", 'name = "Beckon"', 'name = "Beckon, the one with the little bell"', "less than 30"),
        ("extensions/web-pixel/shopify.extension.toml", "preferences = false\n", "", "preferences"),
    ],
)
def test_it_would_find_what_is_wrong(
    project: Path, validated: Validated, file: str, right: str, wrong: str, named: str
) -> None:
    text = (project / file).read_text()
    assert right in text
    (project / file).write_text(text.replace(right, wrong))
    told = validated()
    assert told["valid"] is False
    assert named in str(told["issues"])
