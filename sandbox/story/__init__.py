"""The whole path, told over HTTP alone: from the store's history to the order after a click. `run()` tells it."""

from __future__ import annotations

from .play import run

__all__ = ["run"]
