"""Beckon's web side on a real port, with a key of the shop in London."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.api.routes import blueprint
from plugin.ingest import api_keys
from plugin.store.engine import transaction


@dataclass
class Tool:
    """A tool of the merchant's that holds a key."""

    client: FlaskClient
    key: str

    def tells(self, *events: Any, **headers: str) -> TestResponse:
        return self.sends({"events": list(events)}, **headers)

    def sends(self, body: Any, **headers: str) -> TestResponse:
        told = {"Authorization": f"Bearer {self.key}"} | headers
        if isinstance(body, bytes):
            return self.client.post("/api/v1/events", data=body, headers=told)
        return self.client.post("/api/v1/events", json=body, headers=told)


@pytest.fixture
def key(shop: int, at_noon: datetime) -> str:
    with transaction() as tx:
        return api_keys.make(tx, shop, "Loyalty points", at_noon)


@pytest.fixture
def tool(key: str) -> Iterator[Tool]:
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    with app.test_client() as client:
        yield Tool(client, key)
