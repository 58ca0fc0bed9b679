"""Lines of carts

What is in each cart, so that "who has X in a cart" reads an index; filled from the carts that are there.

Revision: 0016
After: 0015
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from alembic import op

from plugin.store.types import BigId, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cart_lines",
        sa.Column("id", BigId, nullable=False, autoincrement=True),
        _to("shops", "shop_id"),
        _to("carts", "cart_id"),
        sa.Column("product_id", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cart_lines"),
        sa.UniqueConstraint("cart_id", "product_id", name="uq_cart_lines_cart_id_product_id"),
    )
    op.create_index(
        "ix_cart_lines_shop_id_cart_lines_product_id_cart_lines_cart_id",
        "cart_lines",
        ["shop_id", "product_id", "cart_id"],
    )
    _fill()


def downgrade() -> None:
    op.drop_table("cart_lines")


def _fill() -> None:
    carts = sa.table("carts", sa.column("id"), sa.column("shop_id"), sa.column("lines", Json))
    lines = sa.table("cart_lines", *(sa.column(name) for name in ("shop_id", "cart_id", "product_id", "quantity")))
    last = 0
    while True:
        some = op.get_bind().execute(sa.select(carts).where(carts.c.id > last).order_by(carts.c.id).limit(1_000)).all()
        if not some:
            return
        last = some[-1].id
        rows = [
            {"shop_id": cart.shop_id, "cart_id": cart.id, "product_id": product_id, "quantity": quantity}
            for cart in some
            for product_id, quantity in _pieces(cart.lines).items()
        ]
        if rows:
            op.get_bind().execute(lines.insert(), rows)


def _pieces(lines: list[dict[str, int]]) -> Counter[int]:
    found: Counter[int] = Counter()
    for line in lines:
        if line["product_id"] is not None:
            found[line["product_id"]] += line["quantity"]
    return found


def _to(table: str, column: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=f"fk_cart_lines_{column}_{table}", ondelete="CASCADE")
    return sa.Column(column, BigId, key, nullable=False)
