"""Who is pushing: VAPID (RFC 8292). A token names the push service's origin and not the message, so one signature
serves every push of a shop to that service for an hour."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plugin.base.errors import Unreadable

LIFETIME = timedelta(hours=13)
"""From the beginning of the hour. Services allow 24 hours; this leaves room for clocks that differ."""


@dataclass(frozen=True, slots=True)
class VapidKey:
    """A shop's key pair, made at its installation and kept for ever: another would end every subscription."""

    private: bytes = field(repr=False)
    """32 bytes."""
    public: bytes
    """65 bytes, the point that the browser subscribed with."""


def authorization(key: VapidKey, origin: str, subject: str, now: datetime) -> str:
    """The Authorization header of pushes to `origin` (`https://host`). Raises Unreadable when the key pair is none."""
    return _signed(key, origin, subject, now.replace(minute=0, second=0, microsecond=0))


@functools.lru_cache(maxsize=1_024)
def _signed(key: VapidKey, origin: str, subject: str, hour: datetime) -> str:
    claims = {"aud": origin, "exp": int((hour + LIFETIME).timestamp()), "sub": subject}
    content = _json({"typ": "JWT", "alg": "ES256"}) + b"." + _json(claims)
    token = content + b"." + _base64url(_es256(key, content))
    return f"vapid t={token.decode()},k={_base64url(key.public).decode()}"


def _es256(key: VapidKey, content: bytes) -> bytes:
    try:
        private = derive_private_key(int.from_bytes(key.private, "big"), SECP256R1())
    except ValueError as error:
        raise Unreadable("The shop's VAPID key is not a key on the curve P-256.") from error
    if private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) != key.public:
        raise Unreadable("The shop's VAPID keys do not belong together; push services would refuse every message.")
    r, s = decode_dss_signature(private.sign(content, ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _json(value: Mapping[str, object]) -> bytes:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
