"""Web push encryption (RFC 8291 over RFC 8188, `aes128gcm`) of a batch, through one function.

docs/decisions/0006 says why we do not call `pywebpush`. Nearly all of the work is agreeing with each receiver on a
secret (agree.py); what follows here is HKDF and AES-GCM over `cryptography`.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from plugin.base.errors import BeckonError, Unreadable

from .agree import Engine, engine
from .crypto_mb import Agreed

LONGEST = 3_993
"""Bytes of plaintext: with 86 of header, 1 of padding and 16 of tag the body is the 4,096 that every service takes."""

Message = tuple[bytes, bytes, bytes]
"""A subscription's p256dh and auth, and the plaintext."""

_HEADER = struct.pack("!IB", 4_096, 65)  # record size, length of the key that follows
_KEY_INFO = b"Content-Encoding: aes128gcm\0"
_NONCE_INFO = b"Content-Encoding: nonce\0"
_LAST_RECORD = b"\x02"
_SHA256 = SHA256()
_OFF_CURVE = "The subscription's key is not a point on the curve P-256."


class TooLong(BeckonError):
    """The message does not fit into a push."""


def encrypt_all(
    messages: Iterable[Message], by: Engine | None = None, *, keys: Sequence[int] = (), salts: Sequence[bytes] = ()
) -> list[bytes | BeckonError]:
    """The bodies to POST, in the order of `messages`, by the process's engine.

    One that cannot be encrypted has Unreadable (its keys) or TooLong in its place and holds up none of the others.
    `keys` and `salts` are given, one for each message, only where the RFC's own example is checked.
    """
    known = list(messages)
    faults = [_fault(*message) for message in known]
    usable = [message for message, fault in zip(known, faults, strict=True) if fault is None]
    agreed = (by or engine()).agree([p256dh for p256dh, _, _ in usable], keys)
    sealed = map(_sealed, usable, agreed, salts or _salts(len(usable)))
    return [fault or next(sealed) for fault in faults]


def _fault(p256dh: bytes, auth: bytes, plaintext: bytes) -> BeckonError | None:
    if len(plaintext) > LONGEST:
        return TooLong(f"The message is {len(plaintext):,} bytes long; {LONGEST:,} fit into a push.")
    if len(auth) != 16:
        return Unreadable(f"The subscription's secret is {len(auth)} bytes long instead of 16.")
    if len(p256dh) != 65 or p256dh[0] != 4:
        return Unreadable(_OFF_CURVE)
    return None


def _salts(count: int) -> list[bytes]:
    """Not secret, never used twice."""
    drawn = os.urandom(16 * count)
    return [drawn[first : first + 16] for first in range(0, len(drawn), 16)]


def _sealed(message: Message, agreement: Agreed | None, salt: bytes) -> bytes | Unreadable:
    """RFC 8291, 3.3 and 3.4; RFC 8188, 2.2 and 2.3."""
    if agreement is None:
        return Unreadable(_OFF_CURVE)
    p256dh, auth, plaintext = message
    ours, shared = agreement
    material = HKDF(_SHA256, 32, auth, b"WebPush: info\0" + p256dh + ours).derive(shared)
    pseudorandom = HKDF.extract(_SHA256, salt, material)
    cipher = AESGCM(HKDFExpand(_SHA256, 16, _KEY_INFO).derive(pseudorandom))
    nonce = HKDFExpand(_SHA256, 12, _NONCE_INFO).derive(pseudorandom)
    return salt + _HEADER + ours + cipher.encrypt(nonce, plaintext + _LAST_RECORD, None)
