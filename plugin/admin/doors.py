"""The pages before anybody is known: the signed link's, the bounce page, and what a refused request is told."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from plugin.base import settings
from plugin.shopify import session

from . import auth, headers

blueprint = Blueprint("doors", __name__)

OPEN = frozenset({"doors.login", "doors.bounce"})
"""Endpoints that need no shop, as this blueprint names them."""


@blueprint.get("/login")
def login() -> AnyResponse:
    """The stand-alone door: the key of a signed link becomes a cookie."""
    answer = redirect("/", code=303)
    answer.set_cookie(
        auth.COOKIE,
        auth.redeem(request.args.get("key", "")),
        max_age=auth.COOKIE_LIVES,
        httponly=True,
        samesite="Lax",
        secure=settings.current().app_url.startswith("https:"),
    )
    return answer


@blueprint.get("/auth/bounce")
def bounce() -> Response:
    """Holds App Bridge and nothing else: it fetches a token and loads `shopify-reload` with it."""
    shop = session.sanitize_shop(request.args.get("shop", ""))
    answer = make_response(render_template("bounce.html", settings=settings.current()))
    frames = headers.framed_by(f"https://{shop}" if shop else headers.ANY_SHOP)
    answer.headers["Content-Security-Policy"] = headers.policy(frames)
    return answer


def signed_out(reason: auth.SignedOut) -> AnyResponse:
    """A script is told to come again with a new token; a page in the admin bounces, another leads there."""
    if not auth.is_document():
        answer = make_response(jsonify(error=str(reason)), 401)
        answer.headers["X-Shopify-Retry-Invalid-Session-Request"] = "1"
        return answer
    shop = session.sanitize_shop(request.args.get("shop", ""))
    if (shop and request.args.get("embedded") == "1") or request.headers.get("Sec-Fetch-Dest") == "iframe":
        return redirect(_bounce_url())
    if admin := inside_the_admin():
        return redirect(admin)
    return make_response(render_template("signed_out.html", reason=str(reason)), 401)


def opened_outside() -> bool:
    """Does the browser itself open a page that was meant for the admin's frame? It says where it would be embedded."""
    named = "shop" in request.args or "host" in request.args
    framed = request.args.get("embedded") == "1" or request.headers.get("Sec-Fetch-Dest") == "iframe"
    return request.method == "GET" and auth.is_document() and named and not framed


def inside_the_admin() -> str | None:
    """The app's address inside the admin that the query names, by `host` or else by `shop`; None for hostile ones."""
    if admin := _admin_url(request.args.get("host", "")):
        return admin
    shop, now = session.sanitize_shop(request.args.get("shop", "")), settings.current()
    return f"{now.shop_url(shop)}/admin/apps/{now.client_id}" if shop else None


def _bounce_url() -> str:
    """Keeps the query less the token, and where to go afterwards: always a path of ours."""
    kept = {name: value for name, value in request.args.items() if name not in {"id_token", "shopify-reload"}}
    back = request.path + (f"?{urlencode(kept)}" if kept else "")
    return f"/auth/bounce?{urlencode(kept | {'shopify-reload': back})}"


def _admin_url(host: str) -> str | None:
    """The app inside the admin that `host` names (base64 of `admin.shopify.com/store/name`), if it is the admin's."""
    try:
        place = base64.b64decode(host + "=" * (-len(host) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    now = settings.current()
    origin, path = now.admin_url, place.removeprefix(urlsplit(now.admin_url).netloc)
    if path == place:  # the older form, name.myshopify.com/admin
        shop, _, path = place.partition("/")
        return f"https://{shop}/admin/apps/{now.client_id}" if session.sanitize_shop(shop) and path == "admin" else None
    return f"{origin}{path}/apps/{now.client_id}" if _STORE.fullmatch(path) else None


_STORE = re.compile(r"/store/[A-Za-z0-9][A-Za-z0-9_-]*")
