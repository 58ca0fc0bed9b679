"""Encryption by each engine, held against the RFC's own example and the reference implementation, both ways."""

from __future__ import annotations

import base64
import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pywebpush import WebPusher

from plugin.base.errors import BeckonError, Unreadable
from plugin.delivery.agree import Engine
from plugin.delivery.crypto_mb import FIELD
from plugin.delivery.encrypt import LONGEST, Message, TooLong, encrypt_all
from tests.delivery.engines import LEAN, eight
from tests.delivery.services import Browser, point_of

ANN, BOB = Browser(), Browser()
EXAMPLE = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)
"""The receiver's keys in RFC 8291, appendix A."""


@pytest.mark.parametrize("places", [1, 2, 8, 11])
def test_the_example_of_rfc_8291(engine: Engine, places: int) -> None:
    """Appendix A, in every place of a batch."""
    point, secret = (unb64(text) for text in EXAMPLE)
    sealed = encrypt_all(
        [(point, secret, b"When I grow up, I want to be a watermelon")] * places,
        engine,
        keys=[int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")] * places,
        salts=[unb64("DGv6ra1nlYgDCS1FRnbzlw")] * places,
    )

    assert (
        sealed
        == [
            unb64(
                "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
                "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
            )
        ]
        * places
    )


@pytest.mark.parametrize("size", [0, 1, 300, LONGEST])
def test_the_reference_reads_what_we_write(engine: Engine, size: int) -> None:
    words = os.urandom(size)

    for sealed in encrypt_all([(ANN.p256dh, ANN.auth, words)] * 3, engine):
        assert isinstance(sealed, bytes)
        assert http_ece.decrypt(sealed, private_key=ANN.private, auth_secret=ANN.auth, version="aes128gcm") == words
        assert decrypted(ANN, sealed) == words


def test_what_the_reference_writes_is_read_alike() -> None:
    keys = {"p256dh": b64(ANN.p256dh), "auth": b64(ANN.auth)}

    sealed = WebPusher({"endpoint": "https://push.test/x", "keys": keys}).encode(b"Hello Ann", "aes128gcm")["body"]

    assert decrypted(ANN, sealed) == b"Hello Ann"


def test_the_longest_message_fills_exactly_what_services_take(engine: Engine) -> None:
    fits, does_not = encrypt_all([(ANN.p256dh, ANN.auth, b"x" * size) for size in (LONGEST, LONGEST + 1)], engine)

    assert isinstance(fits, bytes)
    assert len(fits) == 4_096
    assert "3,994 bytes" in str(does_not)


def small_point() -> tuple[int, int]:
    """The point of the curve with the smallest x; x + p fits into 32 bytes as well."""
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    for x in range(100):
        square = (x**3 - 3 * x + b) % FIELD
        y = pow(square, (FIELD + 1) // 4, FIELD)
        if y * y % FIELD == square:
            return x, y
    raise AssertionError


def encoded(x: int, y: int) -> bytes:
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


X, Y = small_point()
BAD_POINTS = {
    "off the curve": b"\x04" + b"\x01" * 64,
    "the mirror of nothing": encoded(X, Y ^ 1),
    "infinity as zeros": encoded(0, 0),
    "infinity as SEC 1 has it": b"\0",
    "nothing": b"",
    "too short": ANN.p256dh[:-1],
    "too long": ANN.p256dh + b"\0",
    "compressed": bytes([2 + (ANN.p256dh[-1] & 1)]) + ANN.p256dh[1:33],
    "hybrid": bytes([6 + (ANN.p256dh[-1] & 1)]) + ANN.p256dh[1:],
    "x beyond the field": encoded(X + FIELD, Y),
    "all ones": b"\x04" + b"\xff" * 64,
}


def test_a_point_with_a_small_x_is_a_good_one(engine: Engine) -> None:
    """So that "x beyond the field" is refused for being beyond it."""
    assert all(isinstance(body, bytes) for body in encrypt_all([(encoded(X, Y), ANN.auth, b"Hello")] * 2, engine))


@pytest.mark.parametrize("bad", BAD_POINTS.values(), ids=BAD_POINTS)
def test_a_bad_key_is_one_persons_in_whatever_lane(engine: Engine, bad: bytes) -> None:
    for place in range(9):
        messages = [(ANN.p256dh, ANN.auth, b"Hello Ann")] * 9
        messages[place] = (bad, ANN.auth, b"Hello")

        sealed = encrypt_all(messages, engine)

        refused = sealed.pop(place)
        assert isinstance(refused, Unreadable)
        assert "not a point on the curve" in str(refused)
        assert [decrypted(ANN, body) for body in sealed if isinstance(body, bytes)] == [b"Hello Ann"] * 8


def test_nothing_but_bad_keys(engine: Engine) -> None:
    sealed = encrypt_all([(bad, ANN.auth, b"Hello") for bad in BAD_POINTS.values()], engine)

    assert {type(body) for body in sealed} == {Unreadable}


GOOD = st.tuples(st.just(ANN.p256dh), st.just(ANN.auth), st.binary(max_size=40))
ANYTHING = st.one_of(
    GOOD,
    GOOD.map(lambda message: (BOB.p256dh, BOB.auth, message[2])),
    st.tuples(st.sampled_from(sorted(BAD_POINTS.values())), st.just(ANN.auth), st.just(b"Hello")),
    st.tuples(st.just(ANN.p256dh), st.sampled_from([b"", b"x" * 15, b"x" * 17]), st.just(b"Hello")),
    st.tuples(st.just(ANN.p256dh), st.just(ANN.auth), st.just(b"x" * 4_000)),
)


@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(st.lists(ANYTHING, max_size=20))
def test_engines_refuse_the_same_and_the_rest_arrives(messages: list[Message]) -> None:
    each = [encrypt_all(messages, engine) for engine in (LEAN, eight())]

    one_by_one, by_eight = [[wrong(body) for body in bodies] for bodies in each]
    assert one_by_one == by_eight
    for bodies in each:
        for (point, _, words), body in zip(messages, bodies, strict=True):
            if isinstance(body, bytes):
                assert decrypted(ANN if point == ANN.p256dh else BOB, body) == words


def wrong(body: bytes | BeckonError) -> tuple[type, str] | None:
    return None if isinstance(body, bytes) else (type(body), str(body))


def test_the_same_words_never_look_the_same(engine: Engine) -> None:
    """A key pair and a salt of their own for each message: with one key twice, AES-GCM would tell both."""
    sealed = [body for body in encrypt_all([(ANN.p256dh, ANN.auth, b"Hello")] * 20, engine) if isinstance(body, bytes)]

    assert len({body[:16] for body in sealed}) == 20
    assert len({body[21:86] for body in sealed}) == 20


def test_a_secret_of_another_length_is_refused(engine: Engine) -> None:
    (refused,) = encrypt_all([(ANN.p256dh, b"short", b"Hello")], engine)

    assert isinstance(refused, Unreadable)
    assert "5 bytes long instead of 16" in str(refused)


def test_too_long_is_told_from_unreadable(engine: Engine) -> None:
    assert [type(body) for body in encrypt_all([(b"", b"", b"x" * 5_000), (b"", b"", b"x")], engine)] == [
        TooLong,
        Unreadable,
    ]


def decrypted(browser: Browser, sealed: bytes) -> bytes:
    """What the browser does, written from the RFC with the general HKDF."""
    salt, size, length = sealed[:16], int.from_bytes(sealed[16:20], "big"), sealed[20]
    sender, content = sealed[21 : 21 + length], sealed[21 + length :]
    assert len(content) <= size
    shared = browser.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    material = hkdf(32, browser.auth, b"WebPush: info\0" + point_of(browser.private) + sender, shared)
    key = hkdf(16, salt, b"Content-Encoding: aes128gcm\0", material)
    plain = AESGCM(key).decrypt(hkdf(12, salt, b"Content-Encoding: nonce\0", material), content, None)
    words, delimiter, padding = plain.rpartition(b"\x02")
    assert delimiter
    assert not padding.strip(b"\0")
    return words


def hkdf(length: int, salt: bytes, purpose: bytes, material: bytes) -> bytes:
    return HKDF(SHA256(), length, salt, purpose).derive(material)


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
