"""One request on an HTTP/2 connection, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class End(Enum):
    """How a request ended."""

    ANSWERED = auto()
    REFUSED = auto()
    """The peer says that it did not look at it."""
    BROKEN = auto()
    """The stream or the connection was ended; nobody knows how far the request came."""
    LATE = auto()
    DOUBTFUL = auto()
    """We and the peer do not understand each other."""


@dataclass(slots=True)
class Stream:
    """One request under way."""

    number: int
    """Whose it is: for the caller."""
    deadline: float
    status: int = 0
    """0: no answer yet."""
    wait: float = 0
    """Seconds that Retry-After asks for."""
    body: bytes = b""
    heard: int = 0
    """Bytes of body so far, padding included."""
    end: End | None = None
    words: str = ""
