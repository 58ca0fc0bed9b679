"""Column types, once for both databases: instants in UTC, money in minor units, JSON, big ids."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from plugin.base.errors import Unreadable

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only on INTEGER
Minor = BigInteger  # money: whole minor units (pence, cents), the currency beside it
Json = JSON().with_variant(JSONB, "postgresql")

WITHOUT_MINOR_UNITS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC. SQLite forgets zones, so it is written in UTC and read back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no zone; instants are aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self


def decimals(currency: str) -> int:
    """Digits after the point that `currency` (ISO 4217) has."""
    return 0 if currency in WITHOUT_MINOR_UNITS else 3 if currency in THREE_DECIMALS else 2


def minor_units(amount: str | int, currency: str) -> int:
    """`"12.34"`, `"GBP"` → 1234, without floats. Raises Unreadable for what is not an amount."""
    try:
        value = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        raise Unreadable(f"{amount!r} is not an amount of money.") from None
    if not value.is_finite() or abs(value) > Decimal(10) ** 15:
        raise Unreadable(f"{amount!r} is not an amount of money.")
    return int((value.scaleb(decimals(currency))).to_integral_value())


def major_units(minor: int, currency: str) -> Decimal:
    """1234, `"GBP"` → Decimal("12.34")."""
    return Decimal(minor).scaleb(-decimals(currency))
