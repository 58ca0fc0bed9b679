"""The hand that moves goods and what the merchant keeps: stock, discounts, segments, themes, checkouts."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import bodies, carts, catalogue, merchant, stock
from sandbox.state import Json
from sandbox.world import world_of


async def restock(request: Request) -> Response:
    """POST …/products/{number}/stock `{"pieces": 40}`: so many are there now."""
    asked, world = await bodies.asked(request), world_of(request)
    row = catalogue.product_by_id(world.db, request.path_params["number"])
    if row is None:
        raise HTTPException(404)
    stock.set_to(world, row, int(asked["pieces"]))
    now = catalogue.product_by_id(world.db, row["id"])
    return JSONResponse({"stock": now["stock"] if now else None})


async def make(request: Request) -> Response:
    """POST …/kept/discounts `{"title": "Ten off", "codes": ["TEN"]}`, …/kept/segments `{"name", "query"}`."""
    asked, world = await bodies.asked(request), world_of(request)
    if _kind(request) == "discounts":
        return JSONResponse(merchant.make_discount(world, str(asked["title"]), list(asked.get("codes", []))))
    return JSONResponse(merchant.make_segment(world, str(asked["name"]), str(asked["query"])))


async def read(request: Request) -> Response:
    kind = _kind(request)
    return JSONResponse({kind: merchant.held(world_of(request), kind)})


async def change(request: Request) -> Response:
    """POST …/kept/discounts/{number} `{"status": "EXPIRED", "add": ["TEN"]}`, …/kept/segments/{number}."""
    asked, world, row = await bodies.asked(request), world_of(request), _found(request)
    if request.path_params["kind"] == "segments":
        return JSONResponse(merchant.change_segment(world, row, _only(asked, "name", "query")))
    if changes := _only(asked, "title", "status"):
        row = merchant.change_discount(world, row, changes)
    codes = {way: list(asked.get(way, [])) for way in ("add", "remove")}
    return JSONResponse(merchant.change_codes(world, row, **codes))


async def end(request: Request) -> Response:
    """DELETE …/kept/discounts/{number}, …/kept/segments/{number}."""
    world, row = world_of(request), _found(request)
    (merchant.end_discount if request.path_params["kind"] == "discounts" else merchant.end_segment)(world, row)
    return JSONResponse({"deleted": row["id"]})


async def publish(request: Request) -> Response:
    """POST …/themes `{"name": "Comfort"}`."""
    asked = await bodies.asked(request)
    return JSONResponse(merchant.publish_theme(world_of(request), str(asked["name"])))


async def delete_checkout(request: Request) -> Response:
    """DELETE …/checkouts/{token}: its recovery link is dead."""
    world = world_of(request)
    gone = carts.end_checkout(world, request.path_params["token"])
    if gone is None:
        raise HTTPException(404)
    return JSONResponse({"cart": gone["token"], "lines": json.loads(gone["lines"])})


def _kind(request: Request) -> str:
    kind: str = request.path_params["kind"]
    if kind not in ("discounts", "segments"):
        raise HTTPException(404)
    return kind


def _found(request: Request) -> Json:
    row = merchant.find(world_of(request), _kind(request), request.path_params["number"])
    if row is None:
        raise HTTPException(404)
    return row


def _only(asked: Json, *names: str) -> Json:
    return {name: str(asked[name]) for name in names if name in asked}


routes = [
    Route("/_sandbox/products/{number:int}/stock", restock, methods=["POST"]),
    Route("/_sandbox/themes", publish, methods=["POST"]),
    Route("/_sandbox/checkouts/{token}", delete_checkout, methods=["DELETE"]),
    Route("/_sandbox/kept/{kind}", read),
    Route("/_sandbox/kept/{kind}", make, methods=["POST"]),
    Route("/_sandbox/kept/{kind}/{number:int}", change, methods=["POST"]),
    Route("/_sandbox/kept/{kind}/{number:int}", end, methods=["DELETE"]),
]
