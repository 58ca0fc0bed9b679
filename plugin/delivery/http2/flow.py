"""Flow control (RFC 9113, section 5.2): how much of our bodies the peer has room for, and we of its bodies."""

from __future__ import annotations

from dataclasses import dataclass

from . import frames
from .frames import END_STREAM, LARGEST_WINDOW, Code, Violation

USUAL = 65_535
"""Bytes of a window that nobody has spoken of yet."""
ROOM = 2**20
"""Bytes of answers that may be on their way to us on one connection."""


@dataclass(slots=True)
class _Rest:
    """What could not be sent yet of a stream's body."""

    body: bytes
    window: int
    """How much of it the peer takes, by its word for this stream; below zero after it changed its mind."""


class Outflow:
    """Our bodies."""

    def __init__(self) -> None:
        self.frame_size = frames.LARGEST
        """The largest payload that the peer takes."""
        self.window = USUAL
        """The whole connection's."""
        self._of_a_stream = USUAL
        self._rests: dict[int, _Rest] = {}

    def body(self, stream: int, body: bytes) -> tuple[bytes, ...]:
        """The frames of a new stream's body that may be sent now; the rest is kept."""
        size = len(body)
        if size <= self.window and size <= self._of_a_stream and size <= self.frame_size:
            self.window -= size
            return frames.head(size, frames.DATA, END_STREAM, stream), body
        self._rests[stream] = _Rest(body, self._of_a_stream)
        return self.pour()

    def pour(self) -> tuple[bytes, ...]:
        """As many frames of the rests as there is room for."""
        out: list[bytes] = []
        for stream, rest in list(self._rests.items()):
            while rest.body and (size := min(len(rest.body), self.window, rest.window, self.frame_size)) > 0:
                piece, rest.body = rest.body[:size], rest.body[size:]
                self.window -= size
                rest.window -= size
                out.append(frames.frame(frames.DATA, 0 if rest.body else END_STREAM, stream, piece))
            if not rest.body:
                del self._rests[stream]
        return tuple(out)

    def forget(self, stream: int) -> bool:
        """No more of this stream; whether something of it was left."""
        return self._rests.pop(stream, None) is not None

    def widen(self, stream: int, more: int) -> None:
        """The peer has room for `more` bytes, of one stream or (0) of all. Raises Violation."""
        if stream == 0:
            self.window = _within(self.window + more)
        elif rest := self._rests.get(stream):
            rest.window = _within(rest.window + more)

    def start_with(self, window: int) -> None:
        """The peer has other room for new streams, and by the difference for those that are. Raises Violation."""
        for rest in self._rests.values():
            rest.window = _within(rest.window + _within(window) - self._of_a_stream)
        self._of_a_stream = _within(window)


class Inflow:
    """The peer's bodies, of all streams together; a stream has the room that we announced and never gets more."""

    def __init__(self) -> None:
        self._room = ROOM

    def take(self, size: int) -> bytes:
        """So many bytes came; what the peer has to be told, if anything. Raises Violation."""
        self._room -= size
        if self._room < 0:
            raise Violation(Code.FLOW_CONTROL_ERROR, "more data than we had room for")
        if self._room > ROOM // 2:
            return b""
        more, self._room = ROOM - self._room, ROOM
        return frames.window_update(0, more)


def _within(window: int) -> int:
    if window > LARGEST_WINDOW:
        raise Violation(Code.FLOW_CONTROL_ERROR, "a window that is too large")
    return window
