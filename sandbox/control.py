"""The hand that moves the pretend world: /_sandbox/…, JSON in and out. For the story, tests and curious developers."""

from __future__ import annotations

import json
import sqlite3

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox import bodies, catalogue, customers, orders, privacy, secrets, shelves, shop
from sandbox.adminapi import oauth, pixels
from sandbox.billing import charges
from sandbox.frame import session
from sandbox.push.robots import PushService
from sandbox.state import Db, fact, remember
from sandbox.webhooks import outbox, payloads
from sandbox.webhooks.outbox import Rules
from sandbox.world import world_of

MOST = 5_000


async def overview(request: Request) -> Response:
    """What the world looks like: addresses, history, webhooks, pushes."""
    world = world_of(request)
    pushes = dict(world.db.execute("SELECT state, count(*) FROM pushes GROUP BY state").fetchall())
    return JSONResponse(
        {
            "shop": shop.DOMAIN,
            "storefront": world.settings.url,
            "admin": f"{world.settings.admin_url}/store/{shop.HANDLE}/apps/{shop.PROXY_SUBPATH}",
            "push": world.settings.push_url,
            "push_ca": str(world.settings.ca_file),
            "browsers": request.app.state.browsers,
            "installed": fact(world.db, "installed"),
            "history": fact(world.db, "history"),
            "webhooks": outbox.overview(world),
            "pushes": pushes,
        }
    )


async def push_ca(request: Request) -> Response:
    return FileResponse(world_of(request).settings.ca_file, media_type="application/x-pem-file")


async def read_webhooks(request: Request) -> Response:
    return JSONResponse(outbox.overview(world_of(request)))


async def rule_webhooks(request: Request) -> Response:
    """`{"repeat_every": 3, "late_every": 4, "late_by": 0.7, "shuffle_by": 2, "lose_every": 5}`; 0: no such trouble."""
    asked = await bodies.asked(request)
    unknown = set(asked) - {"repeat_every", "late_every", "late_by", "shuffle_by", "lose_every"}
    if unknown:
        raise HTTPException(422, f"unknown: {sorted(unknown)}")
    outbox.set_rules(world_of(request), Rules(**asked))
    return JSONResponse(outbox.overview(world_of(request)))


async def subscribe_robots(request: Request) -> Response:
    """`{"server_key", "robots": [{"name", "answers": [429], "online": true, "notes": {}}]}` → subscriptions."""
    asked, service = await bodies.asked(request), _service(request)
    made = [
        service.subscribe(
            str(each["name"]),
            str(asked["server_key"]),
            list(each.get("answers", [])),
            online=bool(each.get("online", True)),
            notes=each.get("notes", {}),
        )
        for each in asked["robots"][:MOST]
    ]
    return JSONResponse({"robots": made})


async def read_robots(request: Request) -> Response:
    world, service = world_of(request), _service(request)
    rows = world.db.execute(
        "SELECT token, name, p256dh, auth, answers, online, notes FROM robots ORDER BY rowid"
    ).fetchall()
    robots = [
        {"name": row["name"], "token": row["token"], "endpoint": service.endpoint(row["token"]),
         "online": bool(row["online"]), "answers": json.loads(row["answers"]), "notes": json.loads(row["notes"]),
         "keys": {"p256dh": row["p256dh"], "auth": row["auth"]}}
        for row in rows
    ]  # fmt: skip
    return JSONResponse({"robots": robots})


async def change_robot(request: Request) -> Response:
    """`{"online": false}`, `{"answers": [410]}`."""
    asked = await bodies.asked(request)
    if not _service(request).change(
        request.path_params["token"], online=asked.get("online"), answers=asked.get("answers")
    ):
        raise HTTPException(404)
    return JSONResponse({"changed": True})


async def read_pushes(request: Request) -> Response:
    """The push service's log after number `after`, in the order in which pushes came."""
    after = _number(request, "after", 0)
    rows = (
        world_of(request).db.execute("SELECT * FROM pushes WHERE id > ? ORDER BY id LIMIT ?", (after, MOST)).fetchall()
    )
    return JSONResponse({"pushes": [dict(row) for row in rows]})


async def read_customers(request: Request) -> Response:
    rows = customers.some(
        world_of(request).db, min(_number(request, "limit", 100), MOST), _number(request, "offset", 0)
    )
    return JSONResponse({"customers": [dict(row) | {"countries": json.loads(row["countries"])} for row in rows]})


async def sign_up(request: Request) -> Response:
    """`{"how_many": 3}` people make an account: `{"customers": [their numbers]}`."""
    asked = await bodies.asked(request)
    world, how_many = world_of(request), min(int(asked.get("how_many", 1)), 100)
    return JSONResponse({"customers": [customers.sign_up(world) for _ in range(how_many)]})


