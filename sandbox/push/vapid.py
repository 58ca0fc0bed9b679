"""RFC 8292 as a push service checks it: scheme, ES256 signature, audience, expiry. Written apart from Beckon's signing,
so that a mistake there is not repeated here."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

LEEWAY = 60
FARTHEST = 86_400
"""Seconds: how far ahead `exp` may lie."""


class BadVapid(Exception):
    """The token does not hold; the text says why, in the words of Mozilla's service."""


@dataclass(frozen=True, slots=True)
class Vapid:
    """A token that holds."""

    key: bytes
    """The sender's public key, 65 bytes."""
    audience: str
    subject: str | None
    expires: int


def verify(authorization: str, audiences: Collection[str], now: float) -> Vapid:
    """Checks an Authorization header. Raises BadVapid."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "vapid":
        raise BadVapid("Unknown auth scheme")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if "k" not in parts or "t" not in parts:
        raise BadVapid("Missing VAPID public key" if "k" not in parts else "Missing VAPID token")
    key = decode(parts["k"])
    claims = _signed_claims(parts["t"], key)
    expires, audience, subject = claims.get("exp"), claims.get("aud"), claims.get("sub")
    if not isinstance(expires, int) or isinstance(expires, bool) or not isinstance(audience, str):
        raise BadVapid("A value in the vapid claims is either missing or incorrectly specified")
    if expires < now - LEEWAY:
        raise BadVapid("ExpiredSignature")
    if expires > now + FARTHEST:
        raise BadVapid("The VAPID token expiration is too long")
    if audience not in audiences:
        raise BadVapid("Invalid VAPID audience")
    return Vapid(key, audience, subject if isinstance(subject, str) else None, expires)


def encode(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """base64url with or without padding. Raises BadVapid."""
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError as error:
        raise BadVapid(f"Invalid VAPID token: {error}") from error


def _signed_claims(token: str, key: bytes) -> dict[str, object]:
    try:
        head, claims, signature = token.split(".")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        raw = decode(signature)
        if json.loads(decode(head)).get("alg") != "ES256" or len(raw) != 64:
            raise BadVapid("InvalidAlgorithm")
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        told = json.loads(decode(claims))
    except InvalidSignature:
        raise BadVapid("InvalidSignature") from None
    except ValueError as error:  # not three parts, not a point on the curve, not JSON
        raise BadVapid(f"Invalid VAPID token: {error}") from error
    if not isinstance(told, dict):
        raise BadVapid("Invalid VAPID token: no claims")
    return told
