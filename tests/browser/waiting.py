"""Waiting for what a browser does in its own time: asked again and again, never slept through."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: Callable[[], T | None], *, seconds: float = 15, saying: str = "") -> T:
    """The first answer of `what()` that is true. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain{': ' + saying if saying else ''}; at last {answer!r}")
        time.sleep(0.05)
    return answer
