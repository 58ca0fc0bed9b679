"""All that can be asked, by name."""

from __future__ import annotations

from tests.oracle.subjects import Filter, Function, Question, contact, orders

CATALOGUE: dict[str, Filter | Function | Question] = {**orders.ENTRIES, **contact.ENTRIES}
