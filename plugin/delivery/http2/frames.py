"""HTTP/2's frames (RFC 9113, sections 4, 6 and 7): nine bytes of head, then the payload."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LARGEST: Final = 16_384
"""Bytes of a frame's payload that we take: the least that HTTP/2 allows, and we never announced more."""
LARGEST_WINDOW: Final = 2**31 - 1
"""Of windows and of streams' numbers, too."""

DATA: Final = 0
HEADERS: Final = 1
PRIORITY: Final = 2
RST_STREAM: Final = 3
SETTINGS: Final = 4
PUSH_PROMISE: Final = 5
PING: Final = 6
GOAWAY: Final = 7
WINDOW_UPDATE: Final = 8
CONTINUATION: Final = 9

END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
WITH_PRIORITY: Final = 0x20

HEADER_TABLE_SIZE: Final = 1
ENABLE_PUSH: Final = 2
MAX_CONCURRENT_STREAMS: Final = 3
INITIAL_WINDOW_SIZE: Final = 4
MAX_FRAME_SIZE: Final = 5
MAX_HEADER_LIST_SIZE: Final = 6


class Code(IntEnum):
    """Why a stream or a connection ends (section 7)."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


def name_of(code: int) -> str:
    """For people; codes that nobody has defined are a number."""
    try:
        return Code(code).name
    except ValueError:
        return str(code)


class Violation(Exception):
    """The peer did what HTTP/2 forbids: the connection cannot go on."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words)
        self.code = code


Frame = tuple[int, int, int, bytes]
"""Type, flags, stream, payload."""

_HEAD = struct.Struct(">HBBBL")
"""The length's upper 16 and lower 8 bits, type, flags, stream."""


def head(size: int, kind: int, flags: int, stream: int) -> bytes:
    """What stands before `size` bytes of payload."""
    return _HEAD.pack(size >> 8, size & 0xFF, kind, flags, stream)


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A whole frame."""
    return head(len(payload), kind, flags, stream) + payload


def header_block(stream: int, block: bytes, most: int) -> list[bytes]:
    """A header block in frames of `most` bytes; the first is HEADERS, others go on."""
    if len(block) <= most:
        return [head(len(block), HEADERS, END_HEADERS, stream), block]
    starts = range(0, len(block), most)
    return [
        frame(
            CONTINUATION if start else HEADERS,
            END_HEADERS if start == starts[-1] else 0,
            stream,
            block[start : start + most],
        )
        for start in starts
    ]


def settings(values: dict[int, int]) -> bytes:
    """A SETTINGS frame."""
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HL", *value) for value in values.items()))


def window_update(stream: int, more: int) -> bytes:
    """Lets the peer send `more` bytes."""
    return frame(WINDOW_UPDATE, 0, stream, more.to_bytes(4, "big"))


def reset(stream: int, code: Code) -> bytes:
    """Ends a stream."""
    return frame(RST_STREAM, 0, stream, code.to_bytes(4, "big"))


def goaway(code: Code) -> bytes:
    """Ends the connection; no stream of the peer's was ever looked at, since it may not open any."""
    return frame(GOAWAY, 0, 0, bytes(4) + code.to_bytes(4, "big"))


class Reader:
    """Bytes as they come → frames. However the bytes are cut, the frames are the same."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._rest = b""

    def read(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole with `data`. Raises Violation, after those that stood before it."""
        if self._rest:
            data = self._rest + data
        start, body, end, head_of = 0, 9, len(data), _HEAD.unpack_from
        while body <= end:
            high, low, kind, flags, stream = head_of(data, start)
            size = high << 8 | low
            if size > self._largest:
                raise Violation(Code.FRAME_SIZE_ERROR, f"a frame of {size} bytes")
            after = body + size
            if after > end:
                break
            yield kind, flags, stream & LARGEST_WINDOW, data[body:after]
            start, body = after, after + 9
        self._rest = data[start:]


def unpadded(kind: int, flags: int, payload: bytes) -> bytes:
    """What is inside a DATA or HEADERS frame, without padding and priority. Raises Violation."""
    start, end = 0, len(payload)
    if flags & PADDED:
        if not payload:
            raise Violation(Code.FRAME_SIZE_ERROR, "a padded frame without the padding's length")
        start, end = 1, end - payload[0]
    if kind == HEADERS and flags & WITH_PRIORITY:
        start += 5
    if start > end:
        raise Violation(Code.PROTOCOL_ERROR, "more padding than frame")
    return payload[start:end]
