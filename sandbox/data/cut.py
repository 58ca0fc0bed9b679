"""Cuts the slice that is shipped: `python sandbox/data/cut.py FULL.csv.gz SLICE.csv.gz`.

Whole customers: every line, cancellations too, of a chosen customer in the last months; and some guests' invoices.
Chosen by a hash, so that the same file always gives the same slice. Rows are copied as they are, in their order.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import sys
from pathlib import Path

SINCE = "2011-06-01"
CUSTOMERS_IN_1000 = 97
GUESTS_IN_1000 = 90


def cut(full: Path, to: Path) -> int:
    """Writes the slice; returns how many lines it has."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    count = -1
    with gzip.open(full, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if row[0] == "InvoiceNo" or _chosen(row[0], row[4], row[6]):
                out.writerow(row)
                count += 1
    with to.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())
    return count


def _chosen(invoice: str, at: str, customer: str) -> bool:
    if at < SINCE:
        return False
    return _share(customer) < CUSTOMERS_IN_1000 if customer else _share(invoice) < GUESTS_IN_1000


def _share(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % 1000


if __name__ == "__main__":
    print(cut(Path(sys.argv[1]), Path(sys.argv[2])), "lines")
