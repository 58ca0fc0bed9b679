"""Checkouts have their person and their beginning, and what a browser tells of one names it

Revision: 0027
After: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_OF_CUSTOMER = """
UPDATE checkouts SET person_id = (
    SELECT people.id FROM people WHERE people.shop_id = checkouts.shop_id AND people.customer_id = checkouts.customer_id
)
"""
_ONWARD = """
UPDATE checkouts SET person_id = (SELECT people.merged_into FROM people WHERE people.id = checkouts.person_id)
WHERE person_id IN (SELECT people.id FROM people WHERE people.merged_into IS NOT NULL)
"""
_OF_CART = """
UPDATE checkouts SET person_id = (
    SELECT carts.person_id FROM carts WHERE carts.shop_id = checkouts.shop_id AND carts.token = checkouts.cart_token
)
WHERE customer_id IS NULL
"""


def upgrade() -> None:
    key = sa.ForeignKey("people.id", name="fk_checkouts_person_id_people", ondelete="CASCADE")
    with op.batch_alter_table("checkouts") as batch:
        batch.add_column(sa.Column("person_id", BigId, key))
        batch.add_column(sa.Column("started_at", Instant()))
    op.execute("UPDATE checkouts SET started_at = updated_at")  # nothing earlier is known
    op.execute(_OF_CUSTOMER)
    while op.get_bind().execute(sa.text(_ONWARD)).rowcount:  # lost to one who was lost
        pass
    op.execute(_OF_CART)
    op.create_index("ix_checkouts_person_id", "checkouts", ["person_id"])
    op.create_index("ix_checkouts_by_start", "checkouts", ["shop_id", "started_at", "person_id"])
    with op.batch_alter_table("views") as batch:
        batch.add_column(sa.Column("checkout_token", sa.String(255)))
    some = sa.text("checkout_token IS NOT NULL")
    columns = ["shop_id", "checkout_token", "person_id"]
    op.create_index("ix_views_by_checkout", "views", columns, sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index("ix_views_by_checkout", "views")
    with op.batch_alter_table("views") as batch:
        batch.drop_column("checkout_token")
    for name in ("ix_checkouts_by_start", "ix_checkouts_person_id"):
        op.drop_index(name, "checkouts")
    with op.batch_alter_table("checkouts") as batch:
        batch.drop_column("started_at")
        batch.drop_column("person_id")
