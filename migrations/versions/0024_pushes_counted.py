"""What push services answered is counted as it is recorded

Revision: 0024
After: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_counts",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column(
            "shop_id",
            BigId,
            sa.ForeignKey("shops.id", name="fk_push_counts_shop_id_shops", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("campaign_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_push_counts"),
        sa.UniqueConstraint("shop_id", "campaign_id", "service", "answer", "at", name="uq_push_counts_what"),
    )
    op.create_index("ix_push_counts_at", "push_counts", ["at"])


def downgrade() -> None:
    op.drop_table("push_counts")
