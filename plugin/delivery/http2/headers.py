"""Header blocks (HPACK, RFC 7541): those of requests that are nearly alike, and what matters of an answer's.

We announce a table of 0 bytes for answers, so each of their blocks can be read, or passed over, by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import hpack

from plugin.base.clock import now

from .frames import Code, Violation

TABLE = 4_096
"""Bytes of the table that we let a peer keep for us, at most: HTTP/2's usual ones, and room for a dozen shops."""
LARGEST_LIST = 16_384
"""Bytes of an answer's fields, counted as HPACK does: 32 more for each than it has. Of more only the status counts;
decoding them would cost more than anything they could tell."""
LONGEST = 65_536
"""Bytes of an answer's header block, compressed, that we keep; of a longer one only the status is read."""
LONGEST_WAIT = 21_600
"""Seconds that a service may ask us to wait for; libcurl's limit, too."""

_STATIC = {
    ":authority": 1,
    "accept": 19,
    "authorization": 23,
    "content-encoding": 26,
    "content-type": 31,
    "user-agent": 58,
}
"""Names that HPACK knows by number, of those that we send."""
_FIRST = 62
"""The newest entry of the table has this number; older ones count on."""
LENGTHS = 4_096
"""Sizes of bodies whose header is remembered: all that a push can have."""
_ALWAYS = ("User-Agent: Beckon", "Accept: */*")
_POST_HTTPS = b"\x83\x87"
_PATH = b"\x04"
"""What stands before a path that is not entered."""


def integer(value: int, bits: int, first: int = 0) -> bytes:
    """HPACK's whole numbers: in the lower `bits` of a byte whose upper ones are `first`, if it fits."""
    most = (1 << bits) - 1
    if value < most:
        return bytes((first | value,))
    out, value = bytearray((first | most,)), value - most
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


_SIZES = tuple(integer(size, 7) for size in range(1_024))
"""Lengths of texts, made once."""


def _size_of(value: bytes) -> bytes:
    size = len(value)
    return _SIZES[size] if size < 1_024 else integer(size, 7)


def text(value: bytes) -> bytes:
    """A text with its length, as it is: what we send is mostly random and would not become shorter."""
    return _size_of(value) + value


class Encoder:
    """One connection's requests. What they have alike goes into the peer's table once; then it is a byte each."""

    def __init__(self, authority: str) -> None:
        self._authority = f":authority: {authority}"
        self._size = TABLE
        self._used = 0
        self._table: dict[str, int] = {}
        """Header line → how many were entered before it; the oldest first."""
        self._entered = 0
        self._alike: dict[tuple[str, ...], tuple[bytes, bytes]] = {}
        """Headers → what stands before the path and after it, while all of it is in the table."""
        self._to_tell: list[int] = []
        """New sizes of the table, which the next block must begin with."""

    def resize(self, size: int) -> None:
        """The peer allows `size` bytes."""
        size = min(size, TABLE)
        if size == self._size and not self._to_tell:
            return
        smallest = min(size, *self._to_tell) if self._to_tell else size
        self._to_tell = [smallest, size] if smallest < size else [size]
        self._size = size
        self._evict(0)
        self._alike.clear()

    def block(self, path: bytes, headers: tuple[str, ...], own: Iterable[str], size: int) -> bytes:
        """A POST to `path` with a body of `size` bytes."""
        before, after = self._alike.get(headers) or self._learn(headers)
        return b"".join((before, _size_of(path), path, after, *map(_unindexed, own), _length(size)))

    def _learn(self, headers: tuple[str, ...]) -> tuple[bytes, bytes]:
        entered = self._entered
        sizes = b"".join(integer(size, 5, 0x20) for size in self._to_tell)
        before = sizes + _POST_HTTPS + self._field(self._authority) + _PATH
        after = b"".join(self._field(line) for line in (*_ALWAYS, *headers))
        if self._entered != entered:
            self._alike.clear()
        elif not self._to_tell and len(self._alike) < 256:
            self._alike[headers] = before, after
        self._to_tell = []
        return before, after

    def _field(self, line: str) -> bytes:
        """By number if the table has it; otherwise written out, and entered if there is room for it at all."""
        place = self._table.get(line)
        if place is not None:
            return integer(_FIRST + self._entered - 1 - place, 7, 0x80)
        name, value = parted(line)
        size = len(name) + len(value) + 32
        if size > self._size:
            return _named(name, 4, 0) + text(value)
        self._evict(size)
        self._table[line] = self._entered
        self._entered += 1
        self._used += size
        return _named(name, 6, 0x40) + text(value)

    def _evict(self, needed: int) -> None:
        while self._used + needed > self._size:
            oldest = next(iter(self._table))
            del self._table[oldest]
            self._used -= sum(map(len, parted(oldest))) + 32


