"""Renders the theme's templates with what every page needs: the menu, the cart's size, the customer, the app embed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sandbox import carts, shop
from sandbox.catalogue import MENU
from sandbox.frame.extensions import embed_is_on
from sandbox.history.codes import variant_id
from sandbox.money import pounds
from sandbox.orders import FREE_SHIPPING_FROM, shipping_for

from . import embed
from .pixel import events
from .visitor import Visitor, keep, visitor_of

HERE = Path(__file__).parent

templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True)
templates.filters["money"] = lambda amount: f"£{pounds(amount)}"
templates.filters["from_json"] = json.loads
templates.globals.update(
    shop=shop, menu=MENU, variant_id=variant_id, shipping_for=shipping_for, free_from=FREE_SHIPPING_FROM
)


def _embed(visitor: Visitor, product_id: int | None, article: embed.Article | None) -> str:
    customer_id = visitor.customer["id"] if visitor.customer else None
    return embed.render(visitor.world.settings.extension, product_id, article, customer_id)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    product_id: int | None = None,
    article: embed.Article | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page of the theme."""
    visitor = visitor_of(request)
    lines = carts.lines(visitor.cart)
    text = templates.get_template(template).render(
        visitor=visitor,
        customer=visitor.customer,
        lines=lines,
        item_count=sum(line["quantity"] for line in lines),
        subtotal=carts.total(visitor.cart),
        embed=_embed(visitor, product_id, article) if embed_is_on(visitor.world) else "",
        web_pixel=events.of_page(visitor, template, values),
        path=request.url.path,
        **values,
    )
    response = HTMLResponse(text, status)
    if "landing" not in request.cookies or "utm_source" in request.query_params:
        keep(response, "landing", f"{request.url.path}?{request.url.query}".rstrip("?")[:500])
    return response
