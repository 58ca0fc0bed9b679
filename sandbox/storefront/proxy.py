"""The app proxy: /apps/beckon/… is signed and forwarded to the app, as Shopify does it."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import httpx
from starlette.requests import Request
from starlette.responses import Response

from sandbox import secrets, signing
from sandbox.shop import DOMAIN, PROXY_PATH
from sandbox.world import world_of

from .theme import page
from .visitor import visitor_of

REMOVED = frozenset(
    "accept-patch accept-ranges connection cookie date delta-base im p3p pragma preference-applied proxy-authenticate"
    " public-key-pins server service-worker-allowed set-cookie trailer tk warning x-powered-by".split()
)
"""Headers of answers that Shopify takes away."""
OF_THE_WIRE = frozenset({"content-length", "content-encoding", "transfer-encoding", "keep-alive"})
PASSED_ON = frozenset({"accept", "accept-language", "content-type", "user-agent"})


async def forward(request: Request) -> Response:
    """Any method, the body as it is, no cookies in either direction; redirects are followed."""
    world, client = world_of(request), request.app.state.client
    headers = {name: value for name, value in request.headers.items() if name in PASSED_ON}
    url = f"{world.settings.app_url}/proxy/{request.path_params['path']}?{signed_query(request)}"
    try:
        answer = await client.request(request.method, url, headers=headers, content=await request.body())
    except httpx.HTTPError as error:
        return Response(f"The app does not answer: {error!r}", 502, media_type="text/plain")
    if "application/liquid" in answer.headers.get("content-type", ""):
        return page(request, "liquid.html", content=answer.text)
    kept = [(name, value) for name, value in answer.headers.items() if name not in REMOVED | OF_THE_WIRE]
    response = Response(answer.content, answer.status_code)
    response.raw_headers[:] = [(name.encode(), value.encode()) for name, value in kept]
    response.headers["Content-Length"] = str(len(answer.content))
    return response


def signed_query(request: Request) -> str:
    """The visitor's parameters, what Shopify adds, and the signature over both."""
    visitor = visitor_of(request)
    asked = [
        *request.query_params.multi_items(),
        ("shop", DOMAIN),
        ("logged_in_customer_id", str(visitor.customer["id"]) if visitor.customer else ""),
        ("path_prefix", PROXY_PATH),
        ("timestamp", str(int(time.time()))),  # noqa: TID251
    ]
    return urlencode([*asked, ("signature", signing.proxy(asked, secrets.signing(visitor.world)))])
