"""The only clock. Stages take `now` as an argument; edges and jobs ask here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_standing_still: datetime | None = None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _standing_still or datetime.now(UTC)


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Lets time stand still at `instant` (aware) inside the block: for tests and for `--now`."""
    global _standing_still  # noqa: PLW0603  the one place that may hold the time
    before, _standing_still = _standing_still, instant.astimezone(UTC)
    try:
        yield
    finally:
        _standing_still = before
