"""A shop's storefront as Beckon sees it: requests that Shopify has signed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.storefront.routes import blueprint


class Storefront:
    """`vanta.myshopify.com`, seen through its app proxy at /apps/beckon."""

    def __init__(self, client: FlaskClient, now: datetime) -> None:
        self.client, self.now = client, now

    def get(self, path: str, **more: str) -> TestResponse:
        return self.client.get(f"/proxy/{path}", query_string=self.signed(**more))

    def post(self, path: str, body: Any, **more: str) -> TestResponse:
        return self.client.post(f"/proxy/{path}", json=body, query_string=self.signed(**more))

    def signed(self, **more: str) -> dict[str, str]:
        """The query that Shopify adds; written apart from our own verification."""
        query = {
            "shop": "vanta.myshopify.com",
            "logged_in_customer_id": "",
            "path_prefix": "/apps/beckon",
            "timestamp": str(int(self.now.timestamp())),
        } | more
        message = "".join(f"{name}={query[name]}" for name in sorted(query))
        return query | {"signature": hmac.new(b"hush", message.encode(), hashlib.sha256).hexdigest()}


@pytest.fixture
def storefront(shop: int, at_noon: datetime) -> Iterator[Storefront]:
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    with app.test_client() as client:
        yield Storefront(client, at_noon)
