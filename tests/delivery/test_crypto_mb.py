"""Eight at a time: where it is used, what is said where it is not, and what it leaves in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from ctypes import CDLL, c_uint64
from pathlib import Path

import pytest

from plugin.base import settings
from plugin.delivery import crypto_mb
from plugin.delivery.agree import best, engine, one_by_one
from plugin.delivery.crypto_mb import ORDER, Absent, Library
from tests.delivery.engines import eight, why_not_eight
from tests.delivery.services import Browser

POINTS = [Browser().p256dh for _ in range(11)]


def test_it_is_used_where_the_processor_can_and_switched_off_by_the_settings() -> None:
    assert engine().words == eight().words

    settings.use(dataclasses.replace(settings.current(), crypto_mb=False))

    assert engine().words == "one message at a time (BECKON_CRYPTO_MB switches crypto_mb off)"
    assert engine().agree is one_by_one


def test_without_the_library_it_is_one_at_a_time_and_the_reason_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "libcrypto_mb.so.13"
    broken.write_text("no library")

    assert best([]).words == "one message at a time (crypto_mb is not installed: the extra crypto-mb)"
    assert best([str(broken)]).words.startswith("one message at a time (crypto_mb cannot be loaded:")
    assert best(["libc.so.6"]).words.startswith("one message at a time (libc.so.6 is not the library we know:")
    assert best([]).agree is one_by_one


def test_a_processor_that_cannot_is_told() -> None:
    """The library is made to believe that it is on one that knows MMX and nothing younger."""
    loaded = loaded_library()
    loaded.mbx_set_cpu_features.argtypes = [c_uint64]
    loaded.mbx_set_cpu_features(1)
    try:
        with pytest.raises(Absent, match=r"this processor lacks what libcrypto_mb\.so\.13 needs, AVX-512 IFMA"):
            Library(loaded, "libcrypto_mb.so.13")
    finally:
        loaded.mbx_set_cpu_features(0)  # look for yourself


def test_private_keys_are_drawn_again_until_they_are_in_range() -> None:
    """Zero, n and more are no keys; n - 1 and 1 are."""
    drawn = [0, ORDER, ORDER - 1, 1, ORDER + 1, 2**256 - 1, 7, 2**224]
    again = iter([0, 11, 12, ORDER, 13, 14])
    kept = [11, 12, ORDER - 1, 1, 13, 14, 7, 2**224]

    def fill(room: memoryview) -> None:
        numbers = drawn if len(room) == 256 else [next(again)]
        room[:] = b"".join(number.to_bytes(32, "little") for number in numbers)

    assert library(fill).agree(POINTS[:8]) == one_by_one(POINTS[:8], kept)


def test_nothing_secret_stays_in_the_librarys_room() -> None:
    rooms: list[memoryview] = []

    def fill(room: memoryview) -> None:
        crypto_mb.fill(room)
        rooms.append(room)

    library(fill).agree(POINTS)

    assert len(rooms) == 2
    assert not any(any(room) for room in rooms)


def test_the_kernel_gives_what_it_is_asked_for() -> None:
    first, second = bytearray(256), bytearray(256)
    crypto_mb.fill(memoryview(first))
    crypto_mb.fill(memoryview(second))

    assert first != second
    assert min(len(set(first)), len(set(second))) > 100


def library(fill: Callable[[memoryview], None]) -> Library:
    return Library(loaded_library(), "libcrypto_mb.so.13", fill)


def loaded_library() -> CDLL:
    if (reason := why_not_eight()) is not None:
        pytest.skip(reason)
    return [CDLL(path) for path in crypto_mb.paths()][-1]
