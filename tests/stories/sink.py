"""A push service that takes everything, slowly: own process, TLS and HTTP/2, one line in a file a message.

python -m tests.stories.sink PORT CERTIFICATE LOG
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def app(log: Path) -> Starlette:
    lines = log.open("a", buffering=1)

    async def take(request: Request) -> Response:
        await request.body()
        await asyncio.sleep(0.02)
        lines.write(f"{request.headers['topic']} {request.path_params['browser']}\n")
        return Response(status_code=201)

    return Starlette(routes=[Route("/push/{browser}", take, methods=["POST"])])


def main(port: str, certificate: str, log: str) -> None:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.certfile = config.keyfile = certificate
    asyncio.run(serve(app(Path(log)), config))


if __name__ == "__main__":
    main(*sys.argv[1:])
