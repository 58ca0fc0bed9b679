"""docs/webhooks.md has a line for every topic, with the scope that shopify.app.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from webhooks.topics import TOPICS

ROOT = Path(__file__).parents[2]
LINES = {
    line.split("`")[1]: [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "webhooks.md").read_text().splitlines()
    if re.match(r"\| `[a-z_.]+(/[a-z_]+)?` \|", line)
}


def test_every_topic_has_its_line_and_no_line_is_without_a_topic() -> None:
    assert sorted(LINES) == sorted(TOPICS)


def test_every_line_says_what_changes_and_names_a_scope_that_we_have() -> None:
    scopes = tomllib.loads((ROOT / "shopify.app.toml").read_text())["access_scopes"]["scopes"].split(",")
    for topic, (_, scope, changes, *_) in LINES.items():
        assert changes, topic
        assert scope.strip("`") in {"none", *scopes}, topic
