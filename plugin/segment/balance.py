"""Many conditions as one, balanced: `((a OR b) OR (c OR d))` is as deep as its logarithm. SQLite reads `a OR b OR c …`
as deep as it is long, and refuses what is deeper than 1,000."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.sql.elements import Grouping

_FLAT: Final = 8
"""As many stand beside each other without parentheses."""


def all_of(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """All of `parts`; true without any."""
    return _joined(and_, parts) if parts else true()


def any_of(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Any of `parts`; false without any."""
    return _joined(or_, parts) if parts else false()


def _joined(join: Callable[..., ColumnElement[bool]], parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    if len(parts) <= _FLAT:
        return join(*parts)
    step = -(-len(parts) // _FLAT)
    return join(*(Grouping(_joined(join, parts[at : at + step])) for at in range(0, len(parts), step)))
