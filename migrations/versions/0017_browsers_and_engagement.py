"""What browsers subscriptions are, since when people get notifications, and where visits came from

Revision: 0017
After: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.ingest.agents import agent_of
from plugin.store.types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TOLD = ("device", "platform", "browser", "language")


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as subscriptions:
        for name in TOLD:
            subscriptions.add_column(sa.Column(name, sa.Text if name in TOLD[1:3] else sa.String(10)))
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("push_subscribed_at", Instant()))
    op.create_index("ix_people_shop_id_people_push_subscribed_at", "people", ["shop_id", "push_subscribed_at"])
    for name in ("referrer", "utm_source", "utm_campaign"):
        there = sa.text(f"{name} IS NOT NULL")
        columns = ["shop_id", name, "person_id"]
        op.create_index(f"ix_visits_by_{name}", "visits", columns, sqlite_where=there, postgresql_where=there)
    _browsers()
    _since()


def downgrade() -> None:
    for name in ("utm_campaign", "utm_source", "referrer"):
        op.drop_index(f"ix_visits_by_{name}", "visits")
    op.drop_index("ix_people_shop_id_people_push_subscribed_at", "people")
    with op.batch_alter_table("people") as people:
        people.drop_column("push_subscribed_at")
    with op.batch_alter_table("subscriptions") as subscriptions:
        for name in TOLD:
            subscriptions.drop_column(name)


def _browsers() -> None:
    """From the headers and locales that are kept already."""
    of = sa.table("subscriptions", *(sa.column(name) for name in ("id", "user_agent", "locale", *TOLD)))
    last = 0
    while True:
        some = (
            op.get_bind()
            .execute(
                sa.select(of.c.id, of.c.user_agent, of.c.locale).where(of.c.id > last).order_by(of.c.id).limit(1_000)
            )
            .all()
        )
        if not some:
            return
        last = some[-1].id
        filled = (
            of.update()
            .where(of.c.id == sa.bindparam("its_id"))
            .values({name: sa.bindparam(f"its_{name}") for name in TOLD})
        )
        op.get_bind().execute(filled, [_told(row) for row in some])


def _told(row: sa.Row[tuple[int, str | None, str | None]]) -> dict[str, object]:
    language = row.locale.replace("_", "-").partition("-")[0].lower()[:10] if row.locale else None
    agent = agent_of(row.user_agent, language=language)
    return {"its_id": row.id} | {f"its_{name}": getattr(agent, name) for name in TOLD}


def _since() -> None:
    op.execute(
        "UPDATE people SET push_subscribed_at = (SELECT min(created_at) FROM subscriptions "
        "WHERE subscriptions.person_id = people.id AND subscriptions.state = 'active') "
        "WHERE id IN (SELECT person_id FROM subscriptions WHERE state = 'active')"
    )
