"""/_sandbox/billing: the hand that freezes, expires and ends charges, and puts the Partner API into a mood."""

from __future__ import annotations

from dataclasses import asdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import bodies
from sandbox.world import World, world_of

from . import charges, dashboard

DEEDS = {"freeze": "FROZEN", "unfreeze": "ACTIVE", "cancel": "CANCELLED", "expire": "EXPIRED", "decline": "DECLINED"}


async def read(request: Request) -> Response:
    return JSONResponse(_overview(world_of(request)))


async def move(request: Request) -> Response:
    """`{"do": "freeze"}` (unfreeze, cancel, expire, decline, renew) with the newest charge; `{"partner": "away"}`,
    `{"pricing": "manual"}`, `{"development": false}`, `{"trials": true}`."""
    world, asked = world_of(request), await bodies.asked(request)
    deed = asked.pop("do", None)
    try:
        dashboard.set_rules(world, **asked)
    except TypeError as error:
        raise HTTPException(422, str(error)) from None
    if deed == "renew":
        charges.renew(world)
    elif deed is not None:
        newest = charges.newest_first(world, "status NOT IN ('CANCELLED', 'DECLINED', 'EXPIRED')")
        if deed not in DEEDS or not newest:
            raise HTTPException(422, f"There is nothing to {deed}.")
        charges.end(world, newest[0]["id"], DEEDS[deed])
    return JSONResponse(_overview(world))


def _overview(world: World) -> dict[str, object]:
    return {
        "organization": dashboard.ORGANIZATION,
        "token": dashboard.TOKEN,
        "rules": asdict(dashboard.rules(world)),
        "charges": [dict(row) for row in charges.newest_first(world)],
    }


routes = [Route("/_sandbox/billing", read), Route("/_sandbox/billing", move, methods=["POST"])]
