"""A small shop: two product pages that carry the theme app embed as Shopify renders it, a cart, and the app proxy,
which signs what it passes on to Beckon."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path

import requests
from flask import Flask, Response, abort, jsonify, request, send_from_directory

DOMAIN = "vanta.myshopify.com"
CART_TOKEN = "Z2NwLXVzLWNlbnRyYWw"
PRODUCTS = {"harbour-parka": (42, "Harbour Parka"), "ridge-boots": (43, "Ridge Boots")}
EXTENSION = Path(__file__).parents[2] / "extensions" / "web-push"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Vanta Outdoor</title>
<style>body {{ font: 17px/1.6 Georgia, serif; max-width: 60rem; margin: 0 auto; padding: 2rem; color: #222 }}
button {{ text-transform: uppercase; background: lime }} img {{ max-width: 100%; background: #d8dfd6 }}</style>
</head><body><header><b>Vanta Outdoor</b></header>
<main><h1>{title}</h1><img width="480" height="360" alt=""><p>For the days between seasons.</p><p>£ 189.00</p></main>
<script>
  window.Shopify = {{ routes: {{ root: "/" }}, loadFeatures(wanted, done) {{
    this.customerPrivacy = {{ analyticsProcessingAllowed: () => {allowed} }}; done();
  }} }};
</script>
<script src="/assets/push.js" defer data-beckon data-proxy="/apps/beckon" data-locale="en"
  data-product-id="{product_id}"></script>
</body></html>"""


def shopfront(beckon_url: str, secret: str) -> Flask:
    """The shop, whose proxy leads to the Beckon that serves `beckon_url`."""
    app = Flask("shopfront")

    @app.get("/")
    def home() -> str:
        return _page("Vanta Outdoor", "")

    @app.get("/products/<handle>")
    def product(handle: str) -> str:
        if handle not in PRODUCTS:
            abort(404)
        product_id, title = PRODUCTS[handle]
        return _page(title, str(product_id))

    @app.get("/cart.js")
    def cart() -> Response:
        return jsonify(token=f"{CART_TOKEN}?key=0123456789abcdef", item_count=int(request.cookies.get("items", "0")))

    @app.post("/cart/add.js")
    def add() -> Response:
        return jsonify(items=[])

    @app.get("/assets/<name>")
    def asset(name: str) -> Response:
        return send_from_directory(EXTENSION / "assets", name)

    @app.route("/apps/beckon/<path:rest>", methods=["GET", "POST"])
    def proxy(rest: str) -> Response:
        query = request.args.to_dict() | {
            "shop": DOMAIN,
            "logged_in_customer_id": "",
            "path_prefix": "/apps/beckon",
            "timestamp": str(int(time.time())),  # noqa: TID251  Shopify's clock
        }
        message = "".join(f"{name}={query[name]}" for name in sorted(query))
        query["signature"] = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
        answer = requests.request(
            request.method,
            f"{beckon_url}/proxy/{rest}",
            params=query,
            data=request.get_data(),
            headers={"Content-Type": request.content_type or "", "User-Agent": request.user_agent.string},
            timeout=10,
        )
        kept = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control") if name in answer.headers}
        return Response(answer.content, answer.status_code, kept)

    return app


def _page(title: str, product_id: str) -> str:
    allowed = json.dumps(request.cookies.get("privacy") != "no")
    return _PAGE.format(title=title, product_id=product_id, allowed=allowed)
