"""Events from other tools, and what shoppers say of themselves

Revision: 0018
After: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _custom_events()
    _answers()
    op.create_table(
        "api_keys",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("api_keys", "shops", "shop_id"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("ending", sa.String(4), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.Column("left", sa.Double, nullable=False),
        sa.Column("filled_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
    )
    op.create_index("ix_api_keys_shop_id", "api_keys", ["shop_id"])


def downgrade() -> None:
    for table in ("api_keys", "answers", "custom_events"):
        op.drop_table(table)


def _custom_events() -> None:
    op.create_table(
        "custom_events",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("custom_events", "shops", "shop_id"),
        _to("custom_events", "people", "person_id"),
        sa.Column("event_id", sa.String(100), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("text", sa.Text),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_custom_events"),
        sa.UniqueConstraint("shop_id", "event_id", name="uq_custom_events_shop_id_event_id"),
    )
    op.create_index("ix_custom_events_person_id_custom_events_at", "custom_events", ["person_id", "at"])
    op.create_index("ix_custom_events_by_name", "custom_events", ["shop_id", "name", "at"])
    op.create_index("ix_custom_events_of_shop", "custom_events", ["shop_id", "at"])


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("answers", "shops", "shop_id"),
        _to("answers", "people", "person_id"),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("question", sa.String(60), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint("shop_id", "event_id", name="uq_answers_shop_id_event_id"),
    )
    op.create_index("ix_answers_person_id_answers_question_answers_at", "answers", ["person_id", "question", "at"])
    op.create_index("ix_answers_by_key", "answers", ["shop_id", "question", "key", "person_id"])


def _to(of: str, table: str, column: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_{of}_{column}_{table}", ondelete="CASCADE")
    return sa.Column(column, BigId, key, nullable=False)
