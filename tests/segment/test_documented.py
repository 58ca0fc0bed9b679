"""docs/segments.md is true: its examples run, and it has a line for everything that can be asked."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import main
from plugin import news
from plugin.base import clock
from plugin.segment import saved
from plugin.segment.attributes import ATTRIBUTES, MODIFIERS, Function, Question
from plugin.segment.compile import compile_segment
from plugin.segment.cursor import MAX_LIST
from plugin.segment.dates import FIRST_YEAR
from plugin.segment.format import canonical, sentence
from plugin.segment.lexer import MAX_LENGTH
from plugin.segment.operators import OPERATORS
from plugin.segment.parser import MAX_CLAUSES, MAX_DEPTH, parse
from plugin.segment.sql import condition
from plugin.store.engine import Tx, transaction
from plugin.store.tables import people
from tests.conftest import NOON
from tests.factories import make_shop
from tests.segment.membership.test_kept import an_order

PAGE = (Path(__file__).parents[2] / "docs" / "segments.md").read_text()
EXAMPLES = re.findall(r"```segment\n(.*?)\n```", PAGE, re.DOTALL)

SEGMENTS = {"VIPs": "amount_spent > 1000"}
OLDER = "Shopify's older spelling of functions"


def section(title: str) -> str:
    return re.split(r"\n##+ ", PAGE.split(f"# {title}\n", 1)[1], maxsplit=1)[0]


def rows(text: str) -> str:
    """The first cells of a section's tables."""
    return "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))


def test_the_explanation_on_the_page_is_what_the_command_says(shop: int) -> None:
    told = next(block for block in re.findall(r"```\n\$ (.*?)\n```", PAGE, re.DOTALL) if " explain " in block)
    command, _, said = told.partition("\n")
    words = shlex.split(command)
    with transaction() as tx:
        demo = make_shop(tx, words[words.index("--shop") + 1])
        customer = int(words[words.index("--customer") + 1])
        news.take(tx, demo, [an_order(NOON - timedelta(days=20), 1001, of=customer)], NOON - timedelta(days=20))
        saved.create(tx, demo, "Twice, and lately", words[-1], NOON)
        later = NOON + timedelta(hours=1)
        news.take(tx, demo, [an_order(later, 1002, of=customer)], later)

    with clock.stopped_at(NOON + timedelta(days=2)):
        answer = CliRunner().invoke(main, words[1:])

    assert answer.stdout.strip() == said


def test_every_example_runs(tx: Tx, shop_id: int) -> None:
    assert len(EXAMPLES) > 15
    for example in EXAMPLES:
        checked = compile_segment(example, now=NOON, timezone="Europe/London", segments=SEGMENTS)
        assert "{" not in sentence(checked)
        tx.execute(select(people.c.id).where(condition(checked, shop_id))).all()


@pytest.mark.parametrize("name", [*ATTRIBUTES, *MODIFIERS])
def test_every_filter_has_its_line(name: str) -> None:
    entry = ATTRIBUTES.get(name)
    called = entry is None or (isinstance(entry, Question) and not entry.named)
    assert re.search(f"`{re.escape(name)}{'[(]' if called else '`'}", rows(PAGE))


@pytest.mark.parametrize(
    ("function", "parameter"),
    [(entry.name, name) for entry in ATTRIBUTES.values() if isinstance(entry, Function) for name in entry.parameters],
)
def test_every_parameter_has_its_line(function: str, parameter: str) -> None:
    assert f"`{parameter}`" in rows(section(function))


@pytest.mark.parametrize("symbol", sorted({symbol for _, symbol in OPERATORS}))
def test_every_operator_has_its_line(symbol: str) -> None:
    assert re.search(f"`{re.escape(symbol)}( …|`| \\()", rows(section("Operators")))


def test_the_older_spelling_means_what_the_page_says() -> None:
    lines = re.findall(r"^\| (`\w+: .*?`) \| (`.*?`)[;:]? ?[^`]*(?:`date BETWEEN`)? \|$", section(OLDER), re.MULTILINE)
    assert len(lines) == 6
    for older, newer in lines:
        for one, other in zip(older.split("`, `"), newer.split("`, `"), strict=True):
            call, match = one.strip("`"), other.strip("`")
            assert parse(f"products_purchased({call}) = true") == parse(f"products_purchased MATCHES ({match})")


def test_the_limits_are_those_of_the_page() -> None:
    said = (
        f"Up to {MAX_CLAUSES} clauses, {MAX_LENGTH:,} characters, {MAX_DEPTH} levels of parentheses, {MAX_LIST} values"
    )
    assert said in PAGE
    assert FIRST_YEAR < 2000


def test_examples_are_canonical_or_of_the_older_spelling() -> None:
    for example in EXAMPLES:
        if "ago" not in example and ") = " not in example:
            assert canonical(parse(example)) == example
