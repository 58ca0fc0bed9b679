"""Rows as text, columns aligned."""

from __future__ import annotations

from typing import Any


def table(head: tuple[str, ...], rows: list[list[Any]]) -> str:
    cells = [list(head)] + [["–" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )
