"""One HTTP/2 connection against whatever a push service may say, by the byte (RFC 9113)."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.base import clock
from plugin.delivery.http2 import frames
from plugin.delivery.http2.connection import LONGEST_ANSWER, Connection
from plugin.delivery.http2.frames import ACK, END_HEADERS, END_STREAM, PADDED, WITH_PRIORITY, Code, frame
from plugin.delivery.http2.headers import LONGEST
from plugin.delivery.http2.stream import End, Stream
from tests.delivery.http2.talking import HEADERS_ALIKE, Talk, answer, asked, block

STATUSES = [200, 201, 202, 204, 304, 307, 400, 403, 404, 410, 413, 429, 500, 502, 503, 599]


def stream_of(talk: Talk, *said: bytes) -> Stream:
    (stream,) = talk.hear(*said)
    return stream


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    "first", [b"", b"\x08", b"\x18", b"\x48", b"\x4e"], ids=["best", "plain", "never", "kept", "500's"]
)
def test_every_status_is_read_however_it_is_written(status: int, first: bytes) -> None:
    digits = str(status).encode()
    written = first + b"\x03" + digits if first else block(status, huffman=True)

    stream = stream_of(asked(), frame(frames.HEADERS, END_HEADERS | END_STREAM, 1, b"\x20" + written))

    assert (stream.status, stream.end) == (status, End.ANSWERED)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_and_as_a_date(status: int) -> None:
    soon = format_datetime(clock.now() + timedelta(minutes=5), usegmt=True)
    waits = [
        stream_of(asked(), answer(1, status, ("retry-after", said))).wait
        for said in ("120", soon, "later", "-5", "9" * 400, "Wed, 21 Oct 2015 07:28:00 GMT")
    ]

    assert waits[0] == 120
    assert 290 < waits[1] <= 300
    assert waits[2:] == [0, 0, 21_600, 0]


def test_a_refusal_s_words_are_kept_as_far_as_we_read() -> None:
    talk = asked(2)
    talk.hear(answer(1, 400, flags=END_HEADERS), answer(3, 400, flags=END_HEADERS))
    talk.said()

    short, long = talk.hear(
        frame(frames.DATA, 0, 1, b"bad "),
        frame(frames.DATA, END_STREAM, 1, b"token"),
        frame(frames.DATA, 0, 3, b"y" * LONGEST_ANSWER),
    )

    assert (short.body, short.end) == (b"bad token", End.ANSWERED)
    assert (long.body, long.end) == (b"y" * LONGEST_ANSWER, End.ANSWERED)
    assert talk.said() == [(frames.RST_STREAM, 0, 3, Code.CANCEL.to_bytes(4, "big"))]


def test_hints_before_an_answer_are_not_the_answer() -> None:
    early = frame(frames.HEADERS, END_HEADERS, 1, block(103, ("link", "</x>")))

    assert stream_of(asked(), early, early, answer(1, 410)).status == 410


def test_what_comes_behind_a_body_changes_nothing() -> None:
    end = frame(frames.HEADERS, END_HEADERS | END_STREAM, 1, b"\x00\x05x-sum\x01y")

    assert stream_of(asked(), answer(1, 201, flags=END_HEADERS), frame(frames.DATA, 0, 1, b"ok"), end).status == 201


def test_padding_and_priorities_are_passed_over() -> None:
    headers = b"\x07" + b"\x80\0\0\0\x10" + block(404) + bytes(7)
    body = b"\x03gone" + bytes(3)

    stream = stream_of(
        asked(),
        frame(frames.HEADERS, END_HEADERS | PADDED | WITH_PRIORITY, 1, headers),
        frame(frames.DATA, END_STREAM | PADDED, 1, body),
    )

    assert (stream.status, stream.body) == (404, b"gone")


def test_padding_alone_fills_an_answer_too() -> None:
    """A body of nothing but padding would otherwise come until the time is over."""
    talk = asked()
    talk.hear(answer(1, 400, flags=END_HEADERS))
    padded = frame(frames.DATA, PADDED, 1, b"\xff" + bytes(255))

    assert stream_of(talk, padded * 20).end is End.ANSWERED


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_header_block_may_come_in_any_pieces(cut: int) -> None:
    whole = block(429, ("retry-after", "30"), ("x-words", "wait"))
    pieces = [whole[start : start + cut] for start in range(0, len(whole), cut)]

    stream = stream_of(
        asked(),
        frame(frames.HEADERS, END_STREAM, 1, pieces[0]),
        *(frame(frames.CONTINUATION, 0, 1, piece) for piece in pieces[1:]),
        frame(frames.CONTINUATION, END_HEADERS, 1, b""),
    )

    assert (stream.status, stream.wait) == (429, 30)


def test_headers_without_end_are_one_message_s_and_their_status_counts() -> None:
    talk = asked(2)
    junk = b"\x00\x01x\x7f\x80\x01" + b"y" * 255
    more = [frame(frames.CONTINUATION, 0, 1, junk * 40)] * (LONGEST // 10_000 + 1)
    talk.hear(frame(frames.HEADERS, 0, 1, block(410)), *more)

    first, second = talk.hear(frame(frames.CONTINUATION, END_HEADERS, 1, junk), answer(3))

    assert (first.number, first.status, first.end) == (0, 410, End.ANSWERED)
    assert (second.number, second.status) == (1, 201)


@pytest.mark.parametrize("junk", [b"\x90", b"\x00\x01a\x01b"], ids=["by number", "written out"])
def test_thousands_of_small_headers_are_not_worth_reading(junk: bytes) -> None:
    """Decoding them would take longer than the service needs for saying them."""
    many = frame(frames.HEADERS, END_HEADERS | END_STREAM, 1, block(410) + junk * (16_000 // len(junk)))
    started = time.process_time()

    assert stream_of(asked(), many).status == 410
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("code", list(Code))
def test_a_stream_that_is_reset(code: Code) -> None:
    """What says that we are wrong is libcurl's; what says that nothing was done may be sent as if it never was."""
    ours = {Code.PROTOCOL_ERROR, Code.FLOW_CONTROL_ERROR, Code.STREAM_CLOSED, Code.FRAME_SIZE_ERROR}
    ours |= {Code.COMPRESSION_ERROR, Code.INADEQUATE_SECURITY, Code.HTTP_1_1_REQUIRED}
    talk = asked(2)

    reset = stream_of(talk, frames.reset(1, code))
    other = stream_of(talk, answer(3))

    expected = End.DOUBTFUL if code in ours else End.REFUSED if code is Code.REFUSED_STREAM else End.BROKEN
    assert (reset.end, other.end) == (expected, End.ANSWERED)
    assert (talk.us.doubt is not None) == (code in ours)
    assert code.name in reset.words


def test_a_reset_with_a_number_that_nobody_knows() -> None:
    assert stream_of(asked(), frame(frames.RST_STREAM, 0, 1, b"\0\0\xab\xcd")).end is End.BROKEN


def test_an_answer_that_has_come_counts_whatever_becomes_of_the_rest() -> None:
    for after in (frames.reset(1, Code.PROTOCOL_ERROR), frames.reset(1, Code.NO_ERROR), b"\xff" * 40):
        assert stream_of(asked(), answer(1, 410, flags=END_HEADERS), after).end is End.ANSWERED
    talk = asked()
    talk.hear(answer(1, 410, flags=END_HEADERS))
    talk.us.expire(11.0)
    assert [stream.end for stream in talk.us.ended()] == [End.ANSWERED]


def goaway(last: int, code: int = Code.NO_ERROR) -> bytes:
    return frame(frames.GOAWAY, 0, 0, last.to_bytes(4, "big") + code.to_bytes(4, "big") + b"words for people")


def test_goaway_gives_back_what_was_not_looked_at_and_lets_the_rest_go_on() -> None:
    talk = asked(3)

    refused = talk.hear(goaway(3))
    answered = talk.hear(answer(1), answer(3, 404))

    assert [(stream.number, stream.end) for stream in refused] == [(2, End.REFUSED)]
    assert [(stream.number, stream.status) for stream in answered] == [(0, 201), (1, 404)]
    assert talk.us.room == 0
    assert talk.us.doubt is None


def test_goaway_in_two_steps() -> None:
    """As RFC 9113 advises: first "no more", then from where on."""
    talk = asked(3)

    assert talk.hear(goaway(2**31 - 1)) == []
    assert talk.us.room == 0
    assert [stream.number for stream in talk.hear(goaway(1))] == [1, 2]


