"""The hands that act: the merchant's in the panel, shoppers' in the store, ours on the sandbox. All are HTTP."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.state import Json

TIMEOUT = httpx.Timeout(60, connect=5)
IDLE = 1.0
"""Seconds after which a connection is not used again: servers close theirs after two or five."""


class WentWrong(Exception):
    """The story cannot go on; the text says where and why."""


def client(base: str, at_once: int = 20) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once, keepalive_expiry=IDLE)
    return httpx.AsyncClient(base_url=base, timeout=TIMEOUT, limits=limits, trust_env=False)


class Sandbox:
    """The control API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str = "", **query: str | int) -> Json:
        return _json(await self._http.get(f"/_sandbox{path}", params=query))

    async def post(self, path: str, told: Mapping[str, Any] | None = None) -> Json:
        return _json(await self._http.post(f"/_sandbox{path}", json=told))


class Merchant:
    """Uses the panel as the browser does inside the admin: each request carries a session token, renewed in time."""

    def __init__(self, app: httpx.AsyncClient, admin: httpx.AsyncClient, frame: str) -> None:
        self._app, self._admin, self._frame = app, admin, frame
        self._token, self._since = "", 0.0

    async def open_app(self) -> None:
        """Opens the app in the pretend admin: the page in the iframe installs it by token exchange."""
        frame = await self._admin.get(self._frame)
        found = re.search(r'<iframe[^>]* src="([^"]+)"', frame.text)
        if frame.status_code != 200 or found is None:
            raise WentWrong(f"The pretend admin shows no app at {self._frame}: HTTP {frame.status_code}.")
        page = await self._app.get(
            html.unescape(found[1]),
            headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        )
        if page.status_code != 200:
            raise WentWrong(f"The app's page did not open: HTTP {page.status_code} {page.text[:300]}")

    async def get(self, path: str, **query: str | int) -> Json:
        """A JSON answer of the panel."""
        return _json(await self._ask("GET", path, params=query))

    async def post(self, path: str, **form: str | int) -> str:
        """A form sent; gives the path that it leads to."""
        answer = await self._ask("POST", path, data={name: str(value) for name, value in form.items()})
        if answer.status_code not in (302, 303):
            raise WentWrong(f"POST {path} answered {answer.status_code}: {_words(answer)}")
        return urlsplit(answer.headers["location"]).path

    async def save(self, path: str, **form: str | int) -> Json:
        """A form saved in the background, as the composer does while one types."""
        data = {name: str(value) for name, value in form.items()}
        return _json(await self._ask("POST", path, data=data, headers={"Accept": "application/json"}))

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Accept": "application/json"} | more.pop("headers", {})
        headers["Authorization"] = f"Bearer {await self._bearer()}"
        return await self._app.request(method, path, headers=headers, **more)

    async def _bearer(self) -> str:
        if time.monotonic() - self._since > 40:
            told = _json(await self._admin.get("/store/demo/id_token"))
            self._token, self._since = told["id_token"], time.monotonic()
        return self._token


class Shopper:
    """One browser on the storefront: a visitor's token, perhaps a customer, perhaps a cart."""

    def __init__(self, store: httpx.AsyncClient, visitor: str, customer_id: int | None) -> None:
        self._store, self.visitor = store, visitor
        self.cookies = {"customer": str(customer_id)} if customer_id else {}

    async def proxy(self, path: str, told: Mapping[str, Any]) -> Json:
        """A script's request to the app, through the shop's app proxy."""
        return _json(await self._store.post(f"/apps/beckon/{path}", json=dict(told), headers=self._headers()))

    async def config(self) -> Json:
        """What the storefront's script asks first: the app's public key and the bell's words."""
        return _json(await self._store.get("/apps/beckon/config.json", headers=self._headers()))

    async def look(self, product: Json) -> None:
        """Opens a product's page, and the script on it reports the view."""
        await self.visit(f"/products/{product['handle']}")
        view = {"id": f"view-{self.visitor}-{product['id']}", "product_id": str(product["id"]), "at": _utc()}
        await self.proxy("track", {"visitor": self.visitor, "cart_token": self.cart_token, "views": [view]})

    async def visit(self, address: str) -> httpx.Response:
        page = await self._store.get(address, headers=self._headers())
        if page.status_code not in (200, 302, 303):
            raise WentWrong(f"The store's page {address} answered {page.status_code}.")
        self._keep(page)
        return page

    async def add(self, product: Json, quantity: int = 1, *, scripted: bool = True) -> None:
        """Puts a product into the cart; the script on the page, if it runs, then tells whose cart it is."""
        told = {"id": product["id"] + 40_000_000_000_000, "quantity": quantity}
        answer = await self._store.post("/cart/add.js", json=told, headers=self._headers())
        _json(answer)
        self._keep(answer)
        if scripted:
            await self.proxy("track", {"visitor": self.visitor, "cart_token": self.cart_token, "views": []})

    async def buy(self) -> str:
        """Checks out what is in the cart; gives the cart's token, which the order keeps."""
        token = self.cart_token
        if token is None:
            raise WentWrong("A shopper wanted to pay for an empty cart.")
        checkout = await self._store.post("/checkout", headers=self._headers())
        form = {"email": email_of(self.visitor), "name": "A Robot", "country": "GB"}
        placed = await self._store.post(checkout.headers["location"], data=form, headers=self._headers())
        if placed.status_code != 303:
            raise WentWrong(f"The checkout answered {placed.status_code}.")
        thanks = await self._store.get(placed.headers["location"], headers=self._headers())
        if thanks.status_code != 200:
            raise WentWrong(f"The thank-you page answered {thanks.status_code}.")
        self.cookies.pop("cart", None)
        return token

    @property
    def cart_token(self) -> str | None:
        return self.cookies.get("cart")

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "User-Agent": "Robot/1.0",
        }

    def _keep(self, answer: httpx.Response) -> None:
        self.cookies |= {name: value for name, value in answer.cookies.items() if value}
        self._store.cookies.clear()  # the connections are shared, the cookies are not


def email_of(visitor: str) -> str:
    """What a robot writes at the checkout: guests' orders are known by it."""
    return f"robot-{visitor}@example.com".lower()


def _json(answer: httpx.Response) -> Json:
    if not answer.is_success or "json" not in answer.headers.get("content-type", ""):
        where = f"{answer.request.method} {answer.request.url.path}"
        raise WentWrong(f"{where} answered {answer.status_code}: {_words(answer)}")
    told: Json = answer.json()
    return told


def _words(answer: httpx.Response) -> str:
    return " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", answer.text, flags=re.DOTALL).split())[:400]


def _utc() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
