"""What browsers of shoppers send."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ANN = "ann-visitor-0000000000000001"
BEA = "bea-visitor-0000000000000001"
FCM = "https://fcm.googleapis.com/fcm/send/"


def subscription(endpoint: str = f"{FCM}ann") -> dict[str, Any]:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {"endpoint": endpoint, "keys": {"p256dh": _base64url(raw), "auth": _base64url(secrets.token_bytes(16))}}


def opt_in(visitor: str = ANN, **changes: Any) -> dict[str, Any]:
    return {
        "visitor": visitor,
        "subscription": subscription(),
        "page": "https://vanta-outdoor.test/products/harbour-parka",
        "wording": "Hear it first: we remind you of your cart.",
        "locale": "en-GB",
        "timezone": "Europe/London",
    } | changes


def look(visitor: str = ANN, product_id: str = "42", **changes: Any) -> dict[str, Any]:
    view = {"id": "view-0001", "product_id": product_id, "at": "2026-11-18T11:59:00Z"}
    return {"visitor": visitor, "views": [view | changes]}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
