"""Plans of a hosted offer

Revision: 0005
After: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_plans",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("shop_gid", sa.String(length=100)),
        sa.Column("app_gid", sa.String(length=100)),
        sa.Column("development", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("plan", sa.String(length=100)),
        sa.Column("state", sa.String(length=12)),
        sa.Column("request", sa.String(length=12)),
        sa.Column("request_plan", sa.String(length=100)),
        sa.Column("test", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("subscription_gid", sa.String(length=100)),
        sa.Column("month_from", Instant()),
        sa.Column("trial_ends_at", Instant()),
        sa.Column("ends_at", Instant()),
        sa.Column("next_plan", sa.String(length=100)),
        sa.Column("known_at", Instant()),
        sa.Column("tried_at", Instant()),
        sa.Column("ask_at", Instant(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_shop_plans_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_shop_plans")),
    )
    op.create_index(op.f("ix_shop_plans_ask_at"), "shop_plans", ["ask_at"])
    op.create_index(
        "ix_deliveries_sent",
        "deliveries",
        ["shop_id", "finished_at", "state"],
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_sent", "deliveries")
    op.drop_table("shop_plans")
