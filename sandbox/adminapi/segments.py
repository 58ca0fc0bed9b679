"""The Admin API's segments: the merchant's own, and who is in one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import instants, merchant
from sandbox.segments import members
from sandbox.shop import number_of
from sandbox.state import Json
from sandbox.world import World

from . import roots

MOST_MEMBERS = 1_000
"""On a page: "The maximum page size is 1000"."""


def create(world: World, given: Json) -> Json:
    """customerSegmentMembersQueryCreate."""
    return members.create(world, given, instants.now())


def _segments(world: World, arguments: Json) -> Any:
    every = sorted(merchant.held(world, "segments"), key=lambda row: int(row["id"]))
    return roots.connection(roots.page_of_list(every, arguments.get("first"), arguments.get("after")))


def _members(world: World, arguments: Json) -> Any:
    found = members.read(world, arguments, instants.now()).every
    page = roots.page_of_list(found, arguments.get("first"), arguments.get("after"), MOST_MEMBERS)
    return roots.connection(page) | {"totalCount": len(found)}


SEGMENTS: dict[str, Callable[[World, Json], Any]] = {
    "segment": lambda world, given: merchant.find(world, "segments", number_of(given["id"])),
    "segments": _segments,
    "customerSegmentMembers": _members,
    "customerSegmentMembersQuery": lambda world, given: members.look(world, given["id"]),
}
