"""What Shopify deleted stays as a marked row, so that late news of it does not bring it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, or_

from plugin.store.engine import Tx
from plugin.store.upsert import insert_new

from .news import NEVER


def mark_deleted(tx: Tx, table: Table, named: Mapping[str, Any], unknown: Mapping[str, Any], at: datetime) -> None:
    """Marks the row `named`, at the earliest instant that anyone tells; an unheard-of one is made of `unknown`."""
    insert_new(tx, table, [{**named, **unknown, "updated_at": NEVER, "deleted_at": at}])
    mine = [table.c[name] == value for name, value in named.items()]
    later = or_(table.c.deleted_at.is_(None), table.c.deleted_at > at)
    tx.execute(table.update().where(*mine, later).values(deleted_at=at))