@pytest.mark.parametrize("code", [Code.PROTOCOL_ERROR, Code.COMPRESSION_ERROR, Code.HTTP_1_1_REQUIRED])
def test_goaway_because_of_us_is_libcurl_s(code: Code) -> None:
    talk = asked(2)

    assert [stream.end for stream in talk.hear(goaway(3, code))] == [End.DOUBTFUL] * 2
    assert talk.us.doubt is not None


def test_a_connection_that_breaks_ends_all_that_is_under_way() -> None:
    talk = asked(2)
    talk.us.lost("the service hung up")

    assert [(stream.end, stream.words) for stream in talk.us.ended()] == [(End.BROKEN, "the service hung up")] * 2


def test_what_is_late_ends_alone_and_the_service_is_told() -> None:
    talk = Talk()
    for number, deadline in enumerate([1.0, 2.0, 3.0]):
        talk.us.begin(Stream(number, deadline), b"/", HEADERS_ALIKE, (), b"")
    talk.said()

    assert talk.us.expire(2.0)
    assert [stream.end for stream in talk.us.ended()] == [End.LATE, End.LATE]
    assert [said[:3] for said in talk.said()] == [(frames.RST_STREAM, 0, 1), (frames.RST_STREAM, 0, 3)]
    assert stream_of(talk, answer(1), answer(3), answer(5)).number == 2


def test_pings_and_settings_are_answered() -> None:
    talk = Talk()
    talk.hear(*[frame(frames.PING, 0, 0, b"are you?"), frames.settings({frames.MAX_CONCURRENT_STREAMS: 7})] * 1_000)

    assert talk.said() == [(frames.PING, ACK, 0, b"are you?"), (frames.SETTINGS, ACK, 0, b"")] * 1_000
    assert talk.us.room == 7
    assert not talk.doubted(frame(frames.PING, ACK, 0, b"we never"))
    assert talk.said() == []


def test_nothing_is_asked_before_the_service_has_said_what_it_allows() -> None:
    us = Connection("push.example.com")
    assert us.room == 0
    us.receive(frames.settings({frames.MAX_CONCURRENT_STREAMS: 0}))
    assert us.room == 0
    us.receive(frames.settings({frames.MAX_CONCURRENT_STREAMS: 2**32 - 1}))
    assert us.room == 100


def test_frames_of_a_kind_that_nobody_knows_are_passed_over() -> None:
    unknown = frame(0xBE, 0xFF, 1, b"grease") + frame(frames.PRIORITY, 0, 1, bytes(5))

    assert stream_of(asked(ENABLE_PUSH=0), unknown, frames.settings({0x4A4A: 1}), answer(1)).status == 201


def sizes_sent(talk: Talk) -> list[tuple[int, int]]:
    """Of the bodies' frames: stream, size."""
    return [(stream, len(payload)) for kind, _, stream, payload in talk.said() if kind == frames.DATA]


def test_no_window_no_body_and_then_it_comes() -> None:
    talk = asked(2, b"x" * 10, INITIAL_WINDOW_SIZE=0)

    assert sizes_sent(talk) == []
    talk.hear(frames.window_update(3, 4))
    assert sizes_sent(talk) == [(3, 4)]
    talk.hear(frames.settings({frames.INITIAL_WINDOW_SIZE: 8}))
    assert sizes_sent(talk) == [(1, 8), (3, 6)]
    talk.hear(frames.window_update(1, 100))
    assert sizes_sent(talk) == [(1, 2)]


def test_a_window_may_be_below_zero() -> None:
    talk = asked(1, b"x" * 30, INITIAL_WINDOW_SIZE=20)
    assert sizes_sent(talk) == [(1, 20)]

    talk.hear(frames.settings({frames.INITIAL_WINDOW_SIZE: 5}))  # 15 below
    talk.hear(frames.window_update(1, 15))
    assert sizes_sent(talk) == []
    talk.hear(frames.window_update(1, 1))
    assert sizes_sent(talk) == [(1, 1)]


def test_the_connection_s_window_holds_for_all() -> None:
    talk = asked(17, b"x" * 4_000)
    assert sum(size for _, size in sizes_sent(talk)) == 65_535
    assert talk.us.room == 0

    talk.hear(frames.window_update(0, 10_000))
    assert sum(size for _, size in sizes_sent(talk)) == 17 * 4_000 - 65_535
    assert talk.us.room == 100 - 17


