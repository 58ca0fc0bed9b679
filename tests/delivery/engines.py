"""The engines that encrypt, for tests that each must pass, and whether this machine can have both."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from plugin.delivery import agree, crypto_mb
from plugin.delivery.agree import Engine

LEAN = Engine("one message at a time", agree.one_by_one)


def why_not_eight() -> str | None:
    """The reason for which nobody could encrypt eight at a time here; None where it must work."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "crypto_mb is for Linux on x86-64, and this is not."
    if "avx512ifma" not in Path("/proc/cpuinfo").read_text():
        return "This processor has no AVX-512 IFMA, so crypto_mb cannot encrypt eight at a time here."
    return None


def eight() -> Engine:
    """Eight at a time; skips the test where the processor cannot, and fails where it can and we do not."""
    if (reason := why_not_eight()) is not None:
        pytest.skip(reason)
    engine = agree.best(crypto_mb.paths())
    assert engine.words.startswith("eight"), engine.words
    return engine
