"""A message goes to the browser that was used last, or to each; a subscription knows its browser, and that who is in

Revision: 0031
After: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PLACES = "delivery_browsers"
OF_SUBSCRIPTION = "ix_delivery_browsers_subscription_id"
OF_VISITOR = "ix_subscriptions_visitor_id"
VISITOR = "fk_subscriptions_visitor_id_visitors"


def upgrade() -> None:
    for table in ("campaigns", "automations"):
        op.add_column(table, sa.Column("browsers", sa.String(4), nullable=False, server_default="last"))
    op.add_column(
        "deliveries", sa.Column("all_browsers", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.add_column("deliveries", sa.Column("taken_at", Instant()))
    op.add_column("visitors", sa.Column("logged_in_as", sa.BigInteger()))
    with op.batch_alter_table("subscriptions") as subscriptions:
        subscriptions.add_column(sa.Column("visitor_id", BigId))
        subscriptions.create_foreign_key(VISITOR, "visitors", ["visitor_id"], ["id"], ondelete="SET NULL")
    op.create_index(OF_VISITOR, "subscriptions", ["visitor_id"])
    op.create_table(
        PLACES,
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("subscription_id", BigId, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{many}.id"], name=op.f(f"fk_{PLACES}_{one}_id_{many}"), ondelete="CASCADE"
            )
            for one, many in (("shop", "shops"), ("delivery", "deliveries"), ("subscription", "subscriptions"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{PLACES}")),
        sa.UniqueConstraint("delivery_id", "subscription_id", name=op.f(f"uq_{PLACES}_delivery_id_subscription_id")),
    )
    op.create_index(OF_SUBSCRIPTION, PLACES, ["subscription_id"])


def downgrade() -> None:
    op.drop_table(PLACES)
    op.drop_index(OF_VISITOR, "subscriptions")
    with op.batch_alter_table("subscriptions") as subscriptions:
        subscriptions.drop_constraint(VISITOR, type_="foreignkey")
        subscriptions.drop_column("visitor_id")
    op.drop_column("visitors", "logged_in_as")
    op.drop_column("deliveries", "taken_at")
    op.drop_column("deliveries", "all_browsers")
    for table in ("automations", "campaigns"):
        op.drop_column(table, "browsers")
