"""Limits on an audience beyond consent."""

from __future__ import annotations

import hashlib


def is_held_out(campaign_id: int, person_id: int, percent: int) -> bool:
    """Is this person among the `percent` of the campaign's audience who get nothing, so that others can be compared
    with them? Always the same answer for the same two."""
    if percent <= 0:
        return False
    digest = hashlib.blake2b(f"{campaign_id}:{person_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) * 100 < percent << 64
