"""A file or a pasted text → whom its rows name. Pure: who they are is members.py's business.

A row names a person by one of three: Shopify's customer number (`1234`, `gid://shopify/Customer/1234`, `'1234` as
Shopify's export writes it), an e-mail address, or the token of a browser. With a heading the column is found by its
name; Shopify's own export of customers is read as it is. Without one the first cell counts, or the only one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from plugin.base.errors import BeckonError

MAX_ROWS: Final = 200_000
MAX_BYTES: Final = 20_000_000
MAX_CELL: Final = 320
"""No name of a person is longer; a longer cell names nobody."""

By: TypeAlias = Literal["customer", "email", "visitor"]


@dataclass(frozen=True, slots=True)
class Named:
    """Row `row` (from 1, as a spreadsheet counts, heading and all) names `name`; `by` None: nobody that we know."""

    row: int
    by: By | None
    name: str


def read(content: bytes | str) -> list[Named]:
    """Everybody whom `content` names; empty rows are passed over. Raises BeckonError, with what is wrong with it."""
    if len(content) > MAX_BYTES:
        raise BeckonError(f"The file is too large: {MAX_BYTES // 1_000_000} MB at most. Split it.")
    text = _text(content) if isinstance(content, bytes) else content
    rows = list(_rows(text))
    if not rows:
        raise BeckonError("There is nobody in it: no row has anything in it.")
    if len(rows) > MAX_ROWS:
        raise BeckonError(f"There are too many rows: {len(rows):,}, {MAX_ROWS:,} at most. Split the file.")
    columns = _columns(rows[0][1])
    if columns is None:
        return [Named(row, *_kind(_first(cells))) for row, cells in rows]
    return [_by_columns(row, cells, columns) for row, cells in rows[1:]]


def _text(content: bytes) -> str:
    """UTF-8, or what spreadsheets on Windows write."""
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BeckonError("This is not a text file. Save the table as CSV (UTF-8), and choose that file.")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    lines = text.lstrip("\ufeff").splitlines()
    separator = max(",;\t", key=(lines[0] if lines else "").count)
    try:
        for row, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed):
                yield row, trimmed
    except csv.Error as error:
        raise BeckonError(f"The file cannot be read as CSV: {error}.") from None


def _columns(heading: Sequence[str]) -> dict[By, int] | None:
    """Kind → its column; None when the first row is no heading."""
    words = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in heading]
    found: dict[By, int] = {}
    for kind, names in _HEADINGS.items():
        for name in names:
            if name in words and kind not in found:
                found[kind] = words.index(name)
    if found:
        return found
    if len(heading) > 1 and not any(_kind(cell)[0] in ("customer", "email") for cell in heading):
        raise BeckonError(
            "No column of the file names people. One has to be called customer_id, email or visitor; the first row "
            f"says {', '.join(cell[:30] for cell in heading[:8])}."
        )
    return None


def _by_columns(row: int, cells: Sequence[str], columns: dict[By, int]) -> Named:
    """The first kind that the row has anything of."""
    for kind, column in columns.items():
        cell = cells[column] if column < len(cells) else ""
        if cell:
            by, name = _kind(cell)
            return Named(row, kind if kind in (by, "visitor") else None, name)
    return Named(row, None, "")


def _first(cells: Sequence[str]) -> str:
    return next(cell for cell in cells if cell)


def _kind(cell: str) -> tuple[By | None, str]:
    if len(cell) > MAX_CELL:
        return None, ""
    number = re.fullmatch(r"(?:'|#|gid://shopify/Customer/)?(\d{1,19})", cell, re.ASCII)
    if number:
        return ("customer", number[1]) if int(number[1]) < 2**63 else (None, "")
    if "@" in cell:
        return "email", cell.casefold()
    return ("visitor", cell) if re.fullmatch(r"[\w.~-]{8,64}", cell, re.ASCII) else (None, "")


_HEADINGS: Final[dict[By, tuple[str, ...]]] = {
    "customer": ("customerid", "shopifycustomerid", "shopifyid", "id", "customer"),
    "email": ("email", "emailaddress", "mail", "customeremail"),
    "visitor": ("visitor", "visitortoken", "token", "visitorid"),
}