def parted(line: str) -> tuple[bytes, bytes]:
    """`Name: value` → the name, in lower case as HTTP/2 wants it, and the value."""
    colon = line.index(":", 1)
    return line[:colon].lower().encode(), line[colon + 1 :].strip().encode()


def _named(name: bytes, bits: int, first: int) -> bytes:
    number = _STATIC.get(name.decode())
    return integer(number, bits, first) if number else bytes((first,)) + text(name)


def _unindexed(line: str) -> bytes:
    """A line that will not come again, but whose name will."""
    name, _, rest = line.partition(":")
    value = rest.strip().encode()
    return _unindexed_name(name) + _size_of(value) + value


@functools.lru_cache(maxsize=64)
def _unindexed_name(name: str) -> bytes:
    return b"\0" + text(name.lower().encode())


@functools.lru_cache(maxsize=LENGTHS)
def _length(size: int) -> bytes:
    """Content-Length, which is not entered."""
    return b"\x0f\x0d" + text(b"%d" % size)


@dataclass(slots=True)
class Block:
    """An answer's header block that comes in pieces."""

    stream: int
    flags: int
    """Of the HEADERS frame."""
    kept: bytearray = field(default_factory=bytearray)
    cut: bool = False
    """It was too long."""

    def add(self, piece: bytes) -> None:
        """One piece more."""
        room = LONGEST - len(self.kept)
        self.kept += piece[:room]
        self.cut = self.cut or len(piece) > room


_AS_NUMBER = frozenset(bytes((number,)) for number in range(0x88, 0x8F))
"""First bytes of the statuses that HPACK knows by number."""
_AS_TEXT = frozenset(bytes((kind | number,)) for kind in (0x00, 0x10, 0x40) for number in range(8, 15))
"""First bytes of others, whose name it knows."""


def status_of(block: bytes) -> int:
    """The status, which stands first, also in a block whose end is missing. Raises Violation."""
    block = block.lstrip(b"\x20")  # "my table has 0 bytes", as it must
    first = block[:1]
    if first in _AS_NUMBER:
        return _status_in(first)
    if first in _AS_TEXT:
        return _status_in(block[: 2 + (ord(block[1:2] or b"\0") & 0x7F)])
    return _status_in(block)


@functools.lru_cache(maxsize=1_024)
def _status_in(block: bytes) -> int:
    for name, value in fields_of(block):
        if name == b":status" and len(value) == 3 and value.isdigit() and value >= b"100":
            return int(value)
    raise Violation(Code.PROTOCOL_ERROR, "an answer without a status")


def fields_of(block: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values; none if there are too many. Raises Violation."""
    decoder = hpack.Decoder(max_header_list_size=LARGEST_LIST)
    decoder.max_allowed_table_size = decoder.header_table_size = 0
    try:
        return [(bytes(name), bytes(value)) for name, value in decoder.decode(block, raw=True)]
    except hpack.OversizedHeaderListError:
        return []
    except hpack.HPACKError as error:
        raise Violation(Code.COMPRESSION_ERROR, str(error)) from error


def wait_of(fields: Iterable[tuple[bytes, bytes]]) -> float:
    """Seconds that Retry-After asks for, given as such or as a date; 0 where it does not, or not intelligibly."""
    value = next((value for name, value in fields if name == b"retry-after"), b"").decode("ascii", "replace").strip()
    if value.isdecimal():
        return min(int(value[:12]), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(value) - now()).total_seconds()
    except (ValueError, TypeError):
        return 0
    return min(max(0, seconds), LONGEST_WAIT)
