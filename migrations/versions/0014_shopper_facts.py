"""Which metafields tell what of shoppers, and the place of a value in a metafield's list

Revision: 0014
After: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person_metafields", sa.Column("position", sa.Integer, nullable=False, server_default="0"))
    to_shop = sa.ForeignKey("shops.id", name="fk_shopper_facts_shop_id_shops", ondelete="CASCADE")
    op.create_table(
        "shopper_facts",
        sa.Column("shop_id", BigId, to_shop, nullable=False),
        sa.Column("fact", sa.String(20), nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.UniqueConstraint("shop_id", "fact", name="uq_shopper_facts_shop_id_fact"),
    )


def downgrade() -> None:
    op.drop_table("shopper_facts")
    with op.batch_alter_table("person_metafields") as batch:
        batch.drop_column("position")
