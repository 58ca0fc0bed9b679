"""The web pixel of each shop, and what it tells

Revision: 0007
After: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pixels",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("pixel_id", sa.String(100), nullable=True),
        sa.Column("endpoint", sa.Text(), nullable=True),
        sa.Column("installed_at", Instant(), nullable=True),
        sa.Column("switched_on_at", Instant(), nullable=True),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("heard_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_pixels_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pixels")),
        sa.UniqueConstraint("key", name=op.f("uq_pixels_key")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_pixels_shop_id")),
    )
    op.add_column("views", sa.Column("collection_id", sa.BigInteger(), nullable=True))
    op.add_column("views", sa.Column("words", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("views", "words")
    op.drop_column("views", "collection_id")
    op.drop_table("pixels")
