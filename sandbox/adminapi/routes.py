"""The Admin API over HTTP: /shops/{shop}/admin/… and the bulk operations' result files."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox import instants
from sandbox.shop import DOMAIN
from sandbox.state import fact, remember
from sandbox.world import World, world_of

from . import cost, execution, scopes
from .oauth import access_token, may_enter

UNKNOWN_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"


async def graphql(request: Request) -> Response:
    """POST /shops/{shop}/admin/api/{version}/graphql.json."""
    world, now = world_of(request), instants.now()
    if request.path_params["shop"] != DOMAIN or not may_enter(
        world, request.headers.get("x-shopify-access-token"), now
    ):
        return JSONResponse({"errors": UNKNOWN_TOKEN}, 401)
    if trouble := _trouble(world):
        return trouble
    asked = await request.json()
    query, variables = str(asked.get("query", "")), asked.get("variables") or {}
    points, bucket = cost.cost_of(query, variables), request.app.state.bucket
    if points > cost.DEAREST:
        message = f"Query cost is {points}, which exceeds the single query max cost limit ({cost.DEAREST})."
        return JSONResponse({"errors": [{"message": message, "extensions": {"code": "MAX_COST_EXCEEDED"}}]})
    if not bucket.take(points, now):
        errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
        return JSONResponse({"errors": errors, "extensions": bucket.report(points, None)})
    allowed = scopes.of(world.db, request.headers.get("x-shopify-access-token"))
    told = execution.run(world, query, variables, allowed)
    return JSONResponse(told | {"extensions": bucket.report(points, points)})


def _trouble(world: World) -> Response | None:
    """What the hand wants the next request to meet: 429 with Retry-After, 500 and more."""
    wanted = fact(world.db, "admin_trouble") or {}
    if not wanted.get("answers"):
        return None
    status, *rest = wanted["answers"]
    remember(world.db, "admin_trouble", wanted | {"answers": rest})
    headers = {"Retry-After": "1.0"} if status == 429 else {}
    return JSONResponse({"errors": "Exceeded API rate limit" if status == 429 else "Internal error"}, status, headers)


async def result_file(request: Request) -> Response:
    """GET /shops/{shop}/bulk/{id}.jsonl, whole or from a byte on (Range)."""
    file = world_of(request).settings.downloads / f"{request.path_params['number']}.jsonl"
    if not file.is_file():
        raise HTTPException(404)
    return FileResponse(file, media_type="application/jsonl")


routes = [
    Route("/shops/{shop}/admin/oauth/access_token", access_token, methods=["POST"]),
    Route("/shops/{shop}/admin/api/{version}/graphql.json", graphql, methods=["POST"]),
    Route("/shops/{shop}/bulk/{number:int}.jsonl", result_file),
]
