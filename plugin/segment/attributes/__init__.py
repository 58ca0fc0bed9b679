"""What a segment can ask: one entry per attribute, with its SQL, its Python and its words, a file a subject.

To add one, add an entry, its line in docs/segments.md, its reading in tests/oracle/subjects (tests ask for both), and
its place in the generated people of tests/segment/population.py, so that SQL and Python are held to the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plugin.segment.kinds import Kind

from . import (
    affinity,
    behaviour,
    chance,
    contact,
    credit,
    custom,
    cycle,
    demographics,
    device,
    distance,
    engagement,
    lists,
    location,
    orders,
    place,
    purchases,
)
from .shape import Argument, Attribute, Entry, Finder, Function, Parameter, Question

__all__ = [
    "ATTRIBUTES",
    "MODIFIERS",
    "SUBJECTS",
    "Argument",
    "Attribute",
    "Entry",
    "Function",
    "Parameter",
    "Question",
    "find",
]

_SUBJECTS = (
    orders,
    contact,
    purchases,
    cycle,
    affinity,
    place,
    distance,
    location,
    demographics,
    credit,
    behaviour,
    device,
    engagement,
    custom,
    lists,
    chance,
)
_FINDERS: Final[tuple[Finder, ...]] = (demographics.metafield,)


def _joined() -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for subject in _SUBJECTS:
        for entry in subject.ENTRIES:
            if entry.name in found:
                raise ValueError(f"{entry.name} stands in the catalogue twice.")
            found[entry.name] = entry
    return found


ATTRIBUTES: Final[Mapping[str, Entry]] = _joined()
SUBJECTS: Final[Mapping[str, tuple[Entry, ...]]] = {
    subject.__name__.rpartition(".")[2]: subject.ENTRIES for subject in _SUBJECTS
}
"""The entries of each file, by its name."""


MODIFIERS: Final = ("in_segment", "anniversary")
"""Names beside the catalogue: another segment's members, and a date's day of the year. See plugin/segment/check.py."""


def find(name: str, kind: Kind = Kind.TEXT) -> Entry | None:
    """The entry of a name, also of one that is made on demand for values of `kind`."""
    if name in ATTRIBUTES:
        return ATTRIBUTES[name]
    return next((found for finder in _FINDERS if (found := finder(name, kind))), None)
