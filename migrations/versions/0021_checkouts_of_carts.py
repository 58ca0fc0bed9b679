"""Checkouts are found by their cart

Revision: 0021
After: 0020
"""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEX = "ix_checkouts_shop_id_checkouts_cart_token"


def upgrade() -> None:
    op.create_index(INDEX, "checkouts", ["shop_id", "cart_token"])


def downgrade() -> None:
    op.drop_index(INDEX, "checkouts")
