"""The Partner API: POST /partners/{organization}/api/{version}/graphql.json, one token of the organization's client."""

from __future__ import annotations

import collections
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import instants, shop
from sandbox.shop import gid
from sandbox.state import Json
from sandbox.world import World, world_of

from . import charges, dashboard
from .charges import MONTH

SCHEMA = build_schema((Path(__file__).parent / "partner.graphql").read_text())
OLDEST = "2026-07"
A_SECOND = 4
APP_GID = gid("App", 8200)

_lately: collections.deque[float] = collections.deque(maxlen=A_SECOND)


async def graphql(request: Request) -> Response:
    """Four questions a second; beyond, and in bad moods, it answers as a service in trouble does."""
    world, mood = world_of(request), dashboard.rules(world_of(request)).partner
    if mood == "away":
        return Response("upstream connect error", 503, media_type="text/plain")
    if request.headers.get("x-shopify-access-token") != dashboard.TOKEN:
        return JSONResponse({"errors": [{"message": "Invalid access token"}]}, 401)
    if request.path_params["organization"] != dashboard.ORGANIZATION:
        return JSONResponse({"errors": [{"message": "Organization not found"}]}, 404)
    if mood == "slow down" or _too_many():
        return JSONResponse({"errors": [{"message": "Too many requests"}]}, 429, {"Retry-After": "1.0"})
    if mood == "forbidden":
        message = "The API client does not have the permission manage_apps"
        return JSONResponse({"data": None, "errors": [{"message": message, "path": ["activeSubscription"]}]})
    if request.path_params["version"] < OLDEST:
        message = "Field 'activeSubscription' doesn't exist on type 'QueryRoot'"
        return JSONResponse({"errors": [{"message": message}]})
    asked = await request.json()
    answer = graphql_sync(
        SCHEMA,
        str(asked.get("query", "")),
        root_value={"activeSubscription": _active},
        context_value=world,
        variable_values=asked.get("variables") or {},
        type_resolver=lambda *_: "FlatRatePrice",
    )
    return JSONResponse(dict(answer.formatted))


def _active(info: Any, appId: str, shopId: str) -> Json | None:  # noqa: N803  Shopify's names
    """null: no contract of App Pricing, or one that is not in force."""
    world: World = info.context
    if appId != APP_GID:
        raise GraphQLError("App not found")
    if shopId != gid("Shop", shop.SHOP_ID):
        raise GraphQLError("Shop not found")
    row = charges.in_force(world, "app_pricing")
    return _contract(world, row) if row is not None else None


def _contract(world: World, row: sqlite3.Row) -> Json:
    ends = instants.parse(row["period_end"])
    trial = instants.parse(row["created_at"]) + timedelta(days=row["trial_days"]) if row["trial_days"] else None
    on_trial = trial is not None and trial > instants.now()
    cycle = {"startTime": instants.text(ends - MONTH), "endTime": instants.text(ends)}
    following = dashboard.plan(row["next_handle"] or "")
    return {
        "app": {"id": APP_GID, "apiKey": world.settings.api_key, "name": "Beckon"},
        "shop": {"id": gid("Shop", shop.SHOP_ID), "myshopifyDomain": shop.DOMAIN, "name": shop.NAME},
        "billingPeriod": "EVERY_30_DAYS",
        "cancelAtEndOfCycle": bool(row["ends"]),
        "currentBillingCycle": None if on_trial else cycle,
        "trialEndsAt": instants.text(trial) if trial and on_trial else None,
        "items": [_item(row["handle"], 0 if row["test"] else row["amount"])],
        "pendingUpdate": _pending(following) if following else None,
        "legacySubscriptionId": gid("AppSubscription", row["id"]),
    }


def _pending(plan: dashboard.Listed) -> Json:
    return {
        "billingPeriod": "EVERY_30_DAYS",
        "items": [_item(plan.handle, plan.amount)],
        "legacySubscriptionId": None,
    }


def _item(handle: str, amount: int) -> Json:
    price = {"active": True, "amount": charges.dollars(amount), "currency": "USD"}
    return {"handle": handle, "description": handle.capitalize(), "price": price}


def _too_many() -> bool:
    now = time.monotonic()
    if len(_lately) == A_SECOND and now - _lately[0] < 1:
        return True
    _lately.append(now)
    return False


routes = [Route("/partners/{organization}/api/{version}/graphql.json", graphql, methods=["POST"])]
