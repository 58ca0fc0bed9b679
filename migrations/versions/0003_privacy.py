"""Privacy: requests, receipts, tombstones, limits; deliveries whose person was erased

Revision: 0003
After: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from plugin.store.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("enrollments") as batch:  # SQLite writes the table anew
        batch.alter_column("person_id", existing_type=sa.BigInteger(), nullable=True)
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("person_id", existing_type=sa.BigInteger(), nullable=True)
        batch.alter_column("subscription_id", existing_type=sa.BigInteger(), nullable=True)
    op.create_table(
        "privacy_receipts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("asked_by", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column(
            "erased", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_receipts")),
        sa.UniqueConstraint("shop_key", "kind", "reference", name=op.f("uq_privacy_receipts_shop_key_kind_reference")),
    )
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("asked_by", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "subject", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_webhook", sa.BigInteger(), nullable=True),
        sa.Column(
            "erased", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("hinted_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_privacy_requests_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
        sa.UniqueConstraint("shop_id", "kind", "reference", name=op.f("uq_privacy_requests_shop_id_kind_reference")),
    )
    op.create_index(
        op.f("ix_privacy_requests_state_privacy_requests_received_at"),
        "privacy_requests",
        ["state", "received_at"],
        unique=False,
    )
    op.create_table(
        "retention_choices",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_retention_choices_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("shop_id", "kind", name=op.f("uq_retention_choices_shop_id_kind")),
    )
    op.create_table(
        "tombstones",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("returned_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_tombstones_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_tombstones_shop_id_key")),
    )
    op.create_index(op.f("ix_carts_shop_id_carts_updated_at"), "carts", ["shop_id", "updated_at"], unique=False)
    op.create_index(op.f("ix_deliveries_subscription_id"), "deliveries", ["subscription_id"], unique=False)
    op.create_index(
        "ix_deliveries_with_message",
        "deliveries",
        ["shop_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("message IS NOT NULL"),
        postgresql_where=sa.text("message IS NOT NULL"),
    )
    op.create_index(op.f("ix_consents_subscription_id"), "consents", ["subscription_id"], unique=False)
    op.create_index(op.f("ix_facts_delivery_id"), "facts", ["delivery_id"], unique=False)
    op.add_column("facts", sa.Column("worth", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_subscriptions_ended_with_endpoint",
        "subscriptions",
        ["shop_id", "ended_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL AND endpoint <> ''"),
        postgresql_where=sa.text("ended_at IS NOT NULL AND endpoint <> ''"),
    )
    op.create_index(op.f("ix_views_shop_id_views_at"), "views", ["shop_id", "at"], unique=False)
    op.create_index(
        op.f("ix_visitors_shop_id_visitors_last_seen_at"), "visitors", ["shop_id", "last_seen_at"], unique=False
    )


def downgrade() -> None:
    """Deliveries of erased people stay nobody's: what was erased does not come back."""
    op.drop_index("ix_visitors_shop_id_visitors_last_seen_at", table_name="visitors")
    op.drop_index("ix_views_shop_id_views_at", table_name="views")
    op.drop_index("ix_subscriptions_ended_with_endpoint", table_name="subscriptions")
    op.drop_index("ix_deliveries_with_message", table_name="deliveries")
    op.drop_index("ix_deliveries_subscription_id", table_name="deliveries")
    op.drop_index("ix_carts_shop_id_carts_updated_at", table_name="carts")
    op.drop_index("ix_privacy_requests_state_privacy_requests_received_at", table_name="privacy_requests")
    op.drop_index(op.f("ix_facts_delivery_id"), table_name="facts")
    op.drop_index(op.f("ix_consents_subscription_id"), table_name="consents")
    op.drop_column("facts", "worth")
    op.drop_table("tombstones")
    op.drop_table("retention_choices")
    op.drop_table("privacy_requests")
    op.drop_table("privacy_receipts")
