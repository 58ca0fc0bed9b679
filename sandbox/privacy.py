"""What the law asks of every app, as Shopify asks it: three topics, each in the shape of Shopify's sample.

`POST /_sandbox/privacy/{customers-data_request | customers-redact | shop-redact}`, `{"customer_id": 12347}`.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import bodies, customers, shop
from sandbox.state import Json, fact, remember
from sandbox.webhooks import outbox
from sandbox.world import World, world_of

TOPICS = ("customers/data_request", "customers/redact", "shop/redact")


async def ask(request: Request) -> Response:
    """404 for a topic that the law does not know, 422 for nobody; shop/redact also reaches an app that has left."""
    world, asked = world_of(request), await bodies.asked(request)
    topic = request.path_params["topic"].replace("-", "/", 1)
    if topic not in TOPICS:
        raise HTTPException(404, f"the topics are {', '.join(TOPICS)}")
    body: Json = {"shop_id": shop.SHOP_ID, "shop_domain": shop.DOMAIN}
    if topic != "shop/redact":
        body |= _about(world, topic, asked.get("customer_id"))
    told = outbox.tell(world, topic, body, also_departed=topic == "shop/redact")
    return JSONResponse({"told": topic, "subscriptions": told})


def _about(world: World, topic: str, customer_id: object) -> Json:
    customer = customers.find(world.db, customer_id) if isinstance(customer_id, int) else None
    if customer is None:
        raise HTTPException(422, '"customer_id" is no customer of this store')
    orders = [row["id"] for row in world.db.execute("SELECT id FROM orders WHERE customer_id = ?", (customer["id"],))]
    who = {"id": customer["id"], "email": customer["email"], "phone": None}
    if topic == "customers/redact":
        return {"customer": who, "orders_to_redact": orders}
    number = (fact(world.db, "data_requests") or 9_998) + 1
    remember(world.db, "data_requests", number)
    return {"orders_requested": orders, "customer": who, "data_request": {"id": number}}
