"""Shopify as the panel meets it: session tokens that it signs, and a token endpoint that answers as the real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient

from plugin.admin.routes import blueprint
from plugin.base import settings

SHOP = "vanta.myshopify.com"
SECRET = "hush-" * 8
"""As long as a real one: PyJWT warns of short keys."""


def session_token(now: datetime, *, secret: str = SECRET, shop: str = SHOP, **claims: Any) -> str:
    """What App Bridge hands out: valid for a minute, signed by Shopify with the app's secret."""
    at = int(now.timestamp())
    usual = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": "client-id",
        "sub": "42",
        "exp": at + 60,
        "nbf": at,
        "iat": at,
        "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
        "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
    }
    return jwt.encode(usual | claims, secret, algorithm="HS256")


@dataclass
class TokenEndpoint:
    """The other end of the wire: what it was asked, and what it answers."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    answer: dict[str, Any] = field(
        default_factory=lambda: {
            "access_token": "shpat_1",
            "scope": "read_orders,read_products",
            "expires_in": 3600,
            "refresh_token": "shprt_1",
            "refresh_token_expires_in": 7_776_000,
        }
    )

    def refuses(self) -> None:
        self.status, self.answer = 400, {"error": "invalid_subject_token"}


@pytest.fixture(autouse=True)
def secret(store: str) -> None:
    """The app's secret, which Shopify signs session tokens with."""
    settings.use(replace(settings.current(), client_secret=SECRET))


@pytest.fixture
def token_endpoint(secret: None) -> Iterator[TokenEndpoint]:
    """A server on this machine in the place of every shop's admin."""
    endpoint = TokenEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.asked.append(body | {"path": self.path})
            told = json.dumps(endpoint.answer).encode()
            self.send_response(endpoint.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *words: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.use(replace(settings.current(), shopify_url=f"http://127.0.0.1:{server.server_port}/{{shop}}"))
    yield endpoint
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("tests", static_folder=str(Path(__file__).parents[2] / "static"), template_folder=None)
    app.register_blueprint(blueprint)
    app.testing = True
    return app.test_client()


@pytest.fixture
def bearer(at_noon: datetime) -> Callable[..., dict[str, str]]:
    """Headers of a fetch as App Bridge sends it."""

    def headers(**claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {session_token(at_noon, **claims)}", "Accept": "text/html"}

    return headers
