"""One POST, what came back, and how long it may take: what both engines of `transport` speak of."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import NamedTuple


class Request(NamedTuple):
    """One POST; `origin` is that of `url`: `https://host[:port]`. Headers are lines, `Name: value`."""

    origin: str
    url: str
    headers: tuple[str, ...]
    """Those that many requests to the origin have alike: HTTP/2 sends them once a connection."""
    body: bytes
    own: tuple[str, ...] = ()
    """Those that only this one has."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int | None
    """None: no answer, and `words` say why."""
    retry_after: timedelta | None
    words: str
    """The beginning of a refusal's body on one line, printable characters only."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and how many at once. A batch must end before its claim does (`settings.lease`)."""

    connect: float = 5
    total: float = 20
    batch: float = 40
    in_flight: int = 500
    """To one service: a whole batch, on five connections of a hundred streams. With fewer at once, fewer answers come
    each time we wake up: a third more CPU with a service that takes its time."""


USUAL = Limits()


def within(lease: timedelta) -> Limits:
    """The usual limits, less where a claim lasts less: two thirds of it at most."""
    batch = min(USUAL.batch, lease.total_seconds() * 2 / 3)
    return replace(USUAL, connect=min(USUAL.connect, batch / 2), total=min(USUAL.total, batch), batch=batch)


class Batch:
    """Requests on their way, with a place for the reply of each."""

    def __init__(self, requests: Sequence[Request], limits: Limits) -> None:
        self.requests, self.limits = requests, limits
        self.replies: list[Reply | None] = [None] * len(requests)
        self.ends = monotonic() + limits.batch

    @property
    def left(self) -> float:
        """Seconds until the batch must be over."""
        return self.ends - monotonic()


def reply(status: int, wait: float, body: bytes | bytearray) -> Reply:
    """Of a service that answered; `wait` seconds, 0 if it did not say."""
    if status < 300:
        return _taken(status)
    return Reply(status, timedelta(seconds=wait) if wait else None, _printable(body))


def silent(why: str) -> Reply:
    """Of a service that did not answer."""
    return Reply(None, None, why)


@functools.cache
def _taken(status: int) -> Reply:
    return Reply(status, None, "")


def _printable(body: bytes | bytearray) -> str:
    text = body[:400].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
