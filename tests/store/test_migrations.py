"""The migrations build exactly the tables that the code speaks of, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from plugin.commands.migrate import upgrade
from plugin.store import engine
from plugin.store.tables import metadata


def test_tables_equal_migrations(store: str) -> None:
    opened = engine.engine()
    metadata.drop_all(opened)
    try:
        upgrade(store)
        with opened.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        upgrade(store)  # a second time changes nothing
    finally:
        with opened.begin() as tx:
            tx.execute(text("DROP TABLE IF EXISTS alembic_version"))
        metadata.create_all(opened)


def test_what_came_back_of_messages_survives_that_their_table_is_written_anew(store: str) -> None:
    opened = engine.engine()
    metadata.drop_all(opened)
    try:
        upgrade(store, "0002")
        with opened.begin() as tx:
            for table, values in ROWS.items():
                names = ", ".join(values)
                holes = ", ".join(f":{name}" for name in values)
                tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({holes})"), values)
        upgrade(store)
        with opened.connect() as connection:
            assert connection.execute(text("SELECT kind FROM facts")).scalars().all() == ["clicked"]
            assert connection.execute(text("SELECT token FROM deliveries")).scalars().all() == ["t"]
    finally:
        metadata.drop_all(opened)
        with opened.begin() as tx:
            tx.execute(text("DROP TABLE IF EXISTS alembic_version"))
        metadata.create_all(opened)


def test_orders_that_were_there_get_their_hour_by_the_shops_clock_and_are_read_once_more(store: str) -> None:
    opened = engine.engine()
    metadata.drop_all(opened)
    loaded = {"id": 1, "shop_id": 1, "kind": "orders", "state": "done", "objects": 9, "started_at": AT}
    order = {"id": 1, "shop_id": 1, "order_id": 7, "name": "#7", "currency": "INR", "total": 1, "updated_at": AT}
    rows = {
        "shops": ROWS["shops"] | {"timezone": "Asia/Kolkata"},
        "orders": order | {"placed_at": datetime(2026, 1, 4, 20, 0, tzinfo=UTC)},
        "backfills": loaded,
    }
    try:
        upgrade(store, "0008")
        with opened.begin() as tx:
            for table, values in rows.items():
                names, holes = ", ".join(values), ", ".join(f":{name}" for name in values)
                tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({holes})"), values)
        upgrade(store)
        with opened.connect() as connection:
            assert connection.execute(text("SELECT hour, weekday FROM orders")).one() == (1, 1)
            assert connection.execute(text("SELECT state, objects FROM backfills")).one() == ("waiting", 0)
    finally:
        metadata.drop_all(opened)
        with opened.begin() as tx:
            tx.execute(text("DROP TABLE IF EXISTS alembic_version"))
        metadata.create_all(opened)


AT = datetime(2026, 1, 1, tzinfo=UTC)
ROWS: dict[str, dict[str, Any]] = {
    "shops": {"id": 1, "domain": "a", "vapid_private": b"", "vapid_public": b"", "installed_at": AT},
    "people": {"id": 1, "shop_id": 1, "created_at": AT},
    "subscriptions": {
        "id": 1, "shop_id": 1, "person_id": 1, "endpoint": "e", "endpoint_hash": b"h", "service": "s", "p256dh": b"",
        "auth": b"", "state": "active", "created_at": AT, "last_seen_at": AT,
    },
    "deliveries": {
        "id": 1, "shop_id": 1, "person_id": 1, "subscription_id": 1, "token": "t", "state": "sent", "created_at": AT,
        "due_at": AT, "expires_at": AT,
    },
    "facts": {"id": 1, "shop_id": 1, "delivery_id": 1, "kind": "clicked", "at": AT},
}  # fmt: skip
