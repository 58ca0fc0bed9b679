"""What `shopify.app.extensions()` answers: the theme extension's blocks, and whether each is in the published theme.

The shape is that of npm's @shopify/app-bridge-types: ExtensionInfo, ThemeExtensionActivation, ThemeAppBlockActivation.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import bodies
from sandbox.shop import gid
from sandbox.state import Json, fact, remember
from sandbox.world import World, world_of

THEME = gid("OnlineStoreTheme", 1)


def embed_is_on(world: World) -> bool:
    """As the merchant left it in the theme editor; on, to begin with, so that there is something to see."""
    return fact(world.db, "embed_is_on") is not False


async def told(request: Request) -> Response:
    """GET /store/demo/extensions.json, for the frame."""
    world = world_of(request)
    return JSONResponse(listed(world), headers={"Cache-Control": "no-store"})


async def switch(request: Request) -> Response:
    """POST /_sandbox/embed `{"on": false}`: the merchant switches the embed off in the theme editor, or on again."""
    world = world_of(request)
    remember(world.db, "embed_is_on", bool((await bodies.asked(request)).get("on")))
    return JSONResponse({"on": embed_is_on(world)})


def listed(world: World) -> list[Json]:
    file = world.settings.extension / "shopify.extension.toml"
    if not file.is_file():
        return []
    handle = tomllib.loads(file.read_text())["extensions"][0]["handle"]
    blocks = sorted((world.settings.extension / "blocks").glob("*.liquid"))
    activations = [_block(world, block) for block in blocks]
    return [{"handle": handle, "type": "theme_app_extension", "activations": activations}]


def _block(world: World, file: Path) -> Json:
    found = re.search(r"{% schema %}(.*){% endschema %}", file.read_text(), re.DOTALL)
    schema = json.loads(found[1]) if found else {}
    placed = [{"target": f"{schema['target']}/{file.stem}", "themeId": THEME}] if embed_is_on(world) else []
    return {
        "target": schema["target"],
        "handle": file.stem,
        "name": _name(world, schema["name"]),
        "status": "active" if placed else "available",
        "activations": placed,
    }


def _name(world: World, name: str) -> str:
    """`t:bell.name` is a key in the theme editor's words."""
    if not name.startswith("t:"):
        return name
    words = json.loads((world.settings.extension / "locales" / "en.default.schema.json").read_text())
    for key in name.removeprefix("t:").split("."):
        words = words[key]
    return str(words)
