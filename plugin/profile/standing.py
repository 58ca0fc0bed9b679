"""What Shopify says of a customer besides who they are: their sums, and whether they agreed to e-mails and to SMS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_

from plugin.ingest.events import CustomerChanged, MarketingConsentChanged, Purchases, PurchasesTold
from plugin.store.engine import Tx
from plugin.store.tables import people

from .identity import Source
from .news import newest


def write(
    tx: Tx,
    changed: Sequence[CustomerChanged],
    consents: Sequence[MarketingConsentChanged],
    source: dict[int, Source],
) -> None:
    """Each channel's status as told last."""
    for channel in ("email", "sms"):
        told: list[tuple[int, str | None, datetime]] = [
            (event.customer_id, event.status, event.at) for event in consents if event.channel == channel
        ]
        told += [
            (event.customer_id, status, event.updated_at)
            for event in changed
            if (status := event.email_status if channel == "email" else event.sms_status) is not None
        ]
        latest = newest(told, lambda one: one[0], lambda one: one[2]).values()
        rows = [{"of": source[customer_id].id, "at": at, "new_status": status} for customer_id, status, at in latest]
        update_newer(tx, f"{channel}_status_at", {f"{channel}_status": "new_status"}, rows)


def write_sums(
    tx: Tx, changed: Sequence[CustomerChanged], sums: Sequence[PurchasesTold], source: dict[int, Source]
) -> set[int]:
    """The sums as told last; gives the persons concerned."""
    told: list[tuple[int, Purchases, datetime]] = [(event.customer_id, event.purchases, event.at) for event in sums]
    told += [(event.customer_id, event.purchases, event.updated_at) for event in changed if event.purchases is not None]
    latest = newest(told, lambda one: one[0], lambda one: one[2]).values()
    rows = [
        {"of": source[customer_id].id, "at": at}
        | {"new_orders": said.orders, "new_spent": said.spent, "new_last": said.last_order_id}
        for customer_id, said, at in latest
    ]
    columns = {"told_orders": "new_orders", "told_spent": "new_spent", "told_last_order": "new_last"}
    update_newer(tx, "told_at", columns, rows)
    return {source[customer_id].person_id for customer_id, _, _ in latest}


def update_newer(tx: Tx, version: str, columns: dict[str, str], rows: list[dict[str, Any]]) -> None:
    """Updates people `of` with what was told `at`, where nothing newer was told; `columns` are column → key in rows."""
    if not rows:
        return
    older = or_(people.c[version].is_(None), people.c[version] <= bindparam("at"))
    values: dict[str, Any] = {version: bindparam("at")} | {name: bindparam(key) for name, key in columns.items()}
    tx.execute(people.update().where(people.c.id == bindparam("of"), older).values(values), rows)
