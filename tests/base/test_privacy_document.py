"""docs/privacy.md speaks of every table, on the right side, and of every limit with its true number."""

from __future__ import annotations

import re
from pathlib import Path

from plugin.base.settings import Keep
from plugin.profile.holdings import HOLDINGS, NOT_OF_PERSONS, RAW

DOCUMENT = (Path(__file__).parents[2] / "docs/privacy.md").read_text()


def tables_under(heading: str) -> set[str]:
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_table_has_its_line_on_its_side() -> None:
    assert tables_under("What is held of people") == {*HOLDINGS, RAW}
    assert tables_under("What holds nothing of people") == set(NOT_OF_PERSONS)


def test_the_days_are_the_defaults() -> None:
    lines = {name: line for line in DOCUMENT.splitlines() for name in re.findall(r"^\| `(\w+)` \|", line)}
    usual = Keep()
    for table, days in (
        ("carts", usual.carts),
        ("views", usual.views),
        ("people", usual.visitors),
        ("subscriptions", usual.ended_keys),
        ("deliveries", usual.messages),
        ("privacy_requests", usual.requests),
        ("webhooks", usual.webhooks),
        ("webhooks", usual.failed_webhooks),
    ):
        assert re.search(rf"\b{days}\b", lines[table]), table
