"""Money: whole pence inside, `12.50` outside, exact Decimals between."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

PENNY = Decimal("0.01")


def pence(amount: Decimal) -> int:
    """An amount in pounds as whole pence; half a penny goes up, as on a till."""
    return int(amount.quantize(PENNY, rounding=ROUND_HALF_UP) * 100)


def pounds(amount: int) -> str:
    """Whole pence as Shopify writes money: `12.50`."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100}.{amount % 100:02}"
