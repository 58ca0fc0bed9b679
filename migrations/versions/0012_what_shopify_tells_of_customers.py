"""Metafields, companies, store credit, statuses and abandoned checkouts of customers; products' categories

Revision: 0012
After: 0011
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Instant, Minor

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXTS = {
    "language": 3,
    "account_status": 20,
    "subscriber_status": 20,
    "spend_tier": 20,
    "shopify_rfm_group": 20,
}
INSTANTS = (
    "account_status_at",
    "standing_at",
    "metafields_at",
    "companies_at",
    "credits_at",
    "abandoned_checkout_at",
)


def upgrade() -> None:
    with op.batch_alter_table("people") as batch:
        for name, length in TEXTS.items():
            batch.add_column(sa.Column(name, sa.String(length)))
        for name in INSTANTS:
            batch.add_column(sa.Column(name, Instant()))
        batch.add_column(sa.Column("email_domain", sa.Text))
    op.create_index("ix_people_shop_id_people_abandoned_checkout_at", "people", ["shop_id", "abandoned_checkout_at"])
    with op.batch_alter_table("products") as batch:
        batch.add_column(sa.Column("category", sa.Text))
    _lists()
    _from_what_is_there()
    _read_anew()


def downgrade() -> None:
    for table in ("store_credits", "person_companies", "person_metafields"):
        op.drop_table(table)
    with op.batch_alter_table("products") as batch:
        batch.drop_column("category")
    with op.batch_alter_table("people") as batch:
        batch.drop_index("ix_people_shop_id_people_abandoned_checkout_at")
        for column in (*TEXTS, *INSTANTS, "email_domain"):
            batch.drop_column(column)


def _lists() -> None:
    _list(
        "person_metafields",
        [
            sa.Column("namespace", sa.Text, nullable=False),
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("type", sa.String(64), nullable=False),
            sa.Column("text", sa.Text, nullable=False),
            sa.Column("number", sa.Double),
            sa.Column("truth", sa.Boolean),
            sa.Column("at", Instant()),
        ],
        unique=["namespace", "key", "text"],
    )
    op.create_index(
        "ix_person_metafields_of_text",
        "person_metafields",
        ["shop_id", "key", "namespace", "text", "person_id"],
    )
    _list("person_companies", [sa.Column("company_id", sa.BigInteger, nullable=False)], unique=["company_id"])
    op.create_index("ix_person_companies_of_id", "person_companies", ["shop_id", "company_id"])
    _list(
        "store_credits",
        [
            sa.Column("account_id", sa.BigInteger, nullable=False),
            sa.Column("currency", sa.String(3), nullable=False),
            sa.Column("balance", Minor(), nullable=False),
        ],
        unique=["account_id"],
    )
    op.create_index("ix_store_credits_of_balance", "store_credits", ["shop_id", "currency", "balance"])


def _list(table: str, columns: list[sa.Column[object]], unique: list[str]) -> None:
    op.create_table(
        table,
        sa.Column("shop_id", BigId, _to(table, "shop_id", "shops"), nullable=False),
        sa.Column("person_id", BigId, _to(table, "person_id", "people"), nullable=False),
        sa.Column("source_id", BigId, _to(table, "source_id", "people"), nullable=False),
        *columns,
        sa.Column("overruled", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.UniqueConstraint("source_id", *unique, name=f"uq_{table}_source_id_{'_'.join(unique)}"),
    )
    op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def _from_what_is_there() -> None:
    """Languages of locales, and domains of the e-mails that are kept."""
    bound = op.get_bind()
    for (locale,) in bound.execute(sa.text("SELECT DISTINCT locale FROM people WHERE locale IS NOT NULL")).all():
        found = re.match("[A-Za-z]{2,3}(?![A-Za-z])", locale)
        told = {"locale": locale, "language": found[0].lower() if found else None}
        bound.execute(sa.text("UPDATE people SET language = :language WHERE locale = :locale"), told)
    last, some = (
        0,
        sa.text("SELECT id, email FROM people WHERE email IS NOT NULL AND id > :last ORDER BY id LIMIT 5000"),
    )
    while page := bound.execute(some, {"last": last}).all():
        last = page[-1].id
        domains = [{"of": row.id, "domain": row.email.rpartition("@")[2].casefold() or None} for row in page]
        bound.execute(sa.text("UPDATE people SET email_domain = :domain WHERE id = :of"), domains)


def _read_anew() -> None:
    """What is new here is in Shopify's history too: products and customers that were read are read once more."""
    op.execute(
        "UPDATE backfills SET state = 'waiting', operation_id = NULL, url = NULL, total = NULL, asked_at = NULL,"
        ' claimed_at = NULL, finished_at = NULL, error = NULL, "offset" = 0, objects = 0, attempts = 0'
        " WHERE reconciliation_id = 0 AND state IN ('done', 'failed') AND kind IN ('products', 'customers', 'checkouts')"
    )


def _to(table: str, column: str, other: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}_{other}", ondelete="CASCADE")
