"""One list of cases, judged by hand, by SQL on both databases and in memory: cases.json."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from plugin.profile.load import load_many
from plugin.segment.compile import compile_segment
from plugin.segment.evaluate import belongs
from plugin.segment.format import canonical
from plugin.segment.parser import parse
from plugin.segment.sql import members
from plugin.store.engine import Tx
from tests.factories import make_person, make_shop
from tests.segment.population import settle, someone

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())
NOW = datetime.fromisoformat(CASES["now"])


def test_every_case_is_judged_alike_by_hand_by_sql_and_in_memory(tx: Tx, shop_id: int) -> None:
    tags = {int(product): held for product, held in CASES["product_tags"].items()}
    ids = settle(tx, shop_id, [someone(one) for one in CASES["people"].values()], tags)
    names = dict(zip(ids, CASES["people"], strict=True))
    elsewhere = make_shop(tx, domain="elsewhere.myshopify.com")
    make_person(tx, elsewhere, customer_id=101, tags=["vip"], countries=["GB"], number_of_orders=2)
    profiles = load_many(tx, shop_id, ids)

    for case in CASES["cases"]:
        checked = compile_segment(case["query"], now=NOW, timezone=CASES["timezone"])
        by_sql = [names[row] for row in tx.execute(members(checked, shop_id)).scalars()]
        in_memory = [names[profile.person_id] for profile in profiles if belongs(checked, profile)]
        assert sorted(by_sql) == case["members"], case["query"]
        assert in_memory == case["members"], case["query"]


def test_every_case_reads_back_from_its_canonical_form() -> None:
    for case in CASES["cases"]:
        tree = parse(case["query"])
        assert parse(canonical(tree)) == tree
        assert canonical(parse(canonical(tree))) == canonical(tree)
