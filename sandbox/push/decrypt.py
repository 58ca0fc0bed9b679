"""RFC 8291 from the subscriber's side: what a browser does with a body. Written apart from Beckon's encryption."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


class Undecryptable(Exception):
    """The body is not an aes128gcm message for this subscriber."""


def new_keys() -> tuple[bytes, bytes, bytes]:
    """A subscriber's private key (32 bytes), public key (65 bytes) and auth secret (16 bytes)."""
    private = ec.generate_private_key(CURVE)
    number = private.private_numbers().private_value.to_bytes(32, "big")
    return number, public_bytes(private), secrets.token_bytes(16)


def public_bytes(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def private_key(number: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(number, "big"), CURVE)


def decrypt(body: bytes, private: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """The plaintext of one record. Raises Undecryptable."""
    salt, record_size, id_length = body[:16], int.from_bytes(body[16:20], "big"), body[20] if len(body) > 20 else 0
    if id_length != 65 or record_size < 18 or len(body) < 21 + 65 + 17 or len(body) - 86 > record_size:
        raise Undecryptable("the header of the body is not that of one aes128gcm record")
    sender, record = body[21:86], body[86:]
    try:
        shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        info = b"WebPush: info\x00" + public_bytes(private) + sender
        secret = _expand(_extract(auth, shared), info, 32)
        pseudo_random = _extract(salt, secret)
        key = _expand(pseudo_random, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _expand(pseudo_random, b"Content-Encoding: nonce\x00", 12)
        padded = AESGCM(key).decrypt(nonce, record, None)
    except (InvalidTag, ValueError) as error:
        raise Undecryptable(f"it was not encrypted for this subscriber: {error!r}") from error
    text, delimiter, _ = padded.rpartition(b"\x02")
    if not delimiter or padded[len(text) + 1 :].strip(b"\x00"):
        raise Undecryptable("the padding of the last record is wrong")
    return text


def _extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, hashlib.sha256)


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.digest(key, info + b"\x01", hashlib.sha256)[:length]
