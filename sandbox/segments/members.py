"""customerSegmentMembers: who is in a segment, now or as a query of its own that is worked off (asynchronously)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphql import GraphQLError

from sandbox import merchant, shop
from sandbox.shop import gid, number_of
from sandbox.state import Json, fact, remember
from sandbox.world import World

from . import shoppers
from .dates import Days
from .grammar import Invalid, parse
from .meaning import Meaning
from .shoppers import Shopper

ONLY_ASYNC = "USE_CUSTOMER_SEGMENT_MEMBERS_QUERY_CREATE_MUTATION"


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a query, by their numbers."""

    every: tuple[Shopper, ...]


def read(world: World, arguments: Json, now: datetime) -> Members:
    """The members by `query`, `segmentId` or `queryId`. Raises GraphQLError in Shopify's manner."""
    if arguments.get("queryId"):
        asked = _asked(world, arguments["queryId"])
        if asked is None or not _done(asked):
            raise GraphQLError("The segment members query is not done.", extensions={"code": "INVALID"})
        return find(world, asked["query"], now, "UTC")
    if (fact(world.db, "admin_trouble") or {}).get("async_members"):
        message = "This query can only be run async, with the `customerSegmentMembersQueryCreate` mutation."
        raise GraphQLError(message, extensions={"code": ONLY_ASYNC})
    try:
        return find(world, query_of(world, arguments), now, arguments.get("timezone") or "UTC")
    except Invalid as error:
        raise GraphQLError(f"Query is invalid: {error}", extensions={"code": "INVALID"}) from error


def find(world: World, query: str, now: datetime, timezone: str) -> Members:
    """Evaluates `query` over all customers. Raises Invalid."""
    try:
        relative = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(f"'{timezone}' is not a time zone.") from None
    holds = Meaning(Days(now, shop.TIMEZONE, relative), shoppers.tags(world.db)).of(parse(query))
    return Members(tuple(one for one in shoppers.every(world.db) if holds(one)))


def query_of(world: World, given: Json) -> str:
    """The query that is asked, or that of a segment. Raises Invalid when there is none."""
    if not given.get("segmentId"):
        return str(given.get("query") or "")
    row = merchant.find(world, "segments", number_of(given["segmentId"]))
    if row is None:
        raise Invalid("Segment not found.")
    return str(row["query"])


def create(world: World, given: Json, now: datetime) -> Json:
    """customerSegmentMembersQueryCreate: the query is there, and done when it was looked at once."""
    try:
        query = query_of(world, given)
        found = find(world, query, now, "UTC")
    except Invalid as error:
        problem = {"code": "INVALID", "field": ["input"], "message": f"Query is invalid: {error}"}
        return {"customerSegmentMembersQuery": None, "userErrors": [problem]}
    held = fact(world.db, "member_queries") or []
    remember(world.db, "member_queries", [*held, {"query": query, "count": len(found.every), "looks": 0}])
    return {"customerSegmentMembersQuery": _told(world, len(held)), "userErrors": []}


def look(world: World, gid_text: str) -> Json | None:
    """customerSegmentMembersQuery."""
    number, held = number_of(gid_text) - 1, fact(world.db, "member_queries") or []
    if not 0 <= number < len(held):
        return None
    held[number]["looks"] += 1
    remember(world.db, "member_queries", held)
    return _told(world, number)


def _asked(world: World, gid_text: str) -> Json | None:
    number, held = number_of(gid_text) - 1, fact(world.db, "member_queries") or []
    asked: Json | None = held[number] if 0 <= number < len(held) else None
    return asked


def _done(asked: Json) -> bool:
    return bool(asked["looks"])


def _told(world: World, number: int) -> Json:
    asked = (fact(world.db, "member_queries") or [])[number]
    done = _done(asked)
    return {"id": gid("CustomerSegmentMembersQuery", number + 1), "done": done, "currentCount": asked["count"] * done}
