"""Kept memberships: who is in which segment, since when and why; by the event and by the clock, to the second.

`judge_people` after something happened to people, in the same transaction; `catch_up` for whom time changes; `settle`
when a segment is saved. `mark` leaves people to the clock, for changes of many at once. `nightly` looks after all that.
"""

from __future__ import annotations

from plugin.profile.memberships import Cause, Change, mark, mark_those

from . import nightly
from .benches import reads
from .clock import anybody_due, due
from .explaining import Explanation, explanation, why
from .judging import catch_up, judge_people
from .naming import people_named
from .reading import Day, Progress, changes_of, counting, progress, since, size, size_of_each, sizes
from .saving import saved
from .settling import forget, settle, settle_again, settle_timers, settling

__all__ = [
    "Cause",
    "Change",
    "Day",
    "Explanation",
    "Progress",
    "anybody_due",
    "catch_up",
    "changes_of",
    "counting",
    "due",
    "explanation",
    "forget",
    "judge_people",
    "mark",
    "mark_those",
    "nightly",
    "people_named",
    "progress",
    "reads",
    "saved",
    "settle",
    "settle_again",
    "settle_timers",
    "settling",
    "since",
    "size",
    "size_of_each",
    "sizes",
    "why",
]
