"""Web push encryption (RFC 8291 over RFC 8188, `aes128gcm`), lean over `cryptography`.

A batch goes through one function, so that another engine can take its place; docs/decisions/0006 says why we do not
call `pywebpush`. Each message costs a fresh key pair and one ECDH: that is nearly all of the work.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plugin.base.errors import BeckonError, Unreadable

LONGEST = 3_993
"""Bytes of plaintext: with 86 of header, 1 of padding and 16 of tag the body is the 4,096 that every service takes."""

_CURVE, _ECDH = SECP256R1(), ECDH()
_HEADER = struct.pack("!IB", 4_096, 65)  # record size, length of the key that follows
_KEY_INFO = b"Content-Encoding: aes128gcm\0\x01"
_NONCE_INFO = b"Content-Encoding: nonce\0\x01"
_LAST_RECORD = b"\x02"


class TooLong(BeckonError):
    """The message does not fit into a push."""


def encrypt_all(messages: Iterable[tuple[bytes, bytes, bytes]]) -> list[bytes | BeckonError]:
    """The bodies to POST for (p256dh, auth, plaintext) triples, in their order.

    One that cannot be encrypted has Unreadable (its keys) or TooLong in its place and holds up none of the others.
    """
    return [_encrypted(*message) for message in messages]


def encrypt(
    p256dh: bytes, auth: bytes, plaintext: bytes, *, key: EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """One body. `key` and `salt` are given only where the RFC's own example is checked. Raises Unreadable, TooLong."""
    if len(plaintext) > LONGEST:
        raise TooLong(f"The message is {len(plaintext):,} bytes long; {LONGEST:,} fit into a push.")
    if len(auth) != 16:
        raise Unreadable(f"The subscription's secret is {len(auth)} bytes long instead of 16.")
    try:
        receiver = EllipticCurvePublicKey.from_encoded_point(_CURVE, p256dh)
    except ValueError as error:
        raise Unreadable("The subscription's key is not a point on the curve P-256.") from error
    key = key or generate_private_key(_CURVE)
    salt = salt or os.urandom(16)
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = _hmac(auth, key.exchange(_ECDH, receiver))
    pseudorandom = _hmac(salt, _hmac(shared, b"WebPush: info\0" + p256dh + ours + b"\x01"))
    cipher = AESGCM(_hmac(pseudorandom, _KEY_INFO)[:16])
    sealed = cipher.encrypt(_hmac(pseudorandom, _NONCE_INFO)[:12], plaintext + _LAST_RECORD, None)
    return salt + _HEADER + ours + sealed


def _encrypted(p256dh: bytes, auth: bytes, plaintext: bytes) -> bytes | BeckonError:
    try:
        return encrypt(p256dh, auth, plaintext)
    except (Unreadable, TooLong) as error:
        return error


def _hmac(key: bytes, message: bytes) -> bytes:
    """HKDF (RFC 5869) with outputs of one block is HMACs in a row; this is half the price of the general class."""
    return hmac.digest(key, message, "sha256")