async def tag_customer(request: Request) -> Response:
    """`{"add": ["vip"], "remove": []}`."""
    asked = await bodies.asked(request)
    tags = customers.tag(
        world_of(request), request.path_params["number"], add=asked.get("add", []), remove=asked.get("remove", [])
    )
    if tags is None:
        raise HTTPException(404)
    return JSONResponse({"tags": tags})


async def change_consent(request: Request) -> Response:
    """`{"channel": "email", "state": "subscribed"}`; the other channel is `sms`."""
    asked = await bodies.asked(request)
    channel, state = str(asked.get("channel")), str(asked.get("state"))
    if channel not in ("email", "sms") or state not in ("subscribed", "unsubscribed", "not_subscribed", "pending"):
        raise HTTPException(422, "channel: email or sms; state: subscribed, unsubscribed, not_subscribed or pending")
    if not customers.consent(world_of(request), request.path_params["number"], channel, state):
        raise HTTPException(404)
    return JSONResponse({"channel": channel, "state": state})


async def merge_customers(request: Request) -> Response:
    """`{"into": 12347}`: this customer is gone afterwards, the other has it all."""
    asked = await bodies.asked(request)
    if not customers.merge(world_of(request), request.path_params["number"], int(asked["into"])):
        raise HTTPException(404)
    return JSONResponse({"kept": int(asked["into"])})


async def read_products(request: Request) -> Response:
    rows = catalogue.best_sellers(world_of(request).db, min(_number(request, "limit", 50), MOST))
    return JSONResponse({"products": [dict(row) for row in rows]})


async def read_buyers(request: Request) -> Response:
    """How many customers ever bought a product."""
    count = (
        world_of(request)
        .db.execute(
            "SELECT count(DISTINCT customer_id) FROM orders, json_each(orders.lines) AS line"
            " WHERE json_extract(line.value, '$.product_id') = ?",
            (request.path_params["number"],),
        )
        .fetchone()[0]
    )
    return JSONResponse({"buyers": count})


async def read_story(request: Request) -> Response:
    """What the story wrote down of itself, `{}` before it began."""
    return JSONResponse(fact(world_of(request).db, "story") or {})


async def write_story(request: Request) -> Response:
    remember(world_of(request).db, "story", await bodies.asked(request))
    return JSONResponse({"kept": True})


async def change_product(request: Request) -> Response:
    """`{"price": 250}` in pence."""
    asked = await bodies.asked(request)
    changed = catalogue.change_price(world_of(request), request.path_params["number"], int(asked["price"]))
    if changed is None:
        raise HTTPException(404)
    return JSONResponse(dict(changed))


async def read_orders(request: Request) -> Response:
    """Orders placed after `after` (an instant), with their totals: what really happened."""
    rows = world_of(request).db.execute(
        "SELECT id, number, customer_id, email, total, refunded, cart_token, landing_site, placed_at, lines"
        " FROM orders WHERE placed_at > ? ORDER BY placed_at LIMIT ?",
        (request.query_params.get("after", ""), MOST),
    )
    return JSONResponse({"orders": [dict(row) | {"lines": json.loads(row["lines"])} for row in rows.fetchall()]})


async def change_order(request: Request) -> Response:
    """POST …/orders/{number}/refund | fulfil | deliver | cancel; a refund takes one piece of the first line."""
    world, what = world_of(request), request.path_params["what"]
    await request.body()  # unread, it would cost the connection
    order = orders.find(world.db, request.path_params["number"])
    if order is None or what not in ("refund", "fulfil", "deliver", "cancel"):
        raise HTTPException(404)
    if what == "refund":
        orders.refund(world, order, json.loads(order["lines"])[0], 1)
    elif what == "deliver":
        orders.ship(world, order, "delivered")
    else:
        (orders.fulfil if what == "fulfil" else orders.cancel)(world, order)
    return JSONResponse(orders.body(world, order["id"]))


async def trouble_admin_api(request: Request) -> Response:
    """`{"answers": [429, 503], "hide": ["Customer"], "fail_bulk": ["TIMEOUT"], "async_members": true}`: what the next
    requests meet, which types are hidden until told otherwise, how the next bulk operations fail, whether members of
    segments must be asked for asynchronously. `{}` ends all trouble."""
    asked = await bodies.asked(request)
    unknown = set(asked) - {"answers", "hide", "fail_bulk", "async_members"}
    if unknown:
        raise HTTPException(422, f"unknown: {sorted(unknown)}")
    remember(world_of(request).db, "admin_trouble", asked)
    return JSONResponse(asked)


async def read_collections(request: Request) -> Response:
    db = world_of(request).db
    rows = db.execute("SELECT * FROM collections ORDER BY id").fetchall()
    told = [{"id": row["id"], "title": row["title"], "product_ids": _ids(db, row)} for row in rows]
    return JSONResponse({"collections": told})


