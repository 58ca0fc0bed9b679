"""Indexes from which segments are counted

Revision: 0011
After: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_order_lines_of_products",
        "order_lines",
        ["shop_id", "placed_at", "person_id"],
        sqlite_where=sa.text("product_id IS NOT NULL"),
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.create_index(
        "ix_people_there",
        "people",
        [
            "shop_id",
            "customer_deleted_at",
            "last_order_at",
            "number_of_orders",
            "amount_spent",
            "customer_added_at",
            "email_status",
            "id",
        ],
    )
    op.drop_index("ix_orders_not_counting", "orders")


def downgrade() -> None:
    op.create_index(
        "ix_orders_not_counting",
        "orders",
        ["shop_id", "order_id"],
        sqlite_where=sa.text("test = 1 OR deleted_at IS NOT NULL"),
        postgresql_where=sa.text("test OR deleted_at IS NOT NULL"),
    )
    op.drop_index("ix_people_there", "people")
    op.drop_index("ix_order_lines_of_products", "order_lines")
