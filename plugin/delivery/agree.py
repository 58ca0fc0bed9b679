"""The dear part of a push: for each receiver a fresh key pair on P-256, and the secret that it shares with theirs.

Two engines do the same, equal by test: one at a time over `cryptography` (OpenSSL), and eight at a time through Intel's
`crypto_mb` where library and processor are there (docs/decisions/0045).
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plugin.base import settings

from . import crypto_mb
from .crypto_mb import LANES, ORDER, Absent, Agreed, Library

_CURVE, _ECDH = SECP256R1(), ECDH()


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to agree with many receivers."""

    words: str
    """Which one it is, and why it is not the other: for the log."""
    agree: Callable[[Sequence[bytes], Sequence[int]], list[Agreed | None]]
    """Receivers' points (65 bytes, uncompressed) → what was agreed with each, in order; None for one that is not on the
    curve. Our private keys, in [1, n-1], are drawn unless they are given: for proofs that must be repeatable."""


def engine() -> Engine:
    """The one that this process encrypts with; looked for once."""
    return _chosen(settings.current().crypto_mb)


@functools.cache
def _chosen(wanted: bool) -> Engine:
    if not wanted:
        return Engine("one message at a time (BECKON_CRYPTO_MB switches crypto_mb off)", one_by_one)
    return best(crypto_mb.paths())


def best(paths: Sequence[str]) -> Engine:
    """Eight at a time through the library at `paths` if it is there, can be used here and reckons as OpenSSL does."""
    try:
        library = crypto_mb.load(paths)
        _prove(library)
    except Absent as error:
        return Engine(f"one message at a time ({error})", one_by_one)

    def agree(points: Sequence[bytes], given: Sequence[int] = ()) -> list[Agreed | None]:
        """A reminder goes out alone: eight lanes for one receiver would cost more than OpenSSL does."""
        return one_by_one(points, given) if len(points) == 1 else library.agree(points, given)

    return Engine(f"eight messages at a time ({library.name})", agree)


def _prove(library: Library) -> None:
    points = [_encoded(generate_private_key(_CURVE)) for _ in range(LANES)]
    keys = [secrets.randbelow(ORDER - 1) + 1 for _ in points]
    if library.agree(points, keys) != one_by_one(points, keys):
        raise Absent(f"{library.name} reckons otherwise than OpenSSL")


def one_by_one(points: Sequence[bytes], given: Sequence[int] = ()) -> list[Agreed | None]:
    """`Engine.agree` over `cryptography`."""
    return [_agreed(point, given[place] if given else None) for place, point in enumerate(points)]


def _agreed(point: bytes, given: int | None) -> Agreed | None:
    try:
        receiver = EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError:
        return None
    key = generate_private_key(_CURVE) if given is None else derive_private_key(given, _CURVE)
    return _encoded(key), key.exchange(_ECDH, receiver)


def _encoded(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
