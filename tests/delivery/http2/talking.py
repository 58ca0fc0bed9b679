"""A conversation without a network: our side of HTTP/2, and a test that plays the push service by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import hpack

from plugin.delivery.http2 import frames
from plugin.delivery.http2.connection import Connection
from plugin.delivery.http2.frames import ACK, END_HEADERS, END_STREAM, HEADERS, frame
from plugin.delivery.http2.stream import End, Stream

HEADERS_ALIKE = ("Authorization: vapid t=abc,k=def", "TTL: 60", "Content-Encoding: aes128gcm")


def block(status: int, *fields: tuple[str, str], huffman: bool = False) -> bytes:
    """An answer's header block by the `hpack` package, without a table."""
    encoder = hpack.Encoder()
    encoder.header_table_size = 0
    return encoder.encode([(":status", str(status)), *fields], huffman=huffman)


def answer(stream: int, status: int = 201, *fields: tuple[str, str], flags: int = END_HEADERS | END_STREAM) -> bytes:
    """A whole answer in one frame."""
    return frame(HEADERS, flags, stream, block(status, *fields))


@dataclass
class Talk:
    """`us` has had the service's first words and sent its own; the first stream is 1, the second 3."""

    settings: dict[int, int] = field(default_factory=dict)
    us: Connection = field(default_factory=lambda: Connection("push.example.com"))
    done: list[Stream] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.us.receive(frames.settings(self.settings) + frame(frames.SETTINGS, ACK, 0, b""))
        self.us.outgoing()

    def ask(self, count: int = 1, body: bytes = b"body") -> None:
        """Requests number 0, 1, 2… by streams 1, 3, 5…"""
        for number in range(count):
            self.us.begin(Stream(number, 10.0), b"/%d" % number, HEADERS_ALIKE, (f"Topic: t{number}",), body)

    def hear(self, *said: bytes) -> list[Stream]:
        """What has ended by what the service said."""
        self.us.receive(b"".join(said))
        ended = self.us.ended()
        self.done += ended
        return ended

    def said(self) -> list[frames.Frame]:
        """The frames that we sent since the last time, without our preface."""
        return list(frames.Reader(2**24).read(self.us.outgoing().removeprefix(frames.PREFACE)))

    def doubted(self, *said: bytes) -> bool:
        """Whether the service is not understood after it said this; then what was under way is libcurl's."""
        ended = self.hear(*said)
        assert all(stream.end in (End.DOUBTFUL, End.ANSWERED) for stream in ended)
        if self.us.doubt is not None:
            assert not self.us.live
        return self.us.doubt is not None


def asked(count: int = 1, body: bytes = b"body", **settings: int) -> Talk:
    """`count` requests are under way; `settings` of the service by their names in `frames`."""
    talk = Talk({getattr(frames, name): value for name, value in settings.items()})
    talk.ask(count, body)
    return talk
