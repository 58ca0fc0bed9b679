"""What we send, read by others: the `hpack` package decodes our headers, the `h2` package knows what is forbidden."""

from __future__ import annotations

from collections.abc import Iterator

import h2.config
import h2.connection
import h2.events
import hpack
import hypothesis
import pytest
from h2.settings import SettingCodes
from hypothesis import given
from hypothesis import strategies as st

from plugin.delivery.http2 import frames
from plugin.delivery.http2.connection import Connection
from plugin.delivery.http2.headers import TABLE, Encoder, fields_of, integer
from plugin.delivery.http2.stream import Stream

values = st.text("abcXYZ-_.=09", max_size=300)
alike = st.tuples(
    st.sampled_from(["Authorization: vapid t=", "authorization: vapid t="]),
    values,
    st.sampled_from(["TTL: 60", "TTL: 86400"]),
    st.sampled_from(["Urgency: high", "X-Empty: "]),
).map(lambda parts: (parts[0] + parts[1], parts[2], parts[3]))


def expected(authority: str, path: str, headers: tuple[str, ...], topic: str, size: int) -> list[tuple[str, str]]:
    lines = ["User-Agent: Beckon", "Accept: */*", *headers, f"Topic: {topic}", f"content-length: {size}"]
    fields = [(name.lower(), value) for name, value in (line.split(": ", 1) for line in lines)]
    return [(":method", "POST"), (":scheme", "https"), (":authority", authority), (":path", path), *fields]


@hypothesis.settings(max_examples=50)
@given(st.data())
def test_whatever_the_table_s_size_the_peer_reads_what_we_meant(data: st.DataObject) -> None:
    """Shops come and go, the table overflows, and the peer changes its size in between."""
    shops = data.draw(st.lists(alike, min_size=1, max_size=20))
    steps = data.draw(st.lists(st.one_of(st.integers(0, 9_000), st.sampled_from(shops)), max_size=30))
    encoder, decoder = Encoder("push.example.com:8443"), hpack.Decoder()
    for number, step in enumerate(steps):
        if isinstance(step, int):
            encoder.resize(step)
            decoder.max_allowed_table_size = step
            continue
        path = "/" + "p" * (number * 40)
        block = encoder.block(path.encode(), step, (f"Topic: {number}",), number)

        assert decoder.decode(block) == expected("push.example.com:8443", path, step, str(number), number)
        assert decoder.header_table_size <= TABLE


def test_what_requests_have_alike_is_a_byte_each_from_the_second_one_on() -> None:
    encoder = Encoder("fcm.googleapis.com")
    headers = ("Authorization: vapid t=" + "x" * 300, "TTL: 60", "Urgency: normal", "Content-Encoding: aes128gcm")
    first, second, other, again = (
        encoder.block(b"/x", lines, (), 300) for lines in (headers, headers, ("TTL: 5",), headers)
    )

    assert len(first) > 380
    assert len(second) == len(again) == 19  # of which the path takes four, the length six
    assert len(other) < 30


@pytest.mark.parametrize("value", [0, 9, 30, 31, 126, 127, 254, 1_337, 100_000])
def test_whole_numbers_are_hpack_s(value: int) -> None:
    for bits in (4, 5, 6, 7):
        assert integer(value, bits) == bytes(hpack.hpack.encode_integer(value, bits))


def test_the_rfc_s_own_answers_are_read() -> None:
    """RFC 7541, C.5.1 and C.6.1, without and with Huffman's code."""
    plain = "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e17"
    plain += "68747470733a2f2f7777772e6578616d706c652e636f6d"
    huffman = (
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"
    )

    read = [fields_of(bytes.fromhex(text)) for text in (plain, huffman)]

    assert read[0] == read[1]
    assert read[0][0] == (b":status", b"302")
    assert read[0][-1] == (b"location", b"https://www.example.com")


def one_by_one(out: bytes) -> Iterator[bytes]:
    """Our frames: `h2` would hold one against us whose size it allowed in the same breath."""
    if out.startswith(frames.PREFACE):
        yield frames.PREFACE
    for kind, flags, stream, payload in frames.Reader(2**24).read(out.removeprefix(frames.PREFACE)):
        yield frames.frame(kind, flags, stream, payload)


def answered(peer: h2.connection.H2Connection, piece: bytes, taken: dict[int, bytes]) -> None:
    """What a server does: a request that is whole has its answer."""
    for event in peer.receive_data(piece):
        if isinstance(event, h2.events.DataReceived):
            taken[event.stream_id] = taken.get(event.stream_id, b"") + event.data
            peer.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            peer.send_headers(event.stream_id, [(":status", "201"), ("location", "/x")], end_stream=True)


peers = st.fixed_dictionaries(
    {},
    optional={
        SettingCodes.HEADER_TABLE_SIZE: st.sampled_from([0, 40, 200, 4_096, 65_536]),
        SettingCodes.INITIAL_WINDOW_SIZE: st.sampled_from([0, 300, 65_535, 2**20]),
        SettingCodes.MAX_FRAME_SIZE: st.sampled_from([16_384, 20_000, 2**24 - 1]),
        SettingCodes.MAX_CONCURRENT_STREAMS: st.sampled_from([1, 3, 100, 1_000]),
    },
)


@hypothesis.settings(deadline=None, max_examples=30)
@given(
    first=peers,
    later=peers,
    bodies=st.lists(st.integers(0, 5_000).map(lambda size: b"x" * size), min_size=1, max_size=12),
    path=st.sampled_from([1, 100, 20_000]).map(lambda size: "/" + "p" * size),
)
def test_a_peer_that_knows_the_letter_finds_nothing_forbidden(
    first: dict[SettingCodes, int], later: dict[SettingCodes, int], bodies: list[bytes], path: str
) -> None:
    """Its settings change after the first request; it answers each request when it has its body."""
    peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    peer.initiate_connection()
    if first:
        peer.update_settings(first)
    us = Connection("push.example.com")
    waiting, taken, status = list(enumerate(bodies)), dict[int, bytes](), dict[int, int]()
    for turn in range(1_000):
        us.receive(peer.data_to_send())
        status |= {stream.number: stream.status for stream in us.ended()}
        while waiting and us.room:
            number, body = waiting.pop(0)
            us.begin(Stream(number, 0.0), path.encode(), ("TTL: 60",), (f"Topic: {number}",), body)
        for piece in one_by_one(us.outgoing()):
            answered(peer, piece, taken)
        if turn == 3 and later:
            peer.update_settings(later)
        if turn > 3 and 0 in (first.get(SettingCodes.INITIAL_WINDOW_SIZE), later.get(SettingCodes.INITIAL_WINDOW_SIZE)):
            peer.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 30})
        if len(status) == len(bodies):
            break

    assert us.doubt is None
    assert set(status.values()) == {201}
    assert [taken.get(1 + 2 * number, b"") for number in range(len(bodies))] == bodies
