"""Segments beside Shopify's: imports, comparisons of members; what is counted of a segment

Revision: 0010
After: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _imports()
    _checks()
    op.create_table(
        "segment_insights",
        _id(),
        _shop("segment_insights"),
        _segment("segment_insights", required=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("hinted_at", Instant()),
        sa.Column("claimed_at", Instant()),
        sa.Column("steps_done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("as_of", Instant()),
        sa.Column("query", sa.Text),
        sa.Column("told", Json),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_segment_insights"),
        sa.UniqueConstraint("segment_id", name="uq_segment_insights_segment_id"),
    )


def downgrade() -> None:
    for table in (
        "segment_insights",
        "segment_check_members",
        "segment_checks",
        "segment_imports",
        "segment_readings",
    ):
        op.drop_table(table)


def _imports() -> None:
    op.create_table(
        "segment_readings",
        _shop("segment_readings"),
        sa.Column("asked_at", Instant()),
        sa.Column("read_at", Instant()),
        sa.Column("tried_at", Instant()),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("shop_id", name="pk_segment_readings"),
    )
    op.create_table(
        "segment_imports",
        _id(),
        _shop("segment_imports"),
        _segment("segment_imports", required=True),
        sa.Column("shopify_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("left_out", Json, nullable=False),
        sa.Column("in_step", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_segment_imports"),
        sa.UniqueConstraint("shop_id", "shopify_id", name="uq_segment_imports_shop_id_shopify_id"),
    )
    op.create_index("ix_segment_imports_segment_id", "segment_imports", ["segment_id"])


def _checks() -> None:
    op.create_table(
        "segment_checks",
        _id(),
        _shop("segment_checks"),
        _segment("segment_checks", required=False),
        sa.Column("shopify_id", sa.BigInteger),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("hinted_at", Instant()),
        sa.Column("claimed_at", Instant()),
        sa.Column("members_query", sa.String(100)),
        sa.Column("expected", sa.Integer),
        sa.Column("theirs", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cursor", sa.Text),
        sa.Column("judged_at", Instant()),
        sa.Column("ours", sa.Integer),
        sa.Column("both", sa.Integer),
        sa.Column("anonymous", sa.Integer),
        sa.Column("unheld", sa.Integer),
        sa.Column("finished_at", Instant()),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_segment_checks"),
    )
    op.create_index("ix_segment_checks_shop_id_segment_checks_segment_id", "segment_checks", ["shop_id", "segment_id"])
    under_way = sa.text("finished_at IS NULL")
    op.create_index(
        "uq_segment_checks_under_way",
        "segment_checks",
        ["shop_id"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_table(
        "segment_check_members",
        _shop("segment_check_members"),
        sa.Column("check_id", BigId, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("why", Json),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["segment_checks.id"],
            name="fk_segment_check_members_check_id_segment_checks",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("check_id", "customer_id", name="uq_segment_check_members_check_id_customer_id"),
    )
    op.create_index(
        "ix_segment_check_members_customer",
        "segment_check_members",
        ["shop_id", "customer_id"],
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False, autoincrement=True)


def _shop(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("shops.id", name=f"fk_{table}_shop_id_shops", ondelete="CASCADE")
    return sa.Column("shop_id", BigId, key, nullable=False)


def _segment(table: str, *, required: bool) -> sa.Column[int]:
    key = sa.ForeignKey("segments.id", name=f"fk_{table}_segment_id_segments", ondelete="CASCADE")
    return sa.Column("segment_id", BigId, key, nullable=not required)
