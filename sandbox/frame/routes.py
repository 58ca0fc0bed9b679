"""The pretend admin's pages, its session tokens, and the stand-in of App Bridge that the app's pages load."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox import instants, secrets, shop, signing
from sandbox.world import World, world_of

from . import extensions, session

HERE = Path(__file__).parent

templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True)


async def app(request: Request) -> Response:
    """/store/{handle}/apps/{app}/…: the frame; what follows the app's name is the page inside.

    Only demo has a store behind it; for another handle the admin gives session tokens and nothing else.
    """
    world = world_of(request)
    settings = world.settings
    inside, handle = "/" + request.path_params.get("path", ""), request.path_params["handle"]
    if handle == shop.HANDLE:
        session.grant(world)
    text = templates.get_template("frame.html").render(
        shop=shop,
        settings=settings,
        handle=handle,
        src=opening_url(world, inside, request.url.query, handle),
        base=f"/store/{handle}/apps/{request.path_params['app']}",
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


async def id_token(request: Request) -> Response:
    """A session token, for the frame (which hands it to App Bridge) and for robots; none after an uninstall."""
    world, handle = world_of(request), request.path_params["handle"]
    if handle == shop.HANDLE and session.was_removed(world):
        return JSONResponse({"error": "The app is not installed."}, 403)
    told = {"id_token": session.token(world, _domain(handle))}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


async def app_bridge(_: Request) -> Response:
    return FileResponse(HERE / "app-bridge.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})


async def style(_: Request) -> Response:
    return FileResponse(HERE / "frame.css", headers={"Cache-Control": "no-cache"})


async def to_app(_: Request) -> Response:
    return RedirectResponse(f"/store/{shop.HANDLE}/apps/{shop.PROXY_SUBPATH}")


async def by_shop(request: Request) -> Response:
    """`https://name.myshopify.com/admin/apps/{app}`, where an app sends who opened it outside, leads into the admin."""
    return RedirectResponse(
        f"{world_of(request).settings.admin_url}/store/{shop.HANDLE}/apps/{request.path_params['app']}"
    )


def opening_url(world: World, path: str, query: str = "", handle: str = shop.HANDLE) -> str:
    """What the admin loads in the iframe: who, where, a session token, and a signature over all of it."""
    settings, now = world.settings, instants.now()
    host = f"{settings.admin_url.partition('//')[2]}/store/{handle}"
    told = [
        ("embedded", "1"),
        ("host", base64.urlsafe_b64encode(host.encode()).decode().rstrip("=")),
        ("id_token", session.token(world, _domain(handle))),
        ("locale", shop.LOCALE),
        ("shop", _domain(handle)),
        ("timestamp", str(int(now.timestamp()))),
    ]
    signed = [*told, ("hmac", signing.document(told, secrets.signing(world)))]
    return f"{settings.app_url}{path}?{query + '&' if query else ''}{urlencode(signed)}"


def _domain(handle: str) -> str:
    return f"{handle}.myshopify.com"


routes = [
    Route("/store", to_app),
    Route(f"/store/{shop.HANDLE}", to_app),
    Route("/store/{handle}/id_token", id_token),
    Route("/store/{handle}/extensions.json", extensions.told),
    Route("/_sandbox/embed", extensions.switch, methods=["POST"]),
    Route("/store/{handle}/frame.css", style),
    Route("/store/{handle}/apps/{app}", app),
    Route("/store/{handle}/apps/{app}/{path:path}", app),
    Route(f"/shops/{shop.DOMAIN}/admin/apps/{{app}}", by_shop),
    Route("/app-bridge.js", app_bridge),
]
