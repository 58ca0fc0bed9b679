"""Variants are found by their stock number

Revision: 0028
After: 0027
"""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEX = "ix_variants_of_sku"


def upgrade() -> None:
    op.create_index(INDEX, "variants", ["shop_id", "sku", "product_id", "variant_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "variants")
