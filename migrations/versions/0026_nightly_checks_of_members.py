"""What the night's check of kept memberships found

Revision: 0026
After: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "membership_checks",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("segment_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("after_person", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("segments", sa.Integer, nullable=False, server_default="0"),
        sa.Column("repaired", sa.Integer, nullable=False, server_default="0"),
        sa.Column("disputed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("finished_at", Instant()),
        sa.Column("hinted_at", Instant()),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_membership_checks_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_checks")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_membership_checks_shop_id")),
    )


def downgrade() -> None:
    op.drop_table("membership_checks")
