"""How long a message may be: one place for the panel's counters, its warnings and the last check before sending."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """Characters: up to `recommended` every system shows them all, above `hard` we refuse."""

    name: str
    recommended: int
    hard: int


TITLE = Limit("title", recommended=50, hard=200)
BODY = Limit("text", recommended=120, hard=1_000)
LINK = Limit("link", recommended=1_000, hard=1_500)
PICTURE = Limit("picture's address", recommended=1_000, hard=1_500)

PAYLOAD = 3_993
"""Bytes: what fits into one encrypted record of Web Push (RFC 8291)."""