def test_frames_are_as_large_as_the_service_takes() -> None:
    large = {"MAX_FRAME_SIZE": 20_000, "INITIAL_WINDOW_SIZE": 50_000}

    assert sizes_sent(asked(1, b"x" * 30_000)) == [(1, 16_384), (1, 30_000 - 16_384)]
    assert sizes_sent(asked(1, b"x" * 30_000, **large)) == [(1, 20_000), (1, 10_000)]


def test_an_answer_before_the_whole_body_went_out_ends_it() -> None:
    talk = asked(1, b"x" * 100, INITIAL_WINDOW_SIZE=40)
    talk.said()

    assert stream_of(talk, answer(1, 413)).status == 413
    assert [said[:3] for said in talk.said()] == [(frames.RST_STREAM, 0, 1)]
    talk.hear(frames.window_update(1, 100))
    assert talk.said() == []


def test_what_was_read_is_given_back_to_the_service() -> None:
    talk = asked(100)
    talk.hear(*(answer(1 + 2 * number, 400, flags=END_HEADERS) for number in range(100)))
    talk.said()
    talk.hear(*(frame(frames.DATA, END_STREAM, 1 + 2 * number, b"x" * 6_000) for number in range(100)))

    (update,) = talk.said()
    assert update[0] == frames.WINDOW_UPDATE
    assert int.from_bytes(update[3], "big") > 2**19


FORBIDDEN = {
    "a frame larger than we allow": b"\x00\x40\x01" + bytes(6),
    "a body before its headers": frame(frames.DATA, 0, 1, b"x"),
    "an answer to nobody": answer(7),
    "a stream of the service's own": answer(2),
    "headers for the connection": answer(0),
    "a push": frame(frames.PUSH_PROMISE, END_HEADERS, 1, bytes(4)),
    "a header block that is interrupted": frame(frames.HEADERS, 0, 1, b"\x88") + frame(frames.PING, 0, 0, bytes(8)),
    "one that goes on for another": frame(frames.HEADERS, 0, 1, b"\x88") + frame(frames.CONTINUATION, 4, 3, b""),
    "one that goes on from nowhere": frame(frames.CONTINUATION, END_HEADERS, 1, b"\x88"),
    "more padding than frame": frame(frames.HEADERS, END_HEADERS | PADDED, 1, b"\x05\x88"),
    "padding without its length": frame(frames.HEADERS, END_HEADERS | PADDED, 1, b""),
    "no status": frame(frames.HEADERS, END_HEADERS, 1, b"\x00\x01a\x01b"),
    "no headers": frame(frames.HEADERS, END_HEADERS, 1, b""),
    "a status of letters": frame(frames.HEADERS, END_HEADERS, 1, b"\x08\x03abc"),
    "a status of four": frame(frames.HEADERS, END_HEADERS, 1, b"\x08\x042000"),
    "a status below 100": frame(frames.HEADERS, END_HEADERS, 1, b"\x08\x03099"),
    "a text that ends too early": frame(frames.HEADERS, END_HEADERS, 1, b"\x08\x7f"),
    "a table that we do not keep": frame(frames.HEADERS, END_HEADERS, 1, b"\x3f\x01" + block(410)),
    "an entry of that table": frame(frames.HEADERS, END_HEADERS, 1, block(410) + b"\xbe"),
    "a number without end": frame(frames.HEADERS, END_HEADERS, 1, block(410) + b"\xff" * 50),
    "101": answer(1, 101, flags=END_HEADERS),
    "an answer that ends with 100": answer(1, 100),
    "a ping of seven bytes": frame(frames.PING, 0, 0, bytes(7)),
    "a ping for a stream": frame(frames.PING, 0, 1, bytes(8)),
    "settings of seven bytes": frame(frames.SETTINGS, 0, 0, bytes(7)),
    "settings for a stream": frame(frames.SETTINGS, 0, 1, b""),
    "settings that say yes to something": frame(frames.SETTINGS, ACK, 0, bytes(6)),
    "a server that lets us push": frames.settings({frames.ENABLE_PUSH: 1}),
    "tiny frames": frames.settings({frames.MAX_FRAME_SIZE: 100}),
    "a window beyond all": frames.settings({frames.INITIAL_WINDOW_SIZE: 2**31}),
    "a window that grows beyond all": frames.window_update(0, 2**31 - 1),
    "a window that grows by nothing": frames.window_update(0, 0),
    "a window of three bytes": frame(frames.WINDOW_UPDATE, 0, 0, bytes(3)),
    "room for a stream that is not there": frames.window_update(9, 5),
    "a reset of nobody": frames.reset(9, Code.CANCEL),
    "a reset of three bytes": frame(frames.RST_STREAM, 0, 1, bytes(3)),
    "a goaway for a stream": frame(frames.GOAWAY, 0, 1, bytes(8)),
    "a goaway of seven bytes": frame(frames.GOAWAY, 0, 0, bytes(7)),
}  # fmt: skip


