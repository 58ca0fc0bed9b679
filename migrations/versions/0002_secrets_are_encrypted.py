"""Secrets are encrypted, and when Shopify last let us in

Revision: 0002
After: 0001
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from plugin.store.sealed import Sealed, seal
from plugin.store.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SHOPS = sa.table(
    "shops",
    sa.column("id", sa.BigInteger),
    sa.column("access_token", sa.Text),
    sa.column("refresh_token", sa.Text),
    sa.column("vapid_private", sa.LargeBinary),
)


def upgrade() -> None:
    op.add_column("shops", sa.Column("connected_at", Instant()))
    op.execute("UPDATE shops SET connected_at = installed_at WHERE access_token IS NOT NULL")
    _rewrite(lambda secret: seal(secret).kept)


def downgrade() -> None:
    _rewrite(lambda kept: Sealed(kept.decode()).open())
    op.drop_column("shops", "connected_at")


def _rewrite(change: Callable[[bytes], str | bytes]) -> None:
    """Every secret of every shop, through `change` (bytes in, text or bytes out)."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(SHOPS)).all():
        values = {
            "access_token": _text(row.access_token and change(row.access_token.encode())),
            "refresh_token": _text(row.refresh_token and change(row.refresh_token.encode())),
            "vapid_private": _bytes(change(bytes(row.vapid_private))),
        }
        connection.execute(SHOPS.update().where(SHOPS.c.id == row.id).values(values))


def _text(value: str | bytes | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
