"""Renders a page: the shop's own formatting, navigation and assets with every template."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, g, render_template, request

from plugin.base import clock, settings
from plugin.ingest.shops import Shop
from plugin.message import words as message_words

from . import auth, plots, words

NAV = (
    ("Home", "/", "home"),
    ("Campaigns", "/campaigns", "send"),
    ("Automations", "/automations", "automation"),
    ("Segments", "/segments", "person-segment"),
    ("Subscribers", "/subscribers", "person"),
    ("Reports", "/reports", "chart-vertical"),
    ("Settings", "/settings", "settings"),
)


def render(template: str, **context: Any) -> str:
    """The page `template` for the shop that asks."""
    shop, now = auth.shop(), clock.now()

    def money(minor: int) -> str:
        return message_words.money(minor, shop.currency)

    def moment(instant: datetime) -> str:
        return words.moment(instant, shop.timezone, now)

    def day(instant: datetime) -> str:
        return words.day(instant, shop.timezone, now)

    def date(instant: datetime) -> str:
        return words.date(instant, shop.timezone, now)

    def in_full(instant: datetime) -> str:
        return words.in_full(instant, shop.timezone)

    return render_template(
        template,
        shop=shop,
        now=now,
        embedded=g.embedded,
        frame=_frame(shop) if g.embedded else "",
        settings=settings.current(),
        nav=[(*entry, _is_here(entry[1])) for entry in NAV],
        asset=asset,
        money=money,
        moment=moment,
        day=day,
        in_full=in_full,
        date=date,
        count=words.count,
        percent=words.percent,
        plural=words.plural,
        duration=words.duration,
        plots=plots,
        numbering=functools.partial(next, itertools.count(1)),
        **context,
    )


def _frame(shop: Shop) -> str:
    """What the admin says of itself in the first document's query, for a page that must bounce on its own account."""
    admin = urlsplit(settings.current().admin_url).netloc
    host = f"{admin}/store/{shop.domain.removesuffix('.myshopify.com')}"
    encoded = base64.urlsafe_b64encode(host.encode()).decode().rstrip("=")
    return urlencode({"embedded": "1", "shop": shop.domain, "host": encoded})


def wants_json() -> bool:
    """Does a script ask for the answer as JSON?"""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def number(name: str, default: int = 1, *, most: int = 1_000_000) -> int:
    """A whole number above 0 of the query, or `default`."""
    text = request.args.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and int(text[:12]) > 0 else default


def asset(path: str) -> str:
    """The address of a file in static/, with a mark of its content, so that a new one is fetched."""
    return f"/static/{path}?v={_mark(current_app.static_folder or '', path)}"


@functools.cache
def _mark(folder: str, path: str) -> str:
    return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:10]


def _is_here(path: str) -> bool:
    return request.path == path or (path != "/" and request.path.startswith(path))
