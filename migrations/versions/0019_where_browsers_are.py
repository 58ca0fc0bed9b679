"""Where browsers are

Revision: 0019
After: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_located",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("shops", "shop_id"),
        _to("people", "person_id"),
        _to("visitors", "visitor_id"),
        sa.Column("told_by", sa.String(10), nullable=False),
        sa.Column("country", sa.String(2)),
        *(sa.Column(name, sa.Text) for name in ("region", "region_key", "city", "city_key")),
        *(sa.Column(name, sa.Double) for name in ("latitude", "longitude", "x", "y", "z")),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_located"),
        sa.UniqueConstraint("visitor_id", "told_by", name="uq_person_located_visitor_id_told_by"),
    )
    op.create_index("ix_person_located_person_id", "person_located", ["person_id"])
    for name in ("country", "city_key", "z"):
        op.create_index(f"ix_person_located_of_{name}", "person_located", ["shop_id", name, "person_id"])


def downgrade() -> None:
    op.drop_table("person_located")


def _to(table: str, column: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_person_located_{column}_{table}", ondelete="CASCADE")
    return sa.Column(column, BigId, key, nullable=False)
