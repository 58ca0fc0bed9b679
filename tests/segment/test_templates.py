"""Ready segments run as they are, on both databases, and there are some for every kind of question."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from plugin.base.errors import NotFound
from plugin.segment.compile import compile_segment
from plugin.segment.format import canonical, sentence
from plugin.segment.rules import rules, tree
from plugin.segment.sql import condition
from plugin.segment.templates import FIRST_FIVE, SUBJECTS, TEMPLATES, Template, find, matching
from plugin.store.engine import Tx
from plugin.store.tables import people
from tests.conftest import NOON

EVERY = [template for some in TEMPLATES.values() for template in some]


def test_each_runs_on_both_databases(tx: Tx, shop_id: int) -> None:
    for template in EVERY:
        checked = compile_segment(template.query, now=NOON, timezone="Europe/London")
        assert tx.execute(select(people.c.id).where(condition(checked, shop_id))).all() == [], template.key


@pytest.mark.parametrize("template", EVERY, ids=lambda template: template.key)
def test_each_is_written_as_merchants_would_and_can_be_clicked_together(template: Template) -> None:
    checked = compile_segment(template.query, now=NOON, timezone="Europe/London")

    assert canonical(checked.tree) == template.query
    assert tree(rules(checked.tree)) == checked.tree
    assert sentence(checked).startswith("People who ")
    assert re.fullmatch("[a-z0-9-]+", template.key)
    assert re.fullmatch(r"[A-Z].*\.", template.when)


def test_keys_and_names_stand_once() -> None:
    assert len({template.key for template in EVERY}) == len(EVERY)
    assert len({template.name for template in EVERY}) == len(EVERY)


def test_there_are_enough_of_every_kind() -> None:
    assert len(EVERY) >= 25
    assert list(SUBJECTS) == list(TEMPLATES)
    assert min(map(len, TEMPLATES.values())) >= 2


def test_one_begins_with_five_of_different_kinds() -> None:
    assert len(FIRST_FIVE) == 5
    assert len({kind for kind, some in TEMPLATES.items() for one in some if one in FIRST_FIVE}) >= 3


def test_one_finds_them_by_words_and_kind() -> None:
    assert find("tagged-vip").name == "Tagged VIP"
    with pytest.raises(NotFound, match="no template"):
        find("nonsense")
    assert find("not-for-90-days") in matching("90 DAYS")["cycle"]
    assert matching("90 days", "place") == {}
    assert list(matching("", "cycle")) == ["cycle"]
