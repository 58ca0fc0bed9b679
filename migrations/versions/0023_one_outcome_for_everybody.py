"""One outcome for everybody in an audience; limits of sending; what is known of push services

Revision: 0023
After: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from plugin.store.types import BigId, Instant

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

OUTCOMES = {
    "unsubscribed": "unsubscribed",
    "browser gone": "gone",
    "deleted in Shopify": "deleted",
    "The person was erased.": "deleted",
    "the app was uninstalled": "uninstalled",
    "bought": "already_bought",
    "no longer sold": "out_of_stock",
    "emptied": "no_longer_matching",
    "newer cart": "no_longer_matching",
    "the cart is gone": "no_longer_matching",
    "came back": "no_longer_matching",
    "left again": "no_longer_matching",
}
"""What "skipped" meant, by its reason; cancelled where it is none of these."""

deliveries = sa.table("deliveries", sa.column("state", sa.String), sa.column("reason", sa.Text))
campaigns = sa.table(
    "campaigns",
    sa.column("state", sa.String),
    sa.column("started_at", Instant()),
    sa.column("fanned_out_at", Instant()),
    sa.column("scheduled_at", Instant()),
    sa.column("hinted_at", Instant()),
    sa.column("reason", sa.Text),
)


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:  # SQLite writes the table anew
        batch.alter_column("state", existing_type=sa.String(12), type_=sa.String(20), existing_nullable=False)
    _name_outcomes()
    _begin_again()
    op.drop_column("campaigns", "cursor")
    op.drop_column("campaigns", "last_person")
    op.add_column("campaigns", sa.Column("holdout", sa.Integer, nullable=False, server_default="0"))
    _audience_pages()
    _limits()
    _services()


def downgrade() -> None:
    op.drop_table("refusals")
    op.drop_table("services")
    op.create_table(
        "services",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("slow_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_services"),
    )
    op.drop_table("sending_limits")
    op.drop_table("audience_pages")
    op.drop_column("campaigns", "holdout")
    op.add_column("campaigns", sa.Column("cursor", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("campaigns", sa.Column("last_person", sa.BigInteger))
    kept = ("queued", "sending", "unknown", "sent", "gone", "rejected", "failed", "expired")
    op.execute(sa.update(deliveries).where(deliveries.c.state.not_in(kept)).values(state="skipped"))


def _name_outcomes() -> None:
    meant = sa.case(OUTCOMES, value=deliveries.c.reason, else_="cancelled")
    op.execute(sa.update(deliveries).where(deliveries.c.state == "skipped").values(state=meant))


def _begin_again() -> None:
    """Campaigns whose audience was half written begin anew: who has a delivery keeps it, and gets no second one."""
    half = campaigns.c.started_at.is_not(None), campaigns.c.fanned_out_at.is_(None)
    why = "It was paused when Beckon was updated. Send it again: who has it already gets no second one."
    sending, paused = (sa.update(campaigns).where(*half, campaigns.c.state == state) for state in ("sending", "paused"))
    op.execute(sending.values(state="scheduled", hinted_at=None))
    op.execute(paused.values(state="draft", scheduled_at=None, reason=why))


def _audience_pages() -> None:
    op.create_table(
        "audience_pages",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("audience_pages", "shops", "shop_id"),
        _to("audience_pages", "campaigns", "campaign_id"),
        sa.Column(
            "places", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audience_pages"),
    )
    op.create_index(
        "ix_audience_pages_campaign_id_audience_pages_id", "audience_pages", ["campaign_id", "id"], unique=False
    )


def _limits() -> None:
    op.create_table(
        "sending_limits",
        _to("sending_limits", "shops", "shop_id"),
        sa.Column("cap", sa.Integer),
        sa.Column("cap_days", sa.Integer, nullable=False, server_default="7"),
        sa.Column("quiet_from", sa.Integer),
        sa.Column("quiet_until", sa.Integer),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name="pk_sending_limits"),
    )


def _services() -> None:
    """What was known of push services is learned anew within seconds."""
    op.drop_table("services")
    op.create_table(
        "services",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("slow_until", Instant()),
        sa.Column("rate", sa.Double),
        sa.Column("free_at", Instant()),
        sa.Column("line_until", Instant()),
        sa.Column("throttled_at", Instant()),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failing_since", Instant()),
        sa.Column("opened_at", Instant()),
        sa.Column("open_until", Instant()),
        sa.Column("opened", sa.Integer, nullable=False, server_default="0"),
        sa.Column("words", sa.Text),
        sa.PrimaryKeyConstraint("host", name="pk_services"),
    )
    op.create_table(
        "refusals",
        _to("refusals", "shops", "shop_id"),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("in_a_row", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "service", name="pk_refusals"),
    )


def _to(of: str, table: str, column: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_{of}_{column}_{table}", ondelete="CASCADE")
    return sa.Column(column, BigId, key, nullable=False, autoincrement=False)
