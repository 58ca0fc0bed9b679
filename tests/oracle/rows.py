"""The plain rows of one store: lists of dicts by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

Row = Mapping[str, Any]
Found = TypeVar("Found")


class Rows:
    """`tables["orders"]` is a list of dicts. `of` is a loop that was done once for everybody, `once` a reckoning."""

    def __init__(self, shop: Row, tables: Mapping[str, Sequence[Row]]) -> None:
        self.shop = shop
        self.tables = {
            name: [row for row in rows if row["shop_id"] == shop["id"]] for name, rows in tables.items() if rows
        }
        self._by: dict[tuple[str, str], dict[Any, list[Row]]] = {}
        self._once: dict[tuple[Any, ...], Any] = {}

    def of(self, value: Any, table: str, column: str = "person_id") -> list[Row]:
        """The shop's rows of `table` whose `column` is `value`."""
        if (table, column) not in self._by:
            sorted_out: defaultdict[Any, list[Row]] = defaultdict(list)
            for row in self.tables.get(table, ()):
                sorted_out[row[column]].append(row)
            self._by[table, column] = sorted_out
        return self._by[table, column].get(value, [])

    def once(self, name: tuple[Any, ...], reckon: Callable[[], Found]) -> Found:
        """What `reckon` gives: the rows stay as they are, so it is asked once for each name."""
        if name not in self._once:
            self._once[name] = reckon()
        found: Found = self._once[name]
        return found
