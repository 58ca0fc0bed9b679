"""The words of one delivery: its campaign's or its automation's, for its person."""

from __future__ import annotations

import functools
import secrets
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from plugin.automation.carts import LeftCart
from plugin.automation.moves import Moved
from plugin.automation.recipes import RECIPES
from plugin.message.content import Message, Template, payload, render
from plugin.message.links import tracked
from plugin.message.words import FIRST_NAME, money

from .columns import Waiting


class Composed(NamedTuple):
    """What travels, and what is kept as proof, in which nobody is called by name: None when the campaign's own row says
    it all."""

    payload: bytes
    proof: dict[str, Any] | None


def compose(row: Waiting, about: LeftCart | Moved | None) -> Composed:
    """The message of `row` (a delivery with its campaign, person and shop). Raises MergeError, BadLink or Unusable."""
    if about is None:
        whole = _for_everybody(row.title, row.body, row.url, row.image_url, _storefront(row), row.campaign_name)
        if whole:
            return Composed(row.token.encode().join(whole), None)
        template = Template(row.title, row.body, row.url, row.image_url)
        return _composed(template, _about_person(row), row, row.campaign_name, keep=True)
    if isinstance(about, Moved):
        template = Template(about.title, about.body, about.url or "/")
        return _composed(template, _about_person(row), row, about.heading, keep=True)
    cart = about
    template = Template(cart.title, cart.body, cart.url, cart.image)
    return _composed(template, _about_cart(row, cart), row, RECIPES["abandoned_cart"].heading, keep=True)


_A_TOKEN = secrets.token_urlsafe(16)
"""Stands where a delivery's token will; as long as each of them, and in nobody's words."""


@functools.lru_cache(maxsize=256)
def _for_everybody(
    title: str, body: str, url: str, image: str | None, storefront: str, campaign: str
) -> list[bytes] | None:
    """The payload of a message in which nobody is spoken to, made once for all of its recipients: in pieces, between
    which each delivery's token comes. None if it is personal. Raises MergeError, BadLink or Unusable."""
    template = Template(title, body, url, image)
    if template.is_personal:
        return None
    message = render(template, {}, storefront)
    return payload(replace(message, url=tracked(message.url, _A_TOKEN, campaign)), _A_TOKEN).split(_A_TOKEN.encode())


def _storefront(row: Waiting) -> str:
    return row.storefront_url or f"https://{row.domain}"


def _about_person(row: Waiting) -> dict[str, str | None]:
    ordered = row.number_of_orders > 0
    return {
        "shop.name": row.shop_name,
        FIRST_NAME: row.first_name,
        "customer.number_of_orders": str(row.number_of_orders) if ordered else None,
        "customer.amount_spent": money(row.amount_spent, row.currency) if ordered else None,
    }


def _about_cart(row: Waiting, cart: LeftCart) -> dict[str, str | None]:
    return {
        "shop.name": row.shop_name,
        FIRST_NAME: row.first_name,
        "product.title": cart.product,
        "product.price": money(cart.price, row.currency),
        "cart.total": money(cart.total, row.currency),
        "cart.items": str(cart.items),
    }


def _composed(template: Template, values: dict[str, str | None], row: Waiting, name: str, *, keep: bool) -> Composed:
    storefront = _storefront(row)
    message = render(template, values, storefront)

    def followed(words: Message) -> Message:
        return replace(words, url=tracked(words.url, row.token, name))

    if not keep:
        return Composed(payload(followed(message), row.token), None)
    unnamed = render(template, values | {FIRST_NAME: None}, storefront) if values[FIRST_NAME] else message
    return Composed(payload(followed(message), row.token), asdict(followed(unnamed)))
