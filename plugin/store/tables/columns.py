"""What all tables share: the metadata, and the columns that lead to a shop and to a person."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, MetaData

from plugin.store.types import BigId

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def own_id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def shop_id() -> Column[int]:
    return Column("shop_id", BigId, ForeignKey("shops.id", ondelete="CASCADE"), nullable=False)


def person_id(*, required: bool = True) -> Column[int]:
    return Column("person_id", BigId, ForeignKey("people.id", ondelete="CASCADE"), nullable=not required)


def source_id() -> Column[int]:
    """The customer of whom it was told: `person_id` itself, or one who was merged into that person."""
    return Column("source_id", BigId, ForeignKey("people.id", ondelete="CASCADE"), nullable=False)
