"""Deliveries as Shopify signs and sends them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webhooks.routes import blueprint

SHOP = "vanta.myshopify.com"
_numbers = itertools.count(1)


def sample(name: str) -> dict[str, Any]:
    """One of Shopify's own sample payloads."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "payloads" / f"{name}.json").read_text())
    return found


def door() -> FlaskClient:
    app = Flask("webhooks")
    app.register_blueprint(blueprint)
    return app.test_client()


def deliver(
    client: FlaskClient,
    topic: str,
    payload: Any,
    *,
    secret: str = "hush",
    prefix: str = "X-Shopify-",
    webhook_id: str | None = None,
    triggered_at: str | None = None,
    **headers: str,
) -> TestResponse:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    told = {
        "Topic": topic,
        "Hmac-Sha256": signature,
        "Shop-Domain": SHOP,
        "API-Version": "2026-10",
        "Webhook-Id": webhook_id or f"webhook-{next(_numbers)}",
    }
    if triggered_at:
        told["Triggered-At"] = triggered_at
    sent = {f"{prefix}{name}": value for name, value in told.items()} | headers
    return client.post("/webhooks", data=body, headers=sent, content_type="application/json")
