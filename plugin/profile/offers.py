"""Whether what a message is about can still be had: products that can be bought, codes that still hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, select

from plugin.store.engine import Tx
from plugin.store.tables import discount_codes, discounts, order_lines, orders, products, variants
from plugin.store.upsert import among

NOT_SOLD: Final = "no longer sold"
SOLD_OUT: Final = "sold out"


@dataclass(frozen=True, slots=True)
class Offer:
    """A product, or some of its variants. `why_not`: NOT_SOLD, SOLD_OUT, or None when it can be bought."""

    product_ids: frozenset[int]
    title: str
    why_not: str | None

    @property
    def sentence(self) -> str:
        """Why it cannot be bought."""
        return f"{self.title} is {'sold out' if self.why_not == SOLD_OUT else 'not sold any more'}."


def offer(tx: Tx, shop_id: int, handle: str | None, variant_ids: Collection[int]) -> Offer | None:
    """What a link with these opens; None for what Beckon does not know. One statement."""
    of_variants = select(variants.c.product_id).where(
        variants.c.shop_id == shop_id, among(variants.c.variant_id, variant_ids)
    )
    named = products.c.handle == handle if handle else products.c.product_id.in_(of_variants)
    its = and_(variants.c.shop_id == products.c.shop_id, variants.c.product_id == products.c.product_id)
    rows = tx.execute(
        select(
            products.c.product_id,
            products.c.title,
            products.c.status,
            products.c.deleted_at,
            variants.c.variant_id,
            variants.c.in_stock,
        )
        .outerjoin(variants, its)
        .where(products.c.shop_id == shop_id, named)
    ).all()
    if not rows:
        return None
    sold = [row for row in rows if row.deleted_at is None and row.status == "active"]
    why_not = SOLD_OUT if sold and _is_sold_out(sold, set(variant_ids)) else None if sold else NOT_SOLD
    first = (sold or rows)[0]
    return Offer(frozenset(row.product_id for row in sold or rows), first.title or "The product", why_not)


def _is_sold_out(rows: Sequence[Row[*tuple[Any, ...]]], wanted: set[int]) -> bool:
    """None of the variants that are wanted (where none of them is there, of all) is in stock; a product whose variants
    nobody told can be bought."""
    known = [row for row in rows if row.variant_id is not None]
    asked = [row for row in known if row.variant_id in wanted] or known
    return bool(asked) and not any(row.in_stock for row in asked)


def bought(
    tx: Tx, shop_id: int, product_ids: Collection[int], person_ids: Collection[int], since: datetime
) -> dict[int, datetime]:
    """Those of `person_ids` who have bought one of these products since, and when last. One statement."""
    its_order = and_(orders.c.shop_id == order_lines.c.shop_id, orders.c.order_id == order_lines.c.order_id)
    rows = tx.execute(
        select(order_lines.c.person_id, order_lines.c.placed_at)
        .join(orders, its_order)
        .where(
            order_lines.c.shop_id == shop_id,
            among(order_lines.c.person_id, person_ids),
            order_lines.c.placed_at >= since,
            order_lines.c.product_id.in_(product_ids),
            orders.c.deleted_at.is_(None),
            orders.c.cancelled_at.is_(None),
        )
        .order_by(order_lines.c.placed_at)
    )
    return dict(rows.all())  # of several the last


@dataclass(frozen=True, slots=True)
class Over:
    """A code that buys nothing (any more, or yet), and why in words."""

    key: str
    sentence: str


def over(
    tx: Tx, shop_id: int, linked: Collection[str], written: Collection[str], now: datetime, timezone: str
) -> list[Over]:
    """Codes that do not hold at `now`, by their key: of `linked` (casefolded) and of `written`, words that are only
    taken for a code when Shopify writes it so. What Beckon was not told of is not judged: whether a code is used up,
    and codes made before it was installed. One statement."""
    keys = {*linked, *(word.casefold() for word in written)}
    its = and_(discounts.c.shop_id == discount_codes.c.shop_id, discounts.c.discount_id == discount_codes.c.discount_id)
    rows = tx.execute(
        select(
            discount_codes.c.key,
            discount_codes.c.code,
            discount_codes.c.removed,
            discounts.c.status,
            discounts.c.starts_at,
            discounts.c.ends_at,
            discounts.c.deleted_at,
        )
        .outerjoin(discounts, its)
        .where(discount_codes.c.shop_id == shop_id, discount_codes.c.key.in_(sorted(keys)))
        .order_by(discount_codes.c.key, discount_codes.c.changed_at)
    ).all()
    why: dict[str, str | None] = {}
    for row in rows:
        if row.key in linked or row.code in written:
            reason = _why_not(row, now, ZoneInfo(timezone))
            why[row.key] = None if reason is None or why.get(row.key, reason) is None else reason  # one that holds does
    return [Over(key, sentence) for key, sentence in why.items() if sentence is not None]


def _why_not(row: Row[*tuple[Any, ...]], now: datetime, zone: ZoneInfo) -> str | None:
    if row.removed or row.deleted_at is not None:
        return f"The code {row.code} was deleted in Shopify."
    if row.ends_at is not None and row.ends_at <= now:
        return f"The code {row.code} ended on {_day(row.ends_at, zone)}."
    if row.starts_at is not None and row.starts_at > now:
        return f"The code {row.code} does not hold before {_day(row.starts_at, zone)}."
    if row.status == "expired":
        return f"The code {row.code} is over: its discount has ended or was switched off in Shopify."
    return None


def _day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"
