"""Who is told what: the subscriptions of the app's own shopify.app.toml, read as text."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10"


@dataclass(frozen=True, slots=True)
class Subscription:
    topic: str
    uri: str
    """Absolute, or a path below the app's URL."""
    api_version: str


def read(file: Path) -> list[Subscription]:
    """Every topic of the file with the place it goes to; none where there is no file yet."""
    if not file.is_file():
        return []
    webhooks = tomllib.loads(file.read_text()).get("webhooks", {})
    version = webhooks.get("api_version", API_VERSION)
    return [
        Subscription(topic, entry["uri"], version)
        for entry in webhooks.get("subscriptions", [])
        for topic in [*entry.get("topics", []), *entry.get("compliance_topics", [])]
    ]


def scopes(file: Path) -> list[str]:
    """The access scopes that the app asks for."""
    if not file.is_file():
        return []
    listed = tomllib.loads(file.read_text()).get("access_scopes", {}).get("scopes", "")
    return [scope.strip() for scope in listed.split(",") if scope.strip()]
