"""All that can be asked, by name."""

from __future__ import annotations

from tests.oracle.scanning import Piece
from tests.oracle.subjects import (
    Filter,
    Function,
    Question,
    behaviour,
    contact,
    cycle,
    elsewhere,
    engagement,
    orders,
    person,
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
    **person.ENTRIES,
    **elsewhere.ENTRIES,
}


def entry_of(name: str, operator: str, values: tuple[Piece, ...]) -> Filter | Function | Question | None:
    """What stands under a name; of a metafield, as it is compared."""
    return CATALOGUE.get(name) or person.metafield(name, operator, values)
