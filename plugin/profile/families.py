"""What counts of what Shopify told of a person who was several customers before.

News of a lost customer is older than anything told of the kept one at or after the merge, and is added to what was
told before it. So `settle` may run whenever, on whatever came in whatever order: it leaves what the news that we have
leave, and forgets nothing that later news could bring back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, case, select

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import (
    people,
    person_companies,
    person_countries,
    person_metafields,
    person_places,
    person_tags,
    store_credits,
)

FILLED = (
    ("locale_at", ("locale", "language")),
    ("account_status_at", ("account_status",)),
    ("standing_at", ("subscriber_status", "spend_tier", "shopify_rfm_group")),
    ("name_at", ("first_name", "last_name")),
    ("email_at", ("email", "email_domain")),
    ("phone_at", ("phone",)),
    ("email_status_at", ("email_status",)),
    ("sms_status_at", ("sms_status",)),
)
"""Version → what it is the version of. The kept customer's own, once told; until then the newest of the lost ones'."""


CHOSEN: tuple[tuple[str, Table], ...] = (
    ("metafields_at", person_metafields),
    ("companies_at", person_companies),
    ("credits_at", store_credits),
)
"""Version → the table of a list of which one customer's counts, by the same rule (whole_lists.py)."""


@dataclass(frozen=True, slots=True)
class Family:
    """A person's row, and those of the customers who were merged into it, directly or by others."""

    kept: Row[*tuple[Any, ...]]
    lost: tuple[Row[*tuple[Any, ...]], ...]

    def overruled_since(self, row: Row[*tuple[Any, ...]]) -> Iterator[tuple[Row[*tuple[Any, ...]], datetime]]:
        """Those above this one, each with the instant from which its own news overrule this one's."""
        above = {one.id: one for one in (self.kept, *self.lost)}
        while row.merged_into is not None:
            yield above[row.merged_into], row.merged_at
            row = above[row.merged_into]


def of(tx: Tx, shop_id: int, person_ids: Collection[int]) -> list[Family]:
    """The families of those of these persons who were several customers."""
    children = _merged_into(tx, shop_id, person_ids)
    if not children:
        return []
    known: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    while children:
        for row in children:
            known[row.merged_into].append(row)
        children = _merged_into(tx, shop_id, [row.id for row in children])
    mine = people.c.shop_id == shop_id, people.c.id.in_(sorted(set(person_ids) & known.keys()))
    return [Family(kept, tuple(_below(kept.id, known))) for kept in tx.execute(select(people).where(*mine))]


def settle(tx: Tx, shop_id: int, person_ids: Collection[int]) -> None:
    """Brings what segments read of these persons in line with what was told of them."""
    for family in of(tx, shop_id, person_ids):
        for row in family.lost:
            for above, since in family.overruled_since(row):
                _overrule(tx, person_tags, row, above, since, listed=above.tags_at)
                _overrule(tx, person_countries, row, above, since, listed=above.countries_at)
                _overrule(tx, person_places, row, above, since, listed=above.countries_at)
        _fill(tx, family)
        for version, table in CHOSEN:
            _choose(tx, table, family, version)


def own_words() -> dict[str, ColumnElement[Any]]:
    """Values for a row that is about to be somebody else's: only what was told of itself stays in it."""
    return {
        column: case((people.c[version].is_not(None), people.c[column]))
        for version, columns in FILLED
        for column in columns
    }


def _merged_into(tx: Tx, shop_id: int, row_ids: Collection[int]) -> list[Row[*tuple[Any, ...]]]:
    found: list[Row[*tuple[Any, ...]]] = []
    for some in batches(row_ids, 1_000):
        found += tx.execute(select(people).where(people.c.shop_id == shop_id, people.c.merged_into.in_(some)))
    return found


def _below(row_id: int, children: dict[int, list[Row[*tuple[Any, ...]]]]) -> Iterator[Row[*tuple[Any, ...]]]:
    for row in children.get(row_id, ()):
        yield row
        yield from _below(row.id, children)


def _overrule(
    tx: Tx,
    table: Table,
    row: Row[*tuple[Any, ...]],
    above: Row[*tuple[Any, ...]],
    since: datetime,
    *,
    listed: datetime | None,
) -> None:
    """Forgets of `row` what `above` was told of since: everything by a full list, else only the tag itself."""
    gone = table.delete().where(table.c.source_id == row.id)
    if listed is None or listed < since:
        if table is not person_tags:
            return
        newer = select(table.c.key).where(table.c.source_id == above.id, table.c.changed_at >= since)
        gone = gone.where(table.c.key.in_(newer))
    tx.execute(gone)


def _fill(tx: Tx, family: Family) -> None:
    values: dict[str, Any] = {}
    for version, columns in FILLED:
        if getattr(family.kept, version) is None:
            newest = _newest_told(family, version)
            values |= {column: getattr(newest, column, None) for column in columns}
    if values:
        tx.execute(people.update().where(people.c.id == family.kept.id).values(values))


def _newest_told(family: Family, version: str) -> Row[*tuple[Any, ...]] | None:
    told = [row for row in family.lost if getattr(row, version) is not None]
    return max(told, key=lambda row: (getattr(row, version), row.customer_id), default=None)


def _choose(tx: Tx, table: Table, family: Family, version: str) -> None:
    counts = family.kept if getattr(family.kept, version) is not None else _newest_told(family, version)
    mine = table.c.person_id == family.kept.id
    chosen = counts.id if counts else family.kept.id
    tx.execute(table.update().where(mine).values(overruled=table.c.source_id != chosen))
