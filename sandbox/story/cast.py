"""The cast: robots with keys of their own at the push service, each with a part to play. It is kept for later runs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.state import Json

from .hands import Sandbox

CUSTOMERS, NEWCOMERS, VISITORS = 108, 24, 68


class Part(StrEnum):
    """What a robot does in the story."""

    READER = "reads"
    CLICKER = "clicks"
    BUYER = "clicks and buys"
    LEAVER = "leaves a cart"
    CHANGER = "leaves a cart, then buys it"
    WITHDRAWN = "unsubscribes"
    LATE = "is offline for a while"
    GONE = "answers 410"
    THROTTLED = "answers 429, then 201"
    FAILING = "answers 500, then 201"
    BOTH = "answers 429, then 500, then 201"


ANSWERS = {Part.GONE: [410], Part.THROTTLED: [429], Part.FAILING: [500], Part.BOTH: [429, 500]}

SCRIPT = [
    Part.BUYER, Part.READER, Part.CLICKER, Part.GONE, Part.CLICKER, Part.READER, Part.BUYER, Part.THROTTLED,
    Part.READER, Part.CLICKER, Part.FAILING, Part.READER, Part.CLICKER, Part.BUYER, Part.READER, Part.LATE,
    Part.CLICKER, Part.BOTH, Part.READER, Part.CLICKER,
]  # fmt: skip
"""Parts in turn, for those who have no other."""

WITHOUT_BUYING = {Part.BUYER: Part.CLICKER, Part.LEAVER: Part.READER, Part.CHANGER: Part.CLICKER}
"""Customers of the history buy nothing here: what the history says of them stays as it is, and can be checked."""


@dataclass(frozen=True, slots=True)
class Robot:
    name: str
    token: str
    endpoint: str
    keys: dict[str, str]
    visitor: str
    customer_id: int | None
    part: Part
    logs_in_later: bool
    """Opts in as a stranger and becomes the customer afterwards: two profiles become one."""

    @property
    def clicks(self) -> bool:
        return self.part in (Part.CLICKER, Part.BUYER)


async def recall(sandbox: Sandbox) -> list[Robot]:
    """The cast of an earlier run; empty if there was none."""
    return [_robot(told) for told in (await sandbox.get("/robots"))["robots"] if told["notes"].get("story")]


async def invite(sandbox: Sandbox, server_key: str, customers: list[Json]) -> list[Robot]:
    """A new cast: customers from all over the list, best and worst; newcomers; visitors whom nobody knows."""
    step = max(1, len(customers) // CUSTOMERS)
    told = [_invitation(place, one["id"], buys=False) for place, one in enumerate(customers[::step][:CUSTOMERS])]
    newcomers = (await sandbox.post("/customers", {"how_many": NEWCOMERS}))["customers"]
    told += [_invitation(place, number) for place, number in enumerate(newcomers, len(told))]
    told += [_invitation(place, None) for place in range(len(told), len(told) + VISITORS)]
    made = await sandbox.post("/robots", {"server_key": server_key, "robots": told})
    return [_robot(robot | {"notes": each["notes"]}) for robot, each in zip(made["robots"], told, strict=True)]


def _invitation(place: int, customer_id: int | None, *, buys: bool = True) -> Json:
    part = _part(place)
    part = part if buys else WITHOUT_BUYING.get(part, part)
    notes = {
        "story": True,
        "visitor": secrets.token_urlsafe(18),
        "customer_id": customer_id,
        "part": part.value,
        "logs_in_later": customer_id is not None and place % 44 == 21,
    }
    name = f"customer {customer_id}" if customer_id else f"visitor {place}"
    return {"name": name, "answers": ANSWERS.get(part, []), "online": part is not Part.LATE, "notes": notes}


def _part(place: int) -> Part:
    special: dict[int, Part] = {10: Part.LEAVER, 11: Part.CHANGER, 12: Part.WITHDRAWN}
    return special.get(place % 33) or SCRIPT[place % len(SCRIPT)]


def _robot(told: dict[str, Any]) -> Robot:
    notes = told["notes"]
    return Robot(
        name=told["name"],
        token=told["token"],
        endpoint=told["endpoint"],
        keys=told["keys"],
        visitor=notes["visitor"],
        customer_id=notes["customer_id"],
        part=Part(notes["part"]),
        logs_in_later=notes["logs_in_later"],
    )
