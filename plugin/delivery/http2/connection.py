"""One HTTP/2 connection to a push service, without a network: bytes in, bytes out, and streams that end.

What the peer may not do is a Violation: nothing more is believed of it, and what it had not answered ends DOUBTFUL.
"""

from __future__ import annotations

import struct

from . import flow, frames
from .flow import Inflow, Outflow
from .frames import ACK, CONTINUATION, END_HEADERS, END_STREAM, LARGEST_WINDOW, PADDED, WITH_PRIORITY, Code, Violation
from .headers import LARGEST_LIST, LONGEST, Block, Encoder, fields_of, status_of, wait_of
from .stream import End, Stream

STREAMS = 100
"""At once on a connection, even where the peer would take more: what large front ends allow."""
LONGEST_ANSWER = 4_096
"""Bytes of an answer's body that we read."""

_MORE = PADDED | WITH_PRIORITY
"""Flags of HEADERS that hold more than a block."""
_OUR_FAULT = frozenset(
    {
        Code.PROTOCOL_ERROR,
        Code.FLOW_CONTROL_ERROR,
        Code.STREAM_CLOSED,
        Code.FRAME_SIZE_ERROR,
        Code.COMPRESSION_ERROR,
        Code.INADEQUATE_SECURITY,
        Code.HTTP_1_1_REQUIRED,
    }
)
"""Codes by which a peer says that what we sent is wrong."""


