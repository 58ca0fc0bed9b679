"""The words of one delivery: its campaign's or its automation's, for its person."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Row

from plugin.automation.carts import LeftCart
from plugin.automation.recipes import RECIPES
from plugin.message.content import Message, Template, payload, render
from plugin.message.links import tracked
from plugin.message.words import money


@dataclass(frozen=True, slots=True)
class Composed:
    """What travels, and what is kept as proof: None when the campaign's own row says it all."""

    payload: bytes
    proof: dict[str, Any] | None


def compose(row: Row[*tuple[Any, ...]], cart: LeftCart | None) -> Composed:
    """The message of `row` (a delivery with its campaign, person and shop). Raises MergeError, BadLink or Unusable."""
    storefront = row.storefront_url or f"https://{row.domain}"
    if cart is None:
        template = Template(row.title, row.body, row.url, row.image_url)
        message = render(template, _about_person(row), storefront)
        return _composed(message, row.token, row.campaign_name, keep=template.is_personal)
    template = Template(cart.title, cart.body, cart.url, cart.image)
    message = render(template, _about_cart(row, cart), storefront)
    return _composed(message, row.token, RECIPES["abandoned_cart"].heading, keep=True)


def _about_person(row: Row[*tuple[Any, ...]]) -> dict[str, str | None]:
    ordered = row.number_of_orders > 0
    return {
        "shop.name": row.shop_name,
        "customer.number_of_orders": str(row.number_of_orders) if ordered else None,
        "customer.amount_spent": money(row.amount_spent, row.currency) if ordered else None,
    }


def _about_cart(row: Row[*tuple[Any, ...]], cart: LeftCart) -> dict[str, str | None]:
    return {
        "shop.name": row.shop_name,
        "product.title": cart.product,
        "product.price": money(cart.price, row.currency),
        "cart.total": money(cart.total, row.currency),
        "cart.items": str(cart.items),
    }


def _composed(message: Message, token: str, name: str, *, keep: bool) -> Composed:
    followed = replace(message, url=tracked(message.url, token, name))
    return Composed(payload(followed, token), asdict(followed) if keep else None)
