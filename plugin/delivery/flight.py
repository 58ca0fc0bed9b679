"""The part of a batch that one engine sends: what waits, how often it was tried, and which services only break off.

The engines differ in how they send; what is worth sending again, and how often, is decided here for both.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from .post import Batch, Reply

TRIES = 4
"""Of one message at most in a batch."""
PATIENCE = 5
"""Turns in a row in which a service only broke off: then it is left alone for the rest of the batch."""


class Flight:
    """Numbers are places in the batch."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.waiting: dict[str, deque[int]] = {}
        """By origin; an origin for which nothing waits has no entry."""
        self.flying: Counter[str] = Counter()
        self.tries: Counter[int] = Counter()
        self.broken: Counter[str] = Counter()
        """Turns in a row in which an origin only broke off."""
        self.careful: set[str] = set()
        """Origins that get few at a time."""

    @property
    def busy(self) -> bool:
        """Whether there is anything left to do."""
        return self.flying.total() > 0 or (bool(self.waiting) and self.batch.left > 0)

    def take(self, number: int) -> None:
        """One more to send."""
        origin = self.batch.requests[number].origin
        waiting = self.waiting.get(origin)
        if waiting is None:
            self.waiting[origin] = deque((number,))
        else:
            waiting.append(number)

    def next(self, origin: str, most: int) -> list[int]:
        """Those that wait longest, `most` of them, which now fly."""
        waiting = self.waiting.get(origin)
        if waiting is None:
            return []
        taken = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        if not waiting:
            del self.waiting[origin]
        self.flying[origin] += len(taken)
        return taken

    def worth_repeating(self, origin: str, number: int) -> bool:
        """Whether a message whose connection or stream broke off may try again."""
        return self.tries[number] < TRIES - 1 and self.broken[origin] < PATIENCE

    def repeat(self, origin: str, number: int) -> None:
        """Again, before those that wait (a new connection takes it), and from now on a few at a time: the service may
        have ended it because we asked too much."""
        self.tries[number] += 1
        self.careful.add(origin)
        self.put_back(origin, number)

    def put_back(self, origin: str, number: int) -> None:
        """Again, as if it had never been sent."""
        self.waiting.setdefault(origin, deque()).appendleft(number)

    def give_up(self, origin: str, reply: Reply) -> None:
        """Nobody is there: those who wait need not try."""
        for number in self.waiting.pop(origin, ()):
            self.batch.replies[number] = reply

    def settle(self, landed: Iterable[tuple[str, bool]]) -> None:
        """The end of a turn: of each that landed the origin, and whether it answered."""
        landed = set(landed)
        for origin in {origin for origin, _ in landed}:
            self.broken[origin] = 0 if (origin, True) in landed else self.broken[origin] + 1
