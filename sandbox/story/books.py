"""The sandbox's own books at one moment: what each customer and each stranger among the robots has ordered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.state import Json

from .cast import Part, Robot
from .hands import email_of
from .stage import Stage


@dataclass(frozen=True, slots=True)
class Entry:
    """One person, as a segment may ask about them."""

    orders: int
    spent: int
    countries: list[str]
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Books:
    """`customers` by id, `strangers` by the robot's token: their orders name nobody but an e-mail address."""

    robots: list[Robot]
    customers: dict[int, Entry]
    strangers: dict[str, Entry]
    bought_by_strangers: dict[str, set[int]]

    def count(self, fits: Callable[[Entry], bool]) -> int:
        return sum(map(fits, self.customers.values())) + sum(map(fits, self.strangers.values()))

    def strangers_with(self, product: int) -> int:
        return sum(product in products for products in self.bought_by_strangers.values())

    def audience(self, fits: Callable[[Entry], bool]) -> set[str]:
        """The robots whom a campaign to those people must reach, or at least try."""
        return {
            robot.token
            for robot in self.robots
            if robot.part is not Part.WITHDRAWN
            and fits(self.customers[robot.customer_id] if robot.customer_id else self.strangers[robot.token])
        }


async def read(stage: Stage, robots: list[Robot]) -> Books:
    """Opens the books; strangers' orders are those since the first run began."""
    customers = (await stage.sandbox.get("/customers", limit=5000))["customers"]
    orders = (await stage.sandbox.get("/orders", after=stage.record["first_began_at"]))["orders"]
    guests: dict[str, list[Json]] = {}
    for order in orders:
        if order["customer_id"] is None:
            guests.setdefault(order["email"], []).append(order)
    strangers = {one.token: guests.get(email_of(one.visitor), []) for one in robots if one.customer_id is None}
    return Books(
        robots=robots,
        customers={
            one["id"]: Entry(one["orders"], one["spent"], one["countries"], json.loads(one["tags"]))
            for one in customers
        },
        strangers={token: Entry(len(its), sum(map(_worth, its)), [], []) for token, its in strangers.items()},
        bought_by_strangers={
            token: {line["product_id"] for order in its for line in order["lines"]} for token, its in strangers.items()
        },
    )


def _worth(order: Json) -> int:
    return int(order["total"] - order["refunded"])
