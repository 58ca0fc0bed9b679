"""Days that answers name: a birthday that a shopper declared

Revision: 0025
After: 0024
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from plugin.store.types import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answers") as batch:
        batch.add_column(sa.Column("noon", Instant()))
    answers = sa.table("answers", sa.column("shop_id"), sa.column("answer"), sa.column("noon", Instant()))
    mine = answers.c.shop_id == sa.bindparam("shop"), answers.c.answer == sa.bindparam("said")
    if given := list(_days()):
        op.get_bind().execute(answers.update().where(*mine).values(noon=sa.bindparam("at")), given)


def downgrade() -> None:
    with op.batch_alter_table("answers") as batch:
        batch.drop_column("noon")


def _days() -> Iterator[dict[str, object]]:
    """What was answered until now."""
    shops = sa.table("shops", sa.column("id"), sa.column("timezone"))
    answers = sa.table("answers", sa.column("shop_id"), sa.column("answer"))
    query = sa.select(answers.c.shop_id, answers.c.answer, shops.c.timezone).distinct()
    days = query.join_from(answers, shops, shops.c.id == answers.c.shop_id).where(answers.c.answer.like("____-__-__"))
    for row in op.get_bind().execute(days):
        try:
            day = date.fromisoformat(row.answer)
        except ValueError:
            continue
        if 1900 <= day.year < 3000:
            noon = datetime.combine(day, time(12), ZoneInfo(row.timezone))
            yield {"shop": row.shop_id, "said": row.answer, "at": noon}
