"""What is asked once more at the moment of sending; automations that paused themselves; products by their handle

Revision: 0030
After: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from plugin.store.types import Instant

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

INDEX = "ix_products_of_handle"
ASKED = {"campaigns": ("asks_segment", "asks_stock", "asks_purchase"), "automations": ("asks_stock", "asks_purchase")}


def upgrade() -> None:
    for table, columns in ASKED.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Boolean, nullable=False, server_default=sa.text("true")))
    codes = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("campaigns", sa.Column("told_codes", codes))
    op.add_column("automations", sa.Column("paused_at", Instant()))
    op.add_column("automations", sa.Column("reason", sa.Text))
    op.create_index(INDEX, "products", ["shop_id", "handle"])


def downgrade() -> None:
    op.drop_index(INDEX, "products")
    op.drop_column("automations", "reason")
    op.drop_column("automations", "paused_at")
    op.drop_column("campaigns", "told_codes")
    for table, columns in ASKED.items():
        for column in columns:
            op.drop_column(table, column)
