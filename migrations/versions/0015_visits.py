"""Visits, and more kinds of views

What a browser's signs come to, between one silence of thirty minutes and the next; articles, pages and favourites
beside products, and what "who looked at X, and when" reads.

Revision: 0015
After: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _visits()
    with op.batch_alter_table("views") as views:
        views.add_column(sa.Column("article_id", sa.BigInteger))
        for name in ("blog", "handle", "path", "words_key"):
            views.add_column(sa.Column(name, sa.Text))
    _words()
    op.create_index("ix_views_by_kind", "views", ["shop_id", "kind", "at", "person_id"])
    for thing in ("product", "collection"):
        there = sa.text(f"{thing}_id IS NOT NULL")
        columns = ["shop_id", "kind", f"{thing}_id", "at", "person_id"]
        op.create_index(f"ix_views_by_{thing}", "views", columns, sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    for name in ("ix_views_by_collection", "ix_views_by_product", "ix_views_by_kind"):
        op.drop_index(name, "views")
    with op.batch_alter_table("views") as views:
        for name in ("article_id", "blog", "handle", "path", "words_key"):
            views.drop_column(name)
    op.drop_table("visits")


def _words() -> None:
    """Searches that are there already can be asked for too."""
    views = sa.table("views", sa.column("id"), sa.column("words"), sa.column("words_key"))
    searched = op.get_bind().execute(sa.select(views.c.id, views.c.words).where(views.c.words.is_not(None))).all()
    keys = [{"its_id": row.id, "its_key": f" {' '.join(row.words.casefold().split())} "} for row in searched]
    if keys:
        filled = views.update().where(views.c.id == sa.bindparam("its_id")).values(words_key=sa.bindparam("its_key"))
        op.get_bind().execute(filled, keys)


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("shops", "shop_id"),
        _to("people", "person_id"),
        _to("visitors", "visitor_id"),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("landed_at", Instant()),
        sa.Column("landed_by", sa.String(64)),
        sa.Column("landing", sa.Text),
        sa.Column("referrer", sa.Text),
        sa.Column("device", sa.String(10)),
        sa.Column("platform", sa.Text),
        sa.Column("browser", sa.Text),
        sa.Column("language", sa.String(10)),
        sa.Column("tagged_at", Instant()),
        sa.Column("tagged_by", sa.String(64)),
        sa.Column("utm_source", sa.Text),
        sa.Column("utm_medium", sa.Text),
        sa.Column("utm_campaign", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index("ix_visits_visitor_id_visits_started_at", "visits", ["visitor_id", "started_at"])
    op.create_index("ix_visits_person_id_visits_started_at", "visits", ["person_id", "started_at"])
    op.create_index("ix_visits_of_shop", "visits", ["shop_id", "started_at", "person_id"])


def _to(table: str, column: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_visits_{column}_{table}", ondelete="CASCADE")
    return sa.Column(column, BigId, key, nullable=False)
