"""The panel as a merchant's browser opens it, stand-alone. Each page that any test opens is linted, links included."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.admin.auth import login_link
from plugin.admin.routes import blueprint
from tests.pages.lint import Page, complaints

STATIC = Path(__file__).parents[2] / "static"


class Merchant:
    """Alice, who keeps the shop."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def signs_in(self, shop: str = "vanta.myshopify.com") -> Merchant:
        answer = self.client.get(login_link(shop).removeprefix("https://beckon.test"))
        assert answer.status_code == 303
        return self

    def opens(self, path: str, status: int = 200) -> Page:
        """The page at `path`, after its lint; links to pages of ours must exist."""
        return self.reads(self.client.get(path, headers={"Accept": "text/html"}), status)

    def reads(self, answer: TestResponse, status: int = 200) -> Page:
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        page = Page(answer.get_data(as_text=True))
        assert complaints(page) == []
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
        for link in {link.partition("#")[0] for link in page.links if link.startswith("/")}:
            assert self.client.head(link or "/").status_code in {200, 303}, link
        for file in [asset["href"] for asset in page.all("link")] + [script["src"] for script in page.all("script")]:
            name = str(file).partition("?")[0].removeprefix("/static/")
            assert str(file).startswith("https:") or (STATIC / name).is_file(), f"{file}: run npm run vendor"
        return page

    def sends(self, path: str, **fields: str) -> TestResponse:
        """Posts a form as the browser does from one of our pages."""
        return self.client.post(path, data=fields, headers={"Origin": "https://beckon.test"})

    def asks(self, path: str, **query: str) -> dict[str, object]:
        """What a script of the page is told."""
        answer = self.client.get(path, query_string=query, headers={"Accept": "application/json"})
        assert answer.status_code == 200
        told: dict[str, object] = answer.get_json()
        return told


@pytest.fixture
def app() -> Flask:
    made = Flask("tests", static_folder=str(STATIC), template_folder=None)
    made.register_blueprint(blueprint)
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def alice(client: FlaskClient, shop: int, at_noon: datetime) -> Merchant:
    """Signed in at vanta.myshopify.com, at noon."""
    return Merchant(client).signs_in()
