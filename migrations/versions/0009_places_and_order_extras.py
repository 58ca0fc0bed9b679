"""Places of addresses; channel, hour, weekday and discounts of orders

Revision: 0009
After: 0008
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT_ONCE = 5_000


def upgrade() -> None:
    with op.batch_alter_table("shops") as batch:
        batch.add_column(sa.Column("keeps_address", sa.Boolean, nullable=False, server_default=sa.text("false")))
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("source_name", sa.Text))
        batch.add_column(sa.Column("hour", sa.Integer))
        batch.add_column(sa.Column("weekday", sa.Integer))
    _discounts()
    _places()
    _by_the_shops_clock()
    _read_anew()


def downgrade() -> None:
    op.drop_table("person_places")
    op.drop_table("order_discounts")
    with op.batch_alter_table("orders") as batch:
        for column in ("source_name", "hour", "weekday"):
            batch.drop_column(column)
    with op.batch_alter_table("shops") as batch:
        batch.drop_column("keeps_address")


def _discounts() -> None:
    op.create_table(
        "order_discounts",
        sa.Column("shop_id", BigId, _to("order_discounts", "shop_id", "shops"), nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.UniqueConstraint("shop_id", "order_id", "kind", "key", name="uq_order_discounts_shop_id_order_id_kind_key"),
    )
    op.create_index(
        "ix_order_discounts_of_key",
        "order_discounts",
        ["shop_id", "key", "order_id"],
    )


def _places() -> None:
    op.create_table(
        "person_places",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        sa.Column("shop_id", BigId, _to("person_places", "shop_id", "shops"), nullable=False),
        sa.Column("person_id", BigId, _to("person_places", "person_id", "people"), nullable=False),
        sa.Column("source_id", BigId, _to("person_places", "source_id", "people"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("city", sa.Text),
        sa.Column("city_key", sa.Text),
        sa.Column("postcode", sa.String(20)),
        *(sa.Column(name, sa.Double) for name in ("latitude", "longitude", "x", "y", "z")),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person_places"),
        sa.UniqueConstraint("source_id", "key", name="uq_person_places_source_id_key"),
    )
    op.create_index("ix_person_places_person_id", "person_places", ["person_id"])
    for column in ("region", "city_key", "postcode", "z"):
        op.create_index(
            f"ix_person_places_of_{column}",
            "person_places",
            ["shop_id", column, "person_id"],
        )


def _by_the_shops_clock() -> None:
    """Orders that are there already; in Python, because SQL knows no zones."""
    bound = op.get_bind()
    orders = sa.table(
        "orders", *map(sa.column, ("id", "shop_id", "hour", "weekday")), sa.column("placed_at", Instant())
    )
    anew = orders.update().where(orders.c.id == sa.bindparam("of"))
    anew = anew.values(hour=sa.bindparam("new_hour"), weekday=sa.bindparam("new_weekday"))
    for shop_id, name in bound.execute(sa.text("SELECT id, timezone FROM shops")).all():
        zone, last = _zone(name), 0
        while True:
            mine = sa.select(orders.c.id, orders.c.placed_at).where(orders.c.shop_id == shop_id, orders.c.id > last)
            page = bound.execute(mine.order_by(orders.c.id).limit(AT_ONCE)).all()
            if not page:
                break
            last = page[-1].id
            bound.execute(anew, [{"of": row.id, **_local(row.placed_at, zone)} for row in page])


def _local(at: datetime, zone: ZoneInfo) -> dict[str, int]:
    local = at.astimezone(UTC).astimezone(zone)
    return {"new_hour": local.hour, "new_weekday": local.isoweekday()}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _read_anew() -> None:
    """What is new here is in Shopify's history too: customers and orders that were read are read once more."""
    op.execute(
        "UPDATE backfills SET state = 'waiting', operation_id = NULL, url = NULL, total = NULL, asked_at = NULL,"
        ' claimed_at = NULL, finished_at = NULL, error = NULL, "offset" = 0, objects = 0, attempts = 0'
        " WHERE reconciliation_id = 0 AND state IN ('done', 'failed') AND kind IN ('customers', 'orders')"
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}_{other}", ondelete="CASCADE")
