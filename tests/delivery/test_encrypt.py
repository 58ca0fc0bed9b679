"""Encryption held against the RFC's own example and against the reference implementation, in both directions."""

from __future__ import annotations

import base64
import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pywebpush import WebPusher

from plugin.base.errors import Unreadable
from plugin.delivery.encrypt import LONGEST, TooLong, encrypt, encrypt_all
from tests.delivery.services import Browser, point_of


def test_the_example_of_rfc_8291() -> None:
    """Appendix A."""
    sealed = encrypt(
        unb64("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        unb64("BTBZMqHH6r4Tts7J_aSIgg"),
        b"When I grow up, I want to be a watermelon",
        key=private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=unb64("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert sealed == unb64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("size", [0, 1, 300, LONGEST])
def test_the_reference_reads_what_we_write(size: int) -> None:
    ann, words = Browser(), os.urandom(size)

    sealed = encrypt(ann.p256dh, ann.auth, words)

    assert http_ece.decrypt(sealed, private_key=ann.private, auth_secret=ann.auth, version="aes128gcm") == words
    assert decrypted(ann, sealed) == words


def test_what_the_reference_writes_is_read_alike() -> None:
    ann = Browser()
    keys = {"p256dh": b64(ann.p256dh), "auth": b64(ann.auth)}

    sealed = WebPusher({"endpoint": "https://push.test/x", "keys": keys}).encode(b"Hello Ann", "aes128gcm")["body"]

    assert decrypted(ann, sealed) == b"Hello Ann"


def test_the_longest_message_fills_exactly_what_services_take() -> None:
    ann = Browser()

    assert len(encrypt(ann.p256dh, ann.auth, b"x" * LONGEST)) == 4_096
    with pytest.raises(TooLong, match="3,994 bytes"):
        encrypt(ann.p256dh, ann.auth, b"x" * (LONGEST + 1))


def test_one_bad_key_in_a_batch_is_one_persons() -> None:
    ann, bob = Browser(), Browser()
    off_curve = b"\x04" + b"\x01" * 64

    first, no_point, no_secret, empty, too_long, last = encrypt_all(
        [
            (ann.p256dh, ann.auth, b"Hello Ann"),
            (off_curve, ann.auth, b"Hello"),
            (ann.p256dh, b"short", b"Hello"),
            (b"", b"", b"Hello"),
            (ann.p256dh, ann.auth, b"x" * 5_000),
            (bob.p256dh, bob.auth, b"Hello Bob"),
        ]
    )

    assert isinstance(first, bytes)
    assert decrypted(ann, first) == b"Hello Ann"
    assert [type(found) for found in (no_point, no_secret, empty, too_long)] == [Unreadable] * 3 + [TooLong]
    assert isinstance(last, bytes)
    assert decrypted(bob, last) == b"Hello Bob"


def test_the_same_words_never_look_the_same() -> None:
    """A key pair and a salt of their own for each message: with one key twice, AES-GCM would tell both."""
    ann = Browser()
    sealed = [body for body in encrypt_all([(ann.p256dh, ann.auth, b"Hello")] * 20) if isinstance(body, bytes)]

    assert len({body[:16] for body in sealed}) == 20
    assert len({body[21:86] for body in sealed}) == 20


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


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unb64(text), "big"), ec.SECP256R1())


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
