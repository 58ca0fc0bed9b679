"""The app's web pixel in this store. Its settings must be those that the pixel's extension declares."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from graphql import GraphQLError

from sandbox.settings import Settings
from sandbox.shop import gid
from sandbox.state import Json, fact, remember
from sandbox.webhooks import subscriptions
from sandbox.world import World

NUMBER = 8_200_001
NEEDED = {"write_pixels", "read_customer_events"}


def current(world: World) -> Json | None:
    """`{"id": …, "settings": …}`, None while the app has not made one."""
    found: Json | None = fact(world.db, "web_pixel")
    return found


def read(world: World, asked_id: str | None) -> Json | None:
    _demand_scopes(world)
    pixel = current(world)
    return pixel if pixel and asked_id in {None, pixel["id"]} else None


def create(world: World, settings: Any) -> Json:
    _demand_scopes(world)
    if current(world):
        return _refused("TAKEN", None, "Web pixel is taken.")
    return _keep(world, settings)


def update(world: World, asked_id: str, settings: Any) -> Json:
    _demand_scopes(world)
    pixel = current(world)
    if pixel is None or pixel["id"] != asked_id:
        return _refused("NOT_FOUND", ["id"], "Couldn't find the web pixel.")
    return _keep(world, settings)


def forget(world: World) -> None:
    """The app was removed, and its pixel with it."""
    remember(world.db, "web_pixel", None)


def declared(settings: Settings) -> Json:
    """The pixel's own shopify.extension.toml; empty where there is none."""
    file = settings.pixel / "shopify.extension.toml"
    return tomllib.loads(file.read_text()) if file.is_file() else {}


def _keep(world: World, told: Any) -> Json:
    try:
        settings = json.loads(told) if isinstance(told, str) else told
    except json.JSONDecodeError:
        return _refused("INVALID_CONFIGURATION_JSON", ["settings"], "Settings are not valid JSON.")
    toml = declared(world.settings)
    if not toml:
        return _refused("NO_EXTENSION", None, "No extension found.")
    if wrong := _wrong(toml["settings"]["fields"], settings):
        return _refused("INVALID_SETTINGS", ["settings"], wrong)
    pixel = {"id": gid("WebPixel", NUMBER), "settings": settings}
    remember(world.db, "web_pixel", pixel)
    return {"webPixel": pixel, "userErrors": []}


def _wrong(fields: Json, settings: Any) -> str | None:
    if not isinstance(settings, dict) or settings.keys() != fields.keys():
        return f"Settings must be an object of {', '.join(fields)}."
    for name, field in fields.items():
        if not isinstance(settings[name], str):
            return f"{name} must be a text."
        for rule in field.get("validations", []):
            if not _holds(rule["name"], rule["value"], settings[name]):
                return f"{name} does not keep to {rule['name']} {rule['value']}."
    return None


def _holds(rule: str, value: str, text: str) -> bool:
    if rule == "regex":
        return re.search(value, text) is not None
    return len(text) >= int(value) if rule == "min" else len(text) <= int(value)


def _refused(code: str, field: list[str] | None, message: str) -> Json:
    return {"webPixel": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def _demand_scopes(world: World) -> None:
    if lacking := NEEDED - set(subscriptions.scopes(world.settings.app_toml)):
        message = f"Access denied. Required access: `{sorted(lacking)[0]}` access scope."
        raise GraphQLError(message, extensions={"code": "ACCESS_DENIED"})