class Connection:
    """The client's side. `ready` once the peer has said what it allows; nothing is asked before."""

    def __init__(self, authority: str) -> None:
        self.live: dict[int, Stream] = {}
        self.most = STREAMS
        """How many requests it takes at once."""
        self.ready = False
        self.leaving = False
        """No new requests: the peer goes away, or is in doubt, or we ran out of numbers."""
        self.doubt: str | None = None
        """What makes us hand over to libcurl."""
        self._over = False
        """Nothing that the peer says matters any more."""
        self._ended: list[Stream] = []
        self._next = 1
        self._encoder = Encoder(authority)
        self._reader = frames.Reader()
        self._block: Block | None = None
        self._outflow, self._inflow = Outflow(), Inflow()
        announced = {
            frames.HEADER_TABLE_SIZE: 0,
            frames.ENABLE_PUSH: 0,
            frames.INITIAL_WINDOW_SIZE: LONGEST_ANSWER,
            frames.MAX_HEADER_LIST_SIZE: LARGEST_LIST,
        }
        more = frames.window_update(0, flow.ROOM - flow.USUAL)
        self._out = [frames.PREFACE, frames.settings(announced), more]
        self._take = {
            frames.DATA: self._data,
            frames.HEADERS: self._headers,
            frames.RST_STREAM: self._reset,
            frames.SETTINGS: self._settings,
            frames.PUSH_PROMISE: self._push_promise,
            frames.PING: self._ping,
            frames.GOAWAY: self._goaway,
            frames.WINDOW_UPDATE: self._window_update,
            CONTINUATION: self._continuation,
        }

    @property
    def room(self) -> int:
        """How many requests may begin."""
        if not self.ready or self.leaving or self._outflow.window <= 0:
            return 0
        return max(0, self.most - len(self.live))

    @property
    def unused(self) -> bool:
        """Whether nothing was ever asked."""
        return self._next == 1

    def begin(self, stream: Stream, path: bytes, headers: tuple[str, ...], own: tuple[str, ...], body: bytes) -> None:
        """Sends a request; there must be room."""
        number = self._next
        self._next = number + 2
        self.leaving = self._next > LARGEST_WINDOW
        self.live[number] = stream
        block = self._encoder.block(path, headers, own, len(body))
        self._out += frames.header_block(number, block, self._outflow.frame_size)
        self._out += self._outflow.body(number, body)

    def receive(self, data: bytes) -> None:
        """Takes what the peer sent."""
        if self._over:
            return
        try:
            for kind, flags, stream, payload in self._reader.read(data):
                if kind == CONTINUATION or self._block is not None or not self.ready:
                    self._check_order(kind, flags)
                take = self._take.get(kind)
                if take is not None:  # others are to be ignored
                    take(flags, stream, payload)
        except Violation as error:
            self.doubt = f"HTTP/2: {error}"
            self._out.append(frames.goaway(error.code))
            self._leave(End.DOUBTFUL, self.doubt)

    def _check_order(self, kind: int, flags: int) -> None:
        if (self._block is None) == (kind == CONTINUATION):
            raise Violation(Code.PROTOCOL_ERROR, "a header block that is interrupted, or goes on without a beginning")
        if not self.ready and (kind != frames.SETTINGS or flags & ACK):
            raise Violation(Code.PROTOCOL_ERROR, "no settings at the beginning")

    def outgoing(self) -> bytes:
        """What is to be sent now."""
        out, self._out = b"".join(self._out), []
        return out

    def ended(self) -> list[Stream]:
        """Streams that have ended since the last time."""
        ended, self._ended = self._ended, []
        return ended

    def expire(self, moment: float) -> bool:
        """Ends the streams whose time is over; whether there were any."""
        late = []
        for number, stream in self.live.items():  # the oldest first
            if stream.deadline > moment:
                break
            late.append(number)
        for number in late:
            self._close(number, End.LATE, "timed out", Code.CANCEL)
        return bool(late)

    def lost(self, why: str) -> None:
        """The network says that the connection is over."""
        self._leave(End.BROKEN, why)

    def goodbye(self) -> bytes:
        """What is said before hanging up."""
        return frames.goaway(Code.NO_ERROR)

    def _leave(self, end: End, words: str) -> None:
        self.leaving = self._over = True
        for number in list(self.live):
            self._close(number, end, words)

    def _close(self, number: int, end: End, words: str = "", code: Code | None = None) -> None:
        """An answer that has come counts, whatever became of the rest. `code`: the peer has to be told."""
        stream = self.live.pop(number)
        if self._outflow.forget(number) or code is not None:
            self._out.append(frames.reset(number, code or Code.CANCEL))
        stream.end = End.ANSWERED if stream.status else end
        stream.words = words
        self._ended.append(stream)

    def _stream(self, number: int) -> Stream | None:
        """None: one that has ended already. Raises Violation where there never was one."""
        stream = self.live.get(number)
        if stream is None and (number % 2 == 0 or number >= self._next):
            raise Violation(Code.PROTOCOL_ERROR, f"a frame for stream {number}, which we did not open")
        return stream

    def _data(self, flags: int, number: int, payload: bytes) -> None:
        stream = self._stream(number)
        size = len(payload)
        if size and (update := self._inflow.take(size)):
            self._out.append(update)
        body = frames.unpadded(frames.DATA, flags, payload) if flags & PADDED else payload
        if stream is None:
            return
        if not stream.status:
            raise Violation(Code.PROTOCOL_ERROR, "a body before its headers")
        if body:
            stream.body += body[: LONGEST_ANSWER - len(stream.body)]
        stream.heard += size
        if flags & END_STREAM:
            self._close(number, End.ANSWERED)
        elif stream.heard >= LONGEST_ANSWER:
            self._close(number, End.ANSWERED, code=Code.CANCEL)

    def _headers(self, flags: int, number: int, payload: bytes) -> None:
        self._stream(number)
        if flags & _MORE:
            payload = frames.unpadded(frames.HEADERS, flags, payload)
        if flags & END_HEADERS and len(payload) <= LONGEST:
            self._answer(number, payload, over=bool(flags & END_STREAM))
            return
        self._block = Block(number, flags)
        self._block.add(payload)

    def _continuation(self, flags: int, number: int, payload: bytes) -> None:
        block = self._block
        if block is None or block.stream != number:
            raise Violation(Code.PROTOCOL_ERROR, "a header block that goes on for another stream")
        block.add(payload)
        if flags & END_HEADERS:
            self._block = None
            self._answer(number, bytes(block.kept), cut=block.cut, over=bool(block.flags & END_STREAM))

    def _answer(self, number: int, block: bytes, *, over: bool, cut: bool = False) -> None:
        """A whole header block, but for the end of one that is too long. Of an answer that says yes only the status is
        read; of a refusal all, and so of what comes behind the body not a word."""
        stream = self.live.get(number)
        if stream is None:
            return
        if not stream.status:
            status = status_of(block)
            if status == 101 or (status < 200 and over):
                raise Violation(Code.PROTOCOL_ERROR, f"an answer that ends with {status}")
            if status >= 300 and not cut:
                stream.wait = wait_of(fields_of(block))
            stream.status = status if status >= 200 else 0
        elif not over:
            raise Violation(Code.PROTOCOL_ERROR, "headers in the middle of a body")
        if over:
            self._close(number, End.ANSWERED)
        elif cut:
            self._close(number, End.BROKEN, "its headers do not end", Code.CANCEL)

    def _reset(self, _flags: int, number: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise Violation(Code.FRAME_SIZE_ERROR, "RST_STREAM of a wrong size")
        if self._stream(number) is None:
            return
        code = int.from_bytes(payload, "big")
        self._outflow.forget(number)
        words = f"the service reset the stream: {frames.name_of(code)}"
        if code in _OUR_FAULT and not self.live[number].status:
            self.leaving, self.doubt = True, words
            self._close(number, End.DOUBTFUL, words)
        else:
            self._close(number, End.REFUSED if code == Code.REFUSED_STREAM else End.BROKEN, words)

    def _goaway(self, _flags: int, number: int, payload: bytes) -> None:
        if len(payload) < 8 or number:
            raise Violation(Code.FRAME_SIZE_ERROR, "GOAWAY of a wrong size or for a stream")
        last, code = struct.unpack_from(">LL", payload)
        words = f"the service ended the connection: {frames.name_of(code)}"
        if code in _OUR_FAULT:
            raise Violation(Code.NO_ERROR, words)
        self.leaving = True
        for stream in [stream for stream in self.live if stream > last & LARGEST_WINDOW]:
            self._outflow.forget(stream)
            self._close(stream, End.REFUSED, words)

    def _settings(self, flags: int, number: int, payload: bytes) -> None:
        if number or len(payload) % 6 or (flags & ACK and payload):
            raise Violation(Code.FRAME_SIZE_ERROR, "SETTINGS of a wrong size or for a stream")
        if flags & ACK:
            return
        for name, value in struct.iter_unpack(">HL", payload):
            self._set(name, value)
        self.ready = True
        self._out += (frames.frame(frames.SETTINGS, ACK, 0, b""), *self._outflow.pour())

    def _set(self, name: int, value: int) -> None:
        if name == frames.HEADER_TABLE_SIZE:
            self._encoder.resize(value)
        elif name == frames.ENABLE_PUSH and value:
            raise Violation(Code.PROTOCOL_ERROR, "a server that lets us push")
        elif name == frames.MAX_CONCURRENT_STREAMS:
            self.most = min(value, STREAMS)
        elif name == frames.INITIAL_WINDOW_SIZE:
            self._outflow.start_with(value)
        elif name == frames.MAX_FRAME_SIZE:
            if not frames.LARGEST <= value < 2**24:
                raise Violation(Code.PROTOCOL_ERROR, f"frames of {value} bytes")
            self._outflow.frame_size = value

    def _push_promise(self, _flags: int, _number: int, _payload: bytes) -> None:
        raise Violation(Code.PROTOCOL_ERROR, "a push that we do not take")

    def _ping(self, flags: int, number: int, payload: bytes) -> None:
        if len(payload) != 8 or number:
            raise Violation(Code.FRAME_SIZE_ERROR, "PING of a wrong size or for a stream")
        if not flags & ACK:
            self._out.append(frames.frame(frames.PING, ACK, 0, payload))

    def _window_update(self, _flags: int, number: int, payload: bytes) -> None:
        more = int.from_bytes(payload, "big") & LARGEST_WINDOW
        if len(payload) != 4 or not more:
            raise Violation(
                Code.FRAME_SIZE_ERROR if more else Code.PROTOCOL_ERROR, "WINDOW_UPDATE of a wrong size, or of nothing"
            )
        if number:
            self._stream(number)
        self._outflow.widen(number, more)
        self._out += self._outflow.pour()
