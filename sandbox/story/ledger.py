"""What the sandbox saw itself, apart from everything the app reports: the other side of each comparison."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.state import Json

from .hands import Sandbox


@dataclass(slots=True)
class Seen:
    """One kind of message (the campaign's, the reminder's), by robots' tokens."""

    accepted: list[str] = field(default_factory=list)
    """Answered 201, as often as it came."""
    undecryptable: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Status → how often the push service said so, of all messages."""
    titles: dict[str, str] = field(default_factory=dict)
    """Robot → the title it read last."""
    addresses: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ledger:
    """What robots did; written down with the story, so that a later run can compare again."""

    shown: dict[str, list[str]] = field(default_factory=lambda: {"campaign": [], "reminder": []})
    clicked: dict[str, list[str]] = field(default_factory=lambda: {"campaign": [], "reminder": []})
    carts: dict[str, list[str]] = field(default_factory=lambda: {"campaign": [], "reminder": []})
    """Tokens of the carts that were bought after a click."""

    def as_json(self) -> Json:
        return asdict(self)


def message_of(push: Json) -> Json | None:
    """The notification of a decrypted push, None if it was not one of ours."""
    if push["status"] != 201 or not push["message"]:
        return None
    told: Any = json.loads(push["message"])
    notification: Json = told["notification"]
    return notification


async def pushes_since(sandbox: Sandbox, after: int) -> list[Json]:
    """The push service's log, whole, after number `after`."""
    found: list[Json] = []
    while True:
        part: list[Json] = (await sandbox.get("/pushes", after=found[-1]["id"] if found else after))["pushes"]
        if not part:
            return found
        found += part


def seen(pushes: list[Json], title_begins: str) -> Seen:
    """What came of the messages whose titles begin so."""
    told = Seen()
    for push in pushes:
        if push["status"] != 201:
            told.refused[str(push["status"])] = told.refused.get(str(push["status"]), 0) + 1
            continue
        told.undecryptable += push["message"] is None
        notification = message_of(push)
        if notification and notification["title"].startswith(title_begins):
            told.accepted.append(push["token"])
            told.titles[push["token"]] = notification["title"]
            told.addresses[push["token"]] = notification["navigate"]
    return told


async def orders_of(sandbox: Sandbox, carts: list[str], since: str) -> list[Json]:
    """The orders that came from these carts."""
    placed: list[Json] = (await sandbox.get("/orders", after=since))["orders"]
    return [order for order in placed if order["cart_token"] in set(carts)]
