"""Static lists, habits, and where people stand as customers

Revision: 0020
After: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant, Json, Minor

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _habits()
    _lists()


def downgrade() -> None:
    for table in ("list_members", "list_imports", "lists", "measures", "habits"):
        op.drop_table(table)
    for column in ("expected_order_at", "rfm_group"):
        op.drop_index(f"ix_people_shop_id_people_{column}", "people")
    with op.batch_alter_table("people") as batch:
        for column in ("average_order", "expected_order_at", "overdue_at", "rfm_group"):
            batch.drop_column(column)


def _people() -> None:
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("average_order", Minor()))
        batch.add_column(sa.Column("expected_order_at", Instant()))
        batch.add_column(sa.Column("overdue_at", Instant()))
        batch.add_column(sa.Column("rfm_group", sa.String(20), server_default="PROSPECTS"))
    op.execute("UPDATE people SET average_order = amount_spent / number_of_orders WHERE number_of_orders > 0")
    op.execute("UPDATE people SET rfm_group = NULL WHERE number_of_orders > 0")  # the night's job fills the rest
    for column in ("expected_order_at", "rfm_group"):
        op.create_index(f"ix_people_shop_id_people_{column}", "people", ["shop_id", column])


def _habits() -> None:
    op.create_table(
        "habits",
        sa.Column("person_id", BigId, nullable=False),
        _shop("habits"),
        sa.Column("category", sa.Text),
        sa.Column("vendor", sa.Text),
        sa.Column("price_band", sa.String(6)),
        sa.Column("hour", sa.Integer),
        sa.Column("weekday", sa.Integer),
        sa.Column("discounts", sa.Boolean),
        sa.Column("most_viewed", sa.BigInteger),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_habits")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_habits_person_id_people"), ondelete="CASCADE"
        ),
    )
    for column in ("category", "vendor"):
        name = f"ix_habits_shop_id_habits_{column}_habits_person_id"
        op.create_index(name, "habits", ["shop_id", column, "person_id"])
    op.create_table(
        "measures",
        _id(),
        _shop("measures"),
        sa.Column("taken_at", Instant(), nullable=False),
        *(sa.Column(name, Json, nullable=False) for name in ("recency", "frequency", "monetary", "prices")),
        sa.Column("cursor", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("finished_at", Instant()),
        sa.Column("hinted_at", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_measures_shop_id")),
    )


def _lists() -> None:
    op.create_table(
        "lists",
        _id(),
        _shop("lists"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_lists_shop_id_key")),
    )
    op.create_table(
        "list_imports",
        _id(),
        _shop("list_imports"),
        _cascading("list_imports", "list_id", "lists"),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("found", "added", "missing")),
        sa.Column("missing_rows", Json, nullable=False),
        sa.Column("undone_at", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_imports")),
    )
    op.create_index("ix_list_imports_shop_id_list_imports_list_id", "list_imports", ["shop_id", "list_id"])
    op.create_table(
        "list_members",
        _id(),
        _shop("list_members"),
        _cascading("list_members", "list_id", "lists"),
        _cascading("list_members", "person_id", "people"),
        _cascading("list_members", "import_id", "list_imports"),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_members")),
        sa.UniqueConstraint("list_id", "person_id", name=op.f("uq_list_members_list_id_person_id")),
    )
    for column in ("person_id", "import_id"):
        op.create_index(f"ix_list_members_{column}", "list_members", [column])


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, autoincrement=True, nullable=False)


def _shop(table: str) -> sa.Column[int]:
    return _cascading(table, "shop_id", "shops")


def _cascading(table: str, column: str, to: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{to}.id", name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE")
    return sa.Column(column, BigId, key, nullable=False)
