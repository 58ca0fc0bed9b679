"""All that can be asked, by name."""

from __future__ import annotations

from tests.oracle.subjects import (
    Filter,
    Function,
    Question,
    behaviour,
    contact,
    cycle,
    engagement,
    orders,
    place,
    standing,
)

CATALOGUE: dict[str, Filter | Function | Question] = {
    **orders.ENTRIES,
    **contact.ENTRIES,
    **behaviour.ENTRIES,
    **engagement.ENTRIES,
    **cycle.ENTRIES,
    **place.ENTRIES,
    **standing.ENTRIES,
}
