"""What the web pixels manager loads: itself, the strict sandbox, and the app's built pixel."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from sandbox.world import world_of

HERE = Path(__file__).parent
BUNDLE = Path("dist", "web-pixel.js")
"""Within the extension, where Shopify's command line builds it too; `npm run pixel` does."""


async def script(request: Request) -> Response:
    name = request.path_params["name"]
    files = {
        "manager": HERE / "manager.js",
        "worker": HERE / "worker.js",
        "bundle": world_of(request).settings.pixel / BUNDLE,
    }
    if name not in files or not files[name].is_file():
        raise HTTPException(404)
    return FileResponse(files[name], media_type="text/javascript", headers={"Cache-Control": "no-cache"})


routes = [Route("/web-pixel/{name}.js", script)]
