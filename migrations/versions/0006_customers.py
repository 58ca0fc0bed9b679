"""Customers who become one, Shopify's sums, consents, and level 2 of protected customer data

Revision: 0006
After: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PEOPLE: tuple[tuple[str, Any], ...] = (
    ("merged_into", BigId),
    ("merged_at", Instant()),
    ("first_name", sa.Text()),
    ("last_name", sa.Text()),
    ("name_at", Instant()),
    ("email", sa.Text()),
    ("email_at", Instant()),
    ("phone", sa.Text()),
    ("phone_at", Instant()),
    ("email_status", sa.String(20)),
    ("email_status_at", Instant()),
    ("sms_status", sa.String(20)),
    ("sms_status_at", Instant()),
    ("told_orders", sa.Integer()),
    ("told_spent", sa.BigInteger()),
    ("told_last_order", sa.BigInteger()),
    ("told_at", Instant()),
)
LISTS = (("person_countries", "country"), ("person_tags", "key"))
FEW = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    for field in ("name", "email", "phone"):
        switch = sa.Column(f"keeps_{field}", sa.Boolean(), nullable=False, server_default=sa.text("(false)"))
        op.add_column("shops", switch)
    with op.batch_alter_table("people") as people:
        for name, kind in PEOPLE:
            people.add_column(sa.Column(name, kind))
        people.create_foreign_key("fk_people_merged_into_people", "people", ["merged_into"], ["id"], ondelete="CASCADE")
    op.create_index("ix_people_merged_into", "people", ["merged_into"], sqlite_where=FEW, postgresql_where=FEW)
    for column in ("email_status", "sms_status"):
        op.create_index(f"ix_people_shop_id_people_{column}", "people", ["shop_id", column])
    op.add_column("orders", sa.Column("customer_id", sa.BigInteger()))
    op.execute(
        "UPDATE orders SET customer_id = (SELECT people.customer_id FROM people WHERE people.id = orders.person_id)"
    )
    op.add_column("refunds", sa.Column("refunded_at", Instant()))
    op.execute("UPDATE refunds SET refunded_at = at")
    for table, key in LISTS:
        _add_sources(table, key)


def downgrade() -> None:
    for table, key in LISTS:
        _remove_sources(table, key)
    op.drop_column("refunds", "refunded_at")
    op.drop_column("orders", "customer_id")
    for name in ("merged_into", "shop_id_people_email_status", "shop_id_people_sms_status"):
        op.drop_index(f"ix_people_{name}", "people")
    with op.batch_alter_table("people") as people:
        people.drop_constraint("fk_people_merged_into_people", type_="foreignkey")
        for name, _ in PEOPLE:
            people.drop_column(name)
    for field in ("name", "email", "phone"):
        op.drop_column("shops", f"keeps_{field}")


def _add_sources(table: str, key: str) -> None:
    """Tables that nothing refers to, so SQLite may write them anew."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("source_id", BigId))
    rows = sa.table(table, sa.column("source_id"), sa.column("person_id"))
    op.execute(rows.update().values(source_id=rows.c.person_id))
    with op.batch_alter_table(table) as batch:
        batch.alter_column("source_id", existing_type=BigId, nullable=False)
        batch.create_foreign_key(f"fk_{table}_source_id_people", "people", ["source_id"], ["id"], ondelete="CASCADE")
        batch.drop_constraint(f"uq_{table}_person_id_{key}", type_="unique")
        batch.create_unique_constraint(f"uq_{table}_source_id_{key}", ["source_id", key])
    op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def _remove_sources(table: str, key: str) -> None:
    op.drop_index(f"ix_{table}_person_id", table)
    rows = sa.table(table, sa.column("source_id"), sa.column("person_id"))
    op.execute(rows.delete().where(rows.c.source_id != rows.c.person_id))
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(f"uq_{table}_source_id_{key}", type_="unique")
        batch.create_unique_constraint(f"uq_{table}_person_id_{key}", ["person_id", key])
        batch.drop_constraint(f"fk_{table}_source_id_people", type_="foreignkey")
        batch.drop_column("source_id")
