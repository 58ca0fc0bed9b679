"""Where the two readers meet: the same query is put to the product and to the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from plugin.profile.load import load_many
from plugin.segment.attributes import ATTRIBUTES
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.evaluate import belongs
from plugin.segment.explain import explain
from plugin.segment.format import canonical as written_again
from plugin.segment.sql import members
from plugin.store.engine import Tx
from plugin.store.tables import metadata
from tests.oracle import judge
from tests.oracle.catalogue import CATALOGUE
from tests.oracle.rows import Rows
from tests.oracle.scanning import Refused
from tests.oracle.stores import World
from tests.oracle.wording import METAFIELDS

ASKED = (*(name for name in CATALOGUE if name in ATTRIBUTES), METAFIELDS)
"""What both know."""


EXPLAINED = 3
"""People of a shop to whom a clause is explained."""


@dataclass(frozen=True)
class Answers:
    """Ids of the members by each reader; None where it refuses the query."""

    sql: frozenset[int] | None
    memory: frozenset[int] | None
    oracle: frozenset[int] | None
    canonical: frozenset[int] | None
    """What the oracle makes of the query as the product writes it."""
    why: str = ""

    @property
    def agree(self) -> bool:
        return self.sql == self.memory == self.oracle == self.canonical


def read_back(tx: Tx) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table with a shop, as SELECT * gives it."""
    return {
        table.name: [dict(row) for row in tx.execute(text(f"SELECT * FROM {table.name}")).mappings()]
        for table in metadata.sorted_tables
        if "shop_id" in table.c
    }


class Bench:
    """One shop of a store, laid out for both readers."""

    def __init__(self, tx: Tx, shop: dict[str, Any], world: World) -> None:
        self.tx, self.shop, self.now, self.segments = tx, shop, world.now, world.segments
        self.rows = Rows(shop, world.tables)
        self.profiles = load_many(tx, shop["id"], [row["id"] for row in self.rows.tables.get("people", ())])

    def ask(self, query: str) -> Answers:
        """What each reader says of `query`."""
        oracle, why = self._oracle(query)
        try:
            checked = compile_segment(query, now=self.now, timezone=self.shop["timezone"], segments=self.segments)
        except SegmentError as error:
            return Answers(None, None, oracle, None, f"the product refuses: {error.message}")
        canonical, canonical_why = self._oracle(written_again(checked.tree))
        return Answers(
            sql=frozenset(self.tx.execute(members(checked, self.shop["id"])).scalars()),
            memory=frozenset(profile.person_id for profile in self.profiles if belongs(checked, profile)),
            oracle=oracle,
            canonical=canonical,
            why=why or canonical_why,
        )

    def explained(self, query: str, answers: Answers) -> bool:
        """Of a query of one clause: is it explained of people as it is answered, and of one of them until when?"""
        checked = compile_segment(query, now=self.now, timezone=self.shop["timezone"], segments=self.segments)
        living = [profile for profile in self.profiles if not profile.deleted][:EXPLAINED]
        for profile in living:
            [said] = explain(checked, profile)
            if said.holds is not (profile.person_id in (answers.oracle or ())):
                return False
        return all(said.turn is None or said.turn.at > self.now for said in explain(checked, living[0], self.now))

    def _oracle(self, query: str) -> tuple[frozenset[int] | None, str]:
        try:
            return frozenset(judge.members(query, self.rows, self.now, self.segments)), ""
        except Refused as refused:
            return None, f"the oracle refuses: {refused}"

    def story(self, query: str, answers: Answers) -> str:
        """A disagreement, told so that it can be looked into."""
        ids = (answers.sql or frozenset()) ^ (answers.oracle or frozenset())
        ids |= (answers.memory or frozenset()) ^ (answers.oracle or frozenset())
        lines = [f"{query!r}", f"now {self.now.isoformat()}, shop {self.shop}", repr(answers)]
        for person_id in sorted(ids)[:1]:
            for table, rows in self.rows.tables.items():
                key = "id" if table == "people" else "person_id"
                lines += [f"{table}: {row}" for row in rows if row.get(key) == person_id]
        return "\n".join(lines)