@pytest.mark.parametrize("said", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_http2_forbids_hands_over_to_libcurl(said: bytes) -> None:
    talk = asked(2)
    talk.said()

    assert talk.doubted(said)
    assert talk.us.room == 0
    assert talk.said()[-1][0] == frames.GOAWAY
    assert talk.hear(answer(1), answer(3)) == []


def test_headers_in_the_middle_of_a_body_are_forbidden_but_the_status_counts() -> None:
    talk = asked()

    assert talk.doubted(answer(1, 410, flags=END_HEADERS), frame(frames.HEADERS, END_HEADERS, 1, b"\x88"))
    assert talk.done[0].end is End.ANSWERED


def test_a_service_that_begins_with_anything_but_settings() -> None:
    for first in (frame(frames.PING, 0, 0, bytes(8)), frame(frames.SETTINGS, ACK, 0, b""), b"HTTP/1.1 400 Bad Request"):
        us = Connection("push.example.com")
        us.receive(first)
        assert us.doubt is not None


def test_more_body_than_we_have_room_for_is_forbidden() -> None:
    talk = asked(100)
    flood = frame(frames.DATA, 0, 1, bytes(16_384))
    talk.hear(*(answer(1 + 2 * number, 400, flags=END_HEADERS) for number in range(100)))

    for _ in range(32):  # 2**19 bytes: the first half of the room is given back
        talk.hear(flood)
    assert talk.us.doubt is None


frame_like = st.builds(
    frame,
    st.sampled_from([*range(10), 0xBE]),
    st.sampled_from([0, 1, 4, 5, 8, 0xD, 0x24, 0x2D, 0xFF]),
    st.sampled_from([0, 1, 2, 3, 5, 9]),
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"\x88", b"\x89", block(410), block(503, ("retry-after", "7"), huffman=True), bytes(4), b"\0\0\0\x07"]
        ),
    ),
)
sane = st.sampled_from(
    [
        answer(1), answer(3, 410), answer(5, 400, flags=END_HEADERS), frame(frames.DATA, END_STREAM, 5, b"bad"),
        frames.window_update(0, 50), frames.window_update(5, 70), frames.settings({frames.INITIAL_WINDOW_SIZE: 30}),
        frames.reset(3, Code.REFUSED_STREAM), goaway(3), frame(frames.PING, 0, 0, b"12345678"),
        frame(frames.HEADERS, END_STREAM, 1, b"\x8d") + frame(frames.CONTINUATION, END_HEADERS, 1, b"\x90"),
    ]
)  # fmt: skip
spoken = st.lists(st.one_of(sane, sane, frame_like, st.binary(max_size=30)), max_size=25).map(b"".join)


def heard(said: list[bytes]) -> tuple[list[Stream], bytes, str | None]:
    talk = asked(3, b"x" * 100, INITIAL_WINDOW_SIZE=40)
    out = b""
    for piece in said:
        talk.hear(piece)
        out += talk.us.outgoing()
    out += talk.us.outgoing()
    talk.us.lost("over")
    talk.hear()
    return talk.done, out, talk.us.doubt


@given(said=spoken, cuts=st.lists(st.integers(0, 1_000), max_size=20))
def test_however_the_bytes_are_cut_the_replies_are_the_same(said: bytes, cuts: list[int]) -> None:
    """And whatever is said, each request ends once, and nothing but a doubt comes of it."""
    ends = sorted({min(cut, len(said)) for cut in cuts} | {0, len(said)})
    pieces = [said[start:end] for start, end in itertools.pairwise(ends)]

    whole = heard([said])

    assert heard(pieces) == whole
    assert sorted(stream.number for stream in whole[0]) == [0, 1, 2]
    assert heard([said[place : place + 1] for place in range(len(said))]) == whole
