"""What a request says in its body, whether it came from a form or from a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request


async def asked(request: Request) -> dict[str, Any]:
    """The fields of a JSON object or of a form; nothing if there are none."""
    if "json" in request.headers.get("content-type", ""):
        told = await request.json() if await request.body() else {}
        return told if isinstance(told, dict) else {}
    return dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
