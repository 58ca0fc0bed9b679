"""P-256 for eight receivers at once, through Intel's `crypto_mb` by ctypes (docs/decisions/0045).

The library comes in a wheel (the extra `crypto-mb`) or with the system (Debian's libcrypto-mb11) and needs a processor
with AVX-512 IFMA. It takes numbers as four 64-bit words, the least first, which is big-endian bytes turned around, and
answers with four bits of status for each of its eight lanes.
"""

from __future__ import annotations

import ctypes
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import CDLL, c_char, c_int, c_uint32, c_uint64, c_void_p
from ctypes.util import find_library
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from plugin.base.errors import BeckonError

Agreed = tuple[bytes, bytes]
"""Our new public point (65 bytes, uncompressed), and the secret shared with the receiver (32 bytes)."""

LANES: Final = 8
SIZE: Final = 32
"""Bytes of a number."""
FIELD: Final = 0xFFFFFFFF_00000001_00000000_00000000_00000000_FFFFFFFF_FFFFFFFF_FFFFFFFF
"""p: coordinates are below it."""
ORDER: Final = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
"""n: private keys are in [1, n-1]."""

_FIELD_BYTES = FIELD.to_bytes(SIZE, "big")
_P256: Final = 5
"""MBX_ALGO_EC_NIST_P256: what to ask `mbx_get_algo_info` about; it answers with how many lanes there are."""
_WHEEL, _LIBRARY = "ipp-crypto", re.compile(r"libcrypto_mb\.so\.\d+")
_COMPILERS_WHEEL, _COMPILERS = "intel-cmplr-lib-rt", ("libintlc.so.5", "libirng.so", "libimf.so", "libsvml.so")
"""What the wheel's library needs and does not find by itself. Loaded before it, each is found by its name. None is
loaded globally: with a global libcrypto, pycurl's and psycopg's own copies would call each other's functions."""


class Absent(BeckonError):
    """Eight at a time cannot be had here; says why."""


def paths() -> list[str]:
    """The library's, after those of what it needs, from its wheels or from the system; none if it is not there."""
    ours, compilers = _files(_WHEEL), _files(_COMPILERS_WHEEL)
    if of_the_wheel := [path for name, path in ours.items() if _LIBRARY.fullmatch(name)]:
        return [compilers[name] for name in _COMPILERS if name in compilers] + of_the_wheel
    of_the_system = find_library("crypto_mb")
    return [of_the_system] if of_the_system else []


def load(paths: Sequence[str]) -> Library:
    """The last of `paths`, after the others. Raises Absent."""
    if not paths:
        raise Absent("crypto_mb is not installed: the extra crypto-mb")
    try:
        *_, loaded = [CDLL(path) for path in paths]
    except OSError as error:
        raise Absent(f"crypto_mb cannot be loaded: {error}") from error
    return Library(loaded, Path(paths[-1]).name)


def fill(room: memoryview) -> None:
    """Random bytes, 256 at most, from where os.urandom has them: straight into memory that can be wiped."""
    there = (c_char * len(room)).from_buffer(room)
    if _libc().getrandom(there, len(room), 0) != len(room):  # so few are never cut short
        raise OSError("The kernel gave no random bytes.")


@functools.cache
def _libc() -> CDLL:
    return CDLL(None)


class Library:
    """crypto_mb, loaded."""

    def __init__(self, loaded: CDLL, name: str, fill: Callable[[memoryview], None] = fill) -> None:
        """Raises Absent if it has no eight lanes for P-256 here."""
        self.name, self._fill = name, fill
        try:
            able = loaded.mbx_get_algo_info
            self._publics, self._secrets = loaded.mbx_nistp256_ecpublic_key_mb8, loaded.mbx_nistp256_ecdh_mb8
        except AttributeError as error:
            raise Absent(f"{name} is not the library we know: {error}") from error
        able.argtypes, able.restype = [c_int], c_uint64
        self._publics.argtypes, self._publics.restype = [c_void_p] * 5, c_uint32
        self._secrets.argtypes, self._secrets.restype = [c_void_p] * 6, c_uint32
        if not able(_P256) & LANES:
            raise Absent(f"this processor lacks what {name} needs, AVX-512 IFMA")

    def agree(self, points: Sequence[bytes], given: Sequence[int] = ()) -> list[Agreed | None]:
        """`agree.Engine.agree`: uncompressed points → what was agreed with each; None for one that is off the curve."""
        secret, shared, x, y = (_Lanes() for _ in range(4))
        agreed: list[Agreed | None] = []
        try:
            for first in range(0, len(points), LANES):
                if given:
                    secret.write(key.to_bytes(SIZE, "little") for key in given[first : first + LANES])
                else:
                    self._draw(secret)
                agreed += self._eight(points[first : first + LANES], secret, shared, x, y)
        finally:
            secret.wipe()
            shared.wipe()
        return agreed

    def _draw(self, secret: _Lanes) -> None:
        """Eight private keys, uniform in [1, n-1]. One outside has a first word of all zeros or all ones."""
        self._fill(secret.bytes)
        for lane, first_word in enumerate(secret.first_words):
            if first_word in (0, 0xFFFFFFFF):
                its = secret.bytes[lane * SIZE : (lane + 1) * SIZE]
                while not 0 < int.from_bytes(its, "little") < ORDER:
                    self._fill(its)

    def _eight(
        self, points: Sequence[bytes], secret: _Lanes, shared: _Lanes, x: _Lanes, y: _Lanes
    ) -> Iterator[Agreed | None]:
        """Lanes too many have the first point once more, and nobody reads them."""
        failed = self._publics(x.pointers, y.pointers, None, secret.pointers, None)
        ours = [b"\x04" + our_x[::-1] + our_y[::-1] for our_x, our_y in zip(x.read(), y.read(), strict=True)]
        full = [*points] + [points[0]] * (LANES - len(points))
        x.write(point[32:0:-1] for point in full)
        y.write(point[:32:-1] for point in full)
        failed |= self._secrets(shared.pointers, secret.pointers, x.pointers, y.pointers, None, None)
        for lane, (point, our, both) in enumerate(zip(points, ours, shared.read(), strict=False)):
            yield (our, both) if _is_canonical(point) and not failed >> 4 * lane & 0xF else None


def _is_canonical(point: bytes) -> bool:
    """Whether the coordinates are below p. The library would reduce them, where OpenSSL refuses such a point."""
    return point[1:33] < _FIELD_BYTES and point[33:] < _FIELD_BYTES


class _Lanes:
    """Eight numbers, and the pointers to them that the library takes."""

    def __init__(self) -> None:
        room = bytearray(LANES * SIZE)
        self.bytes = memoryview(room)
        self.first_words = self.bytes.cast("I")[7::8]
        """The most significant 32 bits of each."""
        self._there = (c_char * len(room)).from_buffer(room)
        start = ctypes.addressof(self._there)
        self.pointers = (c_void_p * LANES)(*range(start, start + len(room), SIZE))

    def write(self, numbers: Iterable[bytes]) -> None:
        joined = b"".join(numbers)
        self.bytes[: len(joined)] = joined

    def read(self) -> list[bytes]:
        whole = bytes(self.bytes)
        return [whole[first : first + SIZE] for first in range(0, LANES * SIZE, SIZE)]

    def wipe(self) -> None:
        ctypes.memset(self._there, 0, LANES * SIZE)


def _files(wheel: str) -> dict[str, str]:
    """File name → path, of an installed distribution."""
    try:
        installed = distribution(wheel)
    except PackageNotFoundError:
        return {}
    return {file.name: str(installed.locate_file(file)) for file in installed.files or ()}
