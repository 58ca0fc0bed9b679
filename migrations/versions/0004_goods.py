"""Stock, discounts, Shopify's segments, shipments, themes and deleted checkouts

Revision: 0004
After: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *columns: sa.Column[object], unique: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("shop_id", _BIG_ID, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{name}_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("shop_id", *unique, name=op.f(f"uq_{name}_shop_id_{'_'.join(unique)}")),
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f("ix_" + "_".join(f"{table}_{column}" for column in columns)), table, list(columns))


def upgrade() -> None:
    op.add_column("shops", sa.Column("theme_name", sa.Text(), nullable=True))
    op.add_column("shops", sa.Column("theme_published_at", Instant(), nullable=True))
    op.add_column("variants", sa.Column("inventory_policy", sa.String(20), nullable=True))
    op.add_column("variants", sa.Column("in_stock", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("variants", sa.Column("stock_since", Instant(), nullable=True))
    op.add_column("carts", sa.Column("checkout_deleted_at", Instant(), nullable=True))
    _stock()
    _merchants()


def _stock() -> None:
    _table(
        "stock",
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column("inventory_item_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("quantity_at", Instant(), nullable=True),
        sa.Column("tracked", sa.Boolean(), nullable=True),
        sa.Column("tracked_at", Instant(), nullable=True),
        sa.Column("in_stock_at", Instant(), nullable=True),
        sa.Column("out_of_stock_at", Instant(), nullable=True),
        unique=("variant_id",),
    )
    _index("stock", "shop_id", "inventory_item_id")
    _table(
        "inventory_levels",
        sa.Column("inventory_item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        unique=("inventory_item_id", "location_id", "updated_at"),
    )
    _table(
        "fulfillments",
        sa.Column("fulfillment_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(20), nullable=True),
        sa.Column("shipment_status", sa.String(40), nullable=True),
        sa.Column("tracking_company", sa.Text(), nullable=True),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("tracking_url", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        unique=("fulfillment_id",),
    )
    _index("fulfillments", "shop_id", "order_id")


def _merchants() -> None:
    _table(
        "discounts",
        sa.Column("discount_id", sa.String(100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        unique=("discount_id",),
    )
    _table(
        "discount_codes",
        sa.Column("discount_id", sa.String(100), nullable=False),
        sa.Column("code_id", sa.String(100), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        unique=("code_id",),
    )
    _index("discount_codes", "shop_id", "key")
    _index("discount_codes", "shop_id", "discount_id")
    _table(
        "shopify_segments",
        sa.Column("segment_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        unique=("segment_id",),
    )


def downgrade() -> None:
    for table in ("shopify_segments", "discount_codes", "discounts", "fulfillments", "inventory_levels", "stock"):
        op.drop_table(table)
    op.drop_column("carts", "checkout_deleted_at")
    for column in ("stock_since", "in_stock", "inventory_policy"):
        op.drop_column("variants", column)
    op.drop_column("shops", "theme_published_at")
    op.drop_column("shops", "theme_name")
