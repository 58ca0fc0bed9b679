"""Long lists in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` of `things`, in order, none empty."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch
