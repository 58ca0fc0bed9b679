"""The outbox: a webhook is written here, signed, when the thing happens, and delivered by deliver.py.

`Rules` make the trouble that life makes: every n-th webhook comes twice, every m-th so late that others overtake it,
and all of them in any order within some seconds.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from dataclasses import asdict, dataclass

from sandbox import instants, secrets, signing
from sandbox.shop import DOMAIN
from sandbox.state import Json, fact, remember
from sandbox.world import World

from . import subscriptions

RETRIES = 8
WAITS = (1, 2, 4, 8, 15, 30, 60, 60)
"""Seconds before each retry; Shopify spreads its eight over four hours, a developer will not wait that long."""


@dataclass(frozen=True, slots=True)
class Rules:
    """0 switches a trouble off."""

    repeat_every: int = 0
    late_every: int = 0
    late_by: float = 0.7
    """Seconds."""
    shuffle_by: float = 0
    """Seconds: each comes at any moment within them."""
    lose_every: int = 0
    """Never delivered, and nobody is told: what reconciliation is for."""


def tell(world: World, topic: str, payload: Json, *, also_departed: bool = False) -> int:
    """Writes one webhook for each subscription to `topic`; none while the app is not installed. Gives how many."""
    if not fact(world.db, "installed") and not also_departed:
        return 0
    wanted = [each for each in subscriptions.read(world.settings.app_toml) if each.topic == topic]
    for subscription in wanted:
        _write(world, subscription, json.dumps(payload, separators=(",", ":")).encode())
    return len(wanted)


def rules(world: World) -> Rules:
    return Rules(**(fact(world.db, "webhook_rules") or {}))


def set_rules(world: World, new: Rules) -> None:
    remember(world.db, "webhook_rules", asdict(new))


def overview(world: World) -> Json:
    """Counts by state and by topic, and how many were sent twice or late on purpose."""
    states = dict(world.db.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    topics = dict(world.db.execute("SELECT topic, count(DISTINCT webhook_id) FROM outbox GROUP BY topic").fetchall())
    once, copies = world.db.execute("SELECT count(DISTINCT webhook_id), count(*) FROM outbox").fetchone()
    late = world.db.execute(
        "SELECT count(DISTINCT webhook_id) FROM outbox WHERE json_extract(headers, '$.\"X-Sandbox-Late\"') IS NOT NULL"
    ).fetchone()[0]
    return {"states": states, "topics": topics, "distinct": once, "copies": copies, "late": late}


def _write(world: World, subscription: subscriptions.Subscription, body: bytes) -> None:
    trouble, number = rules(world), (fact(world.db, "webhooks_written") or 0) + 1
    remember(world.db, "webhooks_written", number)
    late = bool(trouble.late_every) and number % trouble.late_every == 0
    twice = bool(trouble.repeat_every) and number % trouble.repeat_every == 0
    state = "lost" if trouble.lose_every and number % trouble.lose_every == 0 else "waiting"
    now, webhook_id = instants.now(), str(uuid.uuid4())
    headers = _headers(world, subscription, webhook_id, body) | ({"X-Sandbox-Late": "1"} if late else {})
    uri = subscription.uri if subscription.uri.startswith("http") else world.settings.app_url + subscription.uri
    due = time.time() + (trouble.late_by if late else 0) + random.uniform(0, trouble.shuffle_by)  # noqa: TID251
    for copy in range(2 if twice else 1):
        world.db.execute(
            "INSERT INTO outbox (webhook_id, topic, uri, body, headers, due, created_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                webhook_id,
                subscription.topic,
                uri,
                body,
                json.dumps(headers),
                due + 0.3 * copy,
                instants.exact(now),
                state,
            ),
        )


def _headers(world: World, subscription: subscriptions.Subscription, webhook_id: str, body: bytes) -> Json:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": subscription.topic,
        "X-Shopify-Hmac-Sha256": signing.webhook(body, secrets.signing(world)),
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-API-Version": subscription.api_version,
        "X-Shopify-Webhook-Id": webhook_id,
        "X-Shopify-Triggered-At": instants.exact(instants.now()),
        "X-Shopify-Event-Id": str(uuid.uuid4()),
    }
