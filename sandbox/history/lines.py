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
        rows = csv.DictReader(text)
        if rows.fieldnames is None or [name.strip() for name in rows.fieldnames] != COLUMNS:
            raise ValueError(f"{file}: the columns are {rows.fieldnames}; wanted are {COLUMNS}.")
        for row in rows:
            yield _line(row)


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def _line(row: dict[str, str]) -> Line | None:
    try:
        price = Decimal(row["UnitPrice"])
        if not (price.is_finite() and row["InvoiceNo"] and row["StockCode"]):
            return None
        return Line(
            invoice=row["InvoiceNo"],
            code=row["StockCode"],
            description=" ".join(row["Description"].split()),
            quantity=int(row["Quantity"]),
            at=datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=None),
            price=price,
            customer_id=int(row["CustomerID"].removesuffix(".0")) if row["CustomerID"] else None,
            country=row["Country"].strip(),
        )
    except (ValueError, InvalidOperation, AttributeError, TypeError):  # too few columns give None where text should be
        return None
