"""What customers' news say, each thing by its newest word: every one has a version of its own in `people`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, or_, select

from plugin.ingest.events import CustomerChanged
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import people

from .identity import Source
from .news import NEVER, newest


def replacing(
    tx: Tx,
    changed: Sequence[CustomerChanged],
    source: dict[int, Source],
    *,
    tables: tuple[Table, ...],
    version: str,
    says: Callable[[CustomerChanged], bool],
) -> list[CustomerChanged]:
    """The events whose full list replaces what `tables` hold; rows of newer single news stay."""
    latest = newest_saying(changed, says)
    listed = versions(tx, {source[event.customer_id].id for event in latest}, version)
    fresh = [event for event in latest if listed.get(source[event.customer_id].id, NEVER) <= event.updated_at]
    update_newer(tx, fresh, source, version, {})
    for table in tables if fresh else ():
        older = or_(table.c.changed_at.is_(None), table.c.changed_at <= bindparam("at"))
        tx.execute(
            table.delete().where(table.c.source_id == bindparam("of"), older),
            [{"of": source[event.customer_id].id, "at": event.updated_at} for event in fresh],
        )
    return fresh


def newest_saying(changed: Sequence[CustomerChanged], says: Callable[[CustomerChanged], bool]) -> list[CustomerChanged]:
    telling = [event for event in changed if says(event)]
    return list(newest(telling, lambda event: event.customer_id, lambda event: event.updated_at).values())


def update_newer(
    tx: Tx,
    events: Sequence[CustomerChanged],
    source: dict[int, Source],
    version: str,
    columns: dict[str, Callable[[CustomerChanged], Any]],
) -> None:
    if not events:
        return
    older = or_(people.c[version].is_(None), people.c[version] <= bindparam("at"))
    values: dict[str, Any] = {version: bindparam("at")} | {name: bindparam(f"new_{name}") for name in columns}
    tx.execute(
        people.update().where(people.c.id == bindparam("of"), older).values(values),
        [
            {"of": source[event.customer_id].id, "at": event.updated_at}
            | {f"new_{name}": value(event) for name, value in columns.items()}
            for event in events
        ],
    )


def versions(tx: Tx, person_ids: Collection[int], version: str) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for some in batches(person_ids, 1_000):
        query = select(people.c.id, people.c[version]).where(people.c.id.in_(some), people.c[version].is_not(None))
        found.update(tx.execute(query).all())
    return found
