"""Collections, checkouts, and comparisons with Shopify

Revision: 0008
After: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant, Json, Minor

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _parts()
    _reconciliations()
    _collections()
    _checkouts()


def downgrade() -> None:
    for table in ("checkouts", "collection_products", "collections", "reconciliations"):
        op.drop_table(table)
    op.execute("DELETE FROM backfills WHERE reconciliation_id <> 0 OR kind IN ('collections', 'checkouts')")
    with op.batch_alter_table("backfills") as batch:
        batch.drop_constraint("uq_backfills_shop_id_reconciliation_id_kind", type_="unique")
        for column in ("reconciliation_id", "since", "asked_at", "attempts", "hinted_at", "looked_at", "repaired"):
            batch.drop_column(column)
        batch.create_unique_constraint("uq_backfills_shop_id_kind", ["shop_id", "kind"])


def _parts() -> None:
    with op.batch_alter_table("backfills") as batch:
        batch.add_column(sa.Column("reconciliation_id", sa.BigInteger, nullable=False, server_default="0"))
        batch.add_column(sa.Column("since", Instant()))
        batch.add_column(sa.Column("asked_at", Instant()))
        batch.add_column(sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
        batch.add_column(sa.Column("hinted_at", Instant()))
        batch.add_column(sa.Column("looked_at", sa.BigInteger, nullable=False, server_default="0"))
        batch.add_column(sa.Column("repaired", sa.BigInteger, nullable=False, server_default="0"))
        batch.drop_constraint("uq_backfills_shop_id_kind", type_="unique")
        batch.create_unique_constraint(
            "uq_backfills_shop_id_reconciliation_id_kind", ["shop_id", "reconciliation_id", "kind"]
        )
    op.execute("UPDATE backfills SET asked_at = started_at WHERE state IN ('running', 'loading')")


def _reconciliations() -> None:
    op.create_table(
        "reconciliations",
        _id(),
        _shop("reconciliations"),
        sa.Column("asked_by", sa.String(10), nullable=False),
        sa.Column("since", Instant()),
        sa.Column("whole", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant()),
        sa.Column("looked_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("repaired", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("kinds", Json),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
    )
    op.create_index(
        "ix_reconciliations_shop_id_reconciliations_started_at", "reconciliations", ["shop_id", "started_at"]
    )
    under_way = sa.text("finished_at IS NULL")
    op.create_index(
        "uq_reconciliations_under_way",
        "reconciliations",
        ["shop_id"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )


def _collections() -> None:
    op.create_table(
        "collections",
        _id(),
        _shop("collections"),
        sa.Column("collection_id", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("handle", sa.Text, nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant()),
        sa.Column("members_at", Instant()),
        sa.Column("stale_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("shop_id", "collection_id", name="uq_collections_shop_id_collection_id"),
    )
    op.create_table(
        "collection_products",
        _shop("collection_products"),
        sa.Column("collection_id", sa.BigInteger, nullable=False),
        sa.Column("product_id", sa.BigInteger, nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.UniqueConstraint(
            "shop_id",
            "collection_id",
            "product_id",
            name="uq_collection_products_shop_id_collection_id_product_id",
        ),
    )
    op.create_index(
        "ix_collection_products_of_product",
        "collection_products",
        ["shop_id", "product_id", "collection_id"],
    )


def _checkouts() -> None:
    op.create_table(
        "checkouts",
        _id(),
        _shop("checkouts"),
        sa.Column("token", sa.String(255), nullable=False),
        sa.Column("cart_token", sa.String(255)),
        sa.Column("customer_id", sa.BigInteger),
        sa.Column("recovery_url", sa.Text),
        sa.Column("total", Minor(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_checkouts"),
        sa.UniqueConstraint("shop_id", "token", name="uq_checkouts_shop_id_token"),
    )
    op.create_index("ix_checkouts_shop_id_checkouts_customer_id", "checkouts", ["shop_id", "customer_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False, autoincrement=True)


def _shop(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("shops.id", name=f"fk_{table}_shop_id_shops", ondelete="CASCADE")
    return sa.Column("shop_id", BigId, key, nullable=False)