async def make_collection(request: Request) -> Response:
    """`{"title": "Summer", "product_ids": [1, 2]}`."""
    asked = await bodies.asked(request)
    made = shelves.make(world_of(request), str(asked["title"]), [int(each) for each in asked.get("product_ids", [])])
    return JSONResponse({"id": made["id"]})


async def change_collection(request: Request) -> Response:
    """`{"title": "Winter"}`, `{"product_ids": []}`, `{"deleted": true}`."""
    world, number, asked = world_of(request), request.path_params["number"], await bodies.asked(request)
    done = shelves.remove(world, number) if asked.get("deleted") else shelves.change(world, number, asked)
    if not done:
        raise HTTPException(404)
    return JSONResponse({"changed": number})


def _ids(db: Db, collection: sqlite3.Row) -> list[int]:
    return [row["id"] for row in shelves.members(db, collection)]


async def uninstall(request: Request) -> Response:
    """The merchant removes the app: app/uninstalled, and the tokens are dead."""
    world = world_of(request)
    outbox.tell(world, "app/uninstalled", payloads.this_shop(world))
    oauth.revoke_all(world)
    charges.end_all(world)
    pixels.forget(world)
    return JSONResponse({"installed": None})


async def rule_sessions(request: Request) -> Response:
    """`{"stale": 1}`: so many of the session tokens that App Bridge is given next have run out already."""
    asked = await bodies.asked(request)
    session.let_stale(world_of(request), int(asked.get("stale", 0)))
    return JSONResponse({"stale": int(asked.get("stale", 0))})


async def rule_tokens(request: Request) -> Response:
    """`{"end": "access"}`: every access token ends now; `"refresh"`: every refresh token too."""
    asked = await bodies.asked(request)
    if asked.get("end") not in ("access", "refresh"):
        raise HTTPException(422, '"end" is "access" or "refresh"')
    oauth.end(world_of(request), refresh_too=asked["end"] == "refresh")
    return JSONResponse({"ended": asked["end"]})


async def rule_secret(request: Request) -> Response:
    """`{"secret": "…"}` rotates; `{"sign_with": "new"}` or `"old"`; `{"revoke_old": true}`."""
    asked, world = await bodies.asked(request), world_of(request)
    if asked.get("secret"):
        return JSONResponse(secrets.rotate(world, str(asked["secret"])))
    if asked.get("sign_with") in ("old", "new"):
        return JSONResponse(secrets.sign_with(world, asked["sign_with"]))
    if asked.get("revoke_old") is True:
        return JSONResponse(secrets.revoke_old(world))
    raise HTTPException(422, "secret, sign_with or revoke_old")


def _service(request: Request) -> PushService:
    service: PushService = request.app.state.push
    return service


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdigit() else otherwise


routes = [
    Route("/_sandbox", overview),
    Route("/_sandbox/push-ca.pem", push_ca),
    Route("/_sandbox/webhooks", read_webhooks),
    Route("/_sandbox/webhooks", rule_webhooks, methods=["POST"]),
    Route("/_sandbox/robots", read_robots),
    Route("/_sandbox/robots", subscribe_robots, methods=["POST"]),
    Route("/_sandbox/robots/{token}", change_robot, methods=["POST"]),
    Route("/_sandbox/pushes", read_pushes),
    Route("/_sandbox/customers", read_customers),
    Route("/_sandbox/customers", sign_up, methods=["POST"]),
    Route("/_sandbox/customers/{number:int}/tags", tag_customer, methods=["POST"]),
    Route("/_sandbox/customers/{number:int}/consent", change_consent, methods=["POST"]),
    Route("/_sandbox/customers/{number:int}/merge", merge_customers, methods=["POST"]),
    Route("/_sandbox/admin-api", trouble_admin_api, methods=["POST"]),
    Route("/_sandbox/collections", read_collections),
    Route("/_sandbox/collections", make_collection, methods=["POST"]),
    Route("/_sandbox/collections/{number:int}", change_collection, methods=["POST"]),
    Route("/_sandbox/products", read_products),
    Route("/_sandbox/products/{number:int}", change_product, methods=["POST"]),
    Route("/_sandbox/products/{number:int}/buyers", read_buyers),
    Route("/_sandbox/story", read_story),
    Route("/_sandbox/story", write_story, methods=["POST"]),
    Route("/_sandbox/orders", read_orders),
    Route("/_sandbox/orders/{number:int}/{what}", change_order, methods=["POST"]),
    Route("/_sandbox/session-tokens", rule_sessions, methods=["POST"]),
    Route("/_sandbox/tokens", rule_tokens, methods=["POST"]),
    Route("/_sandbox/secret", rule_secret, methods=["POST"]),
    Route("/_sandbox/uninstall", uninstall, methods=["POST"]),
    Route("/_sandbox/privacy/{topic}", privacy.ask, methods=["POST"]),
]
