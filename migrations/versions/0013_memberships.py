"""Kept memberships, their ledger, timers, versions of segments

Revision: 0013
After: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _segments()
    _memberships()
    _timers()
    _sums()
    _automations()
    op.create_index("ix_views_of_product", "views", ["shop_id", "product_id", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_views_of_product", table_name="views")
    op.execute("DELETE FROM automations WHERE segment_id <> 0")
    with op.batch_alter_table("automations") as batch:
        batch.drop_constraint("uq_automations_shop_id_recipe_segment_id", type_="unique")
        for column in ("segment_id", "url"):
            batch.drop_column(column)
        batch.create_unique_constraint("uq_automations_shop_id_recipe", ["shop_id", "recipe"])
    for table in ("segment_days", "segment_versions", "timers", "membership_changes", "memberships"):
        op.drop_table(table)
    op.drop_index("ix_segments_settling_from", table_name="segments")
    with op.batch_alter_table("segments") as batch:
        for column in ("settling_from", "settling_after", "settling_hinted_at"):
            batch.drop_column(column)


def _segments() -> None:
    """Those that are there are settled by the clock: their members first."""
    with op.batch_alter_table("segments") as batch:
        batch.add_column(sa.Column("settling_from", Instant()))
        batch.add_column(sa.Column("settling_after", sa.BigInteger, nullable=False, server_default="0"))
        batch.add_column(sa.Column("settling_hinted_at", Instant()))
    op.execute("UPDATE segments SET settling_from = updated_at, settling_after = -1 WHERE deleted_at IS NULL")
    under_way = sa.text("settling_from IS NOT NULL")
    op.create_index(
        "ix_segments_settling_from",
        "segments",
        ["settling_from"],
        sqlite_where=under_way,
        postgresql_where=under_way,
    )


def _memberships() -> None:
    op.create_table(
        "memberships",
        _to("memberships", "shop"),
        _to("memberships", "segment"),
        _to("memberships", "person"),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.UniqueConstraint("segment_id", "person_id", name="uq_memberships_segment_id_person_id"),
    )
    op.create_index("ix_memberships_person_id", "memberships", ["person_id"])
    op.create_table(
        "membership_changes",
        _id(),
        _to("membership_changes", "shop"),
        _to("membership_changes", "segment"),
        _to("membership_changes", "person"),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("cause", sa.String(10), nullable=False),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_membership_changes"),
    )
    op.create_index("ix_changes_of_person", "membership_changes", ["person_id", "segment_id"])
    op.create_index("ix_changes_of_segment", "membership_changes", ["segment_id", "at"])
    op.create_index("ix_changes_of_shop", "membership_changes", ["shop_id", "at"])


def _timers() -> None:
    op.create_table(
        "timers",
        _to("timers", "person"),
        _to("timers", "shop"),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("marked_at", Instant()),
        sa.Column("cause", sa.String(10)),
        sa.Column("detail", sa.Text),
        sa.Column("hinted_at", Instant()),
        sa.PrimaryKeyConstraint("person_id", name="pk_timers"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])


def _sums() -> None:
    op.create_table(
        "segment_versions",
        _id(),
        _to("segment_versions", "shop"),
        _to("segment_versions", "segment"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by", sa.Text, nullable=False),
        sa.Column("restores", sa.Integer),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("joined", sa.Integer, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_segment_versions"),
        sa.UniqueConstraint("segment_id", "number", name="uq_segment_versions_segment_id_number"),
    )
    op.create_index("ix_versions_of_shop", "segment_versions", ["shop_id", "saved_at"])
    op.create_table(
        "segment_days",
        _to("segment_days", "shop"),
        _to("segment_days", "segment"),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("joined", sa.Integer, nullable=False, server_default="0"),
        sa.Column("left", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("segment_id", "day", name="uq_segment_days_segment_id_day"),
    )


def _automations() -> None:
    with op.batch_alter_table("automations") as batch:
        batch.add_column(sa.Column("segment_id", sa.BigInteger, nullable=False, server_default="0"))
        batch.add_column(sa.Column("url", sa.Text, nullable=False, server_default=""))
        batch.drop_constraint("uq_automations_shop_id_recipe", type_="unique")
        batch.create_unique_constraint("uq_automations_shop_id_recipe_segment_id", ["shop_id", "recipe", "segment_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, nullable=False, autoincrement=True)


def _to(table: str, what: str) -> sa.Column[int]:
    others = {"shop": "shops", "segment": "segments", "person": "people"}[what]
    name = f"fk_{table}_{what}_id_{others}"
    key = sa.ForeignKey(f"{others}.id", name=name, ondelete="CASCADE")
    return sa.Column(f"{what}_id", BigId, key, nullable=False)
