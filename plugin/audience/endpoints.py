"""What a browser hands us when it subscribes, checked before it is kept: where to push, and the keys to encrypt for.

It comes from an anonymous stranger. An endpoint that we did not check would make the sender a tool for requests to
other people's servers.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from plugin.base import settings
from plugin.base.errors import Refused, Unreadable

KNOWN_HOSTS = frozenset(
    {
        "fcm.googleapis.com",  # Chrome, Edge on Android, Opera, Samsung…
        "jmt17.google.com",  # Chrome's other channels
        "updates.push.services.mozilla.com",  # Firefox
        "web.push.apple.com",  # Safari
    }
)
KNOWN_DOMAINS = (".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")  # the last: Edge on Windows
LONGEST_ENDPOINT = 2_048

_ENDPOINT = re.compile(r"https://([a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?)/[!-~]*", re.ASCII)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}", re.ASCII)


def service_of(endpoint: str) -> str:
    """The push service of `endpoint`, host or host:port. Raises Refused when we would not push there."""
    if len(endpoint) > LONGEST_ENDPOINT:
        raise Refused(f"The endpoint is {len(endpoint)} characters long; {LONGEST_ENDPOINT:,} is the most we take.")
    found = _ENDPOINT.fullmatch(endpoint)
    if found is None or "#" in endpoint or "\\" in endpoint:
        raise Refused(f"The endpoint {endpoint[:100]!r} is not a plain https address of a push service.")
    service = found[1].removesuffix(":443")
    if (
        service in KNOWN_HOSTS
        or service.endswith(KNOWN_DOMAINS)
        or f"https://{service}" in settings.current().push_origins
    ):
        return service
    raise Refused(f"{service!r} is not a push service we know. BECKON_PUSH_ORIGINS may name further ones.")


def keys_of(p256dh: str, auth: str) -> tuple[bytes, bytes]:
    """A subscription's keys as bytes: a point on P-256 (65) and a secret (16). Raises Unreadable naming the key."""
    point = _base64url("p256dh", p256dh)
    if len(point) != 65 or point[0] != 4:
        raise Unreadable("The key p256dh must be an uncompressed point on P-256, 65 bytes.")
    secret = secret_of(auth)
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError as error:
        raise Unreadable("The key p256dh is not a point on the curve P-256.") from error
    return point, secret


def secret_of(auth: str) -> bytes:
    """A subscription's secret, 16 bytes. Raises Unreadable."""
    secret = _base64url("auth", auth)
    if len(secret) != 16:
        raise Unreadable(f"The key auth must be 16 bytes long, not {len(secret)}.")
    return secret


def _base64url(name: str, text: str) -> bytes:
    """Browsers leave the padding out, some libraries write it."""
    if len(text) > 100 or not _BASE64URL.fullmatch(text):
        raise Unreadable(f"The key {name} is not base64url.")
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error as error:
        raise Unreadable(f"The key {name} is not base64url.") from error
