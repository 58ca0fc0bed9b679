"""Reads the file: one `Line` per row, or the reason why a row cannot be read."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: as the store's books have it."""

    invoice: str
    code: str
    description: str
    quantity: int
    at: datetime
    """Wall-clock time in the United Kingdom, without a zone."""
    price: Decimal
    customer_id: int | None
    country: str

    @property
    def is_cancellation(self) -> bool:
        return self.invoice.startswith("C")


def read(file: Path) -> Iterator[Line | None]:
    """Every row of the file in its order; None for a row that cannot be read. Raises ValueError on other columns."""
    with _open(file) as text:
        rows = csv.reader(text)
        columns = next(rows, [])
        if columns != COLUMNS:
            raise ValueError(f"{file}: the columns are {columns}; wanted are {COLUMNS}.")
        for row in rows:
            yield _line(row)


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def _line(row: list[str]) -> Line | None:
    try:
        invoice, code, description, quantity, at, price, customer, country = row
        read = Line(
            invoice=invoice,
            code=code,
            description=" ".join(description.split()),
            quantity=int(quantity),
            at=datetime.fromisoformat(at).replace(tzinfo=None),
            price=Decimal(price),
            customer_id=int(customer.removesuffix(".0")) if customer else None,
            country=country.strip(),
        )
    except (ValueError, InvalidOperation):  # too few columns are a ValueError too
        return None
    return read if invoice and code and read.price.is_finite() else None
