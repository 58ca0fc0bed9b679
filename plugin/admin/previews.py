"""A message as one real person would see it, and what is wrong with it: shown while the merchant writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from plugin.audience.select import Member
from plugin.base.errors import BeckonError
from plugin.ingest.shops import Shop
from plugin.message import check, standing
from plugin.message.check import Problem
from plugin.message.content import Template, render
from plugin.message.merge import fill
from plugin.message.words import ABANDONED_CART, CAMPAIGN, money
from plugin.store.engine import Tx


def campaign_values(shop: Shop, member: Member | None) -> dict[str, str | None]:
    """The merge tags of a campaign for `member`; the examples when nobody is in the audience yet."""
    if member is None:
        examples: dict[str, str | None] = {name: example for name, (_, example) in CAMPAIGN.items()}
        return examples | {"shop.name": shop.name}
    ordered = member.number_of_orders > 0
    return {
        "shop.name": shop.name,
        "customer.first_name": member.first_name,
        "customer.number_of_orders": str(member.number_of_orders) if ordered else None,
        "customer.amount_spent": money(member.amount_spent, shop.currency) if ordered else None,
    }


def reminder_values(shop: Shop, product: str | None, price: int | None) -> dict[str, str | None]:
    """The merge tags of a cart reminder about `product`; the examples where the shop has none yet."""
    values: dict[str, str | None] = {name: example for name, (_, example) in ABANDONED_CART.items()}
    values["shop.name"] = shop.name
    if product and price is not None:
        values |= {"product.title": product, "product.price": money(price, shop.currency)}
        values |= {"cart.total": money(price, shop.currency), "cart.items": "1"}
    return values


def shown(shop: Shop, template: Template, values: Mapping[str, str | None]) -> dict[str, Any]:
    """Title, text and picture for the preview; a field that cannot be filled yet is shown as it was written."""
    try:
        message = render(template, values, address(shop))
    except BeckonError:
        return {
            "title": _filled(template.title, values),
            "body": _filled(template.body, values),
            "image": template.image if (template.image or "").startswith(("https://", "http://")) else None,
        }
    return {"title": message.title, "body": message.body, "image": message.image}


def problems(shop: Shop, template: Template, known: Mapping[str, object]) -> list[dict[str, Any]]:
    """What to say beside which field."""
    return [_told(found) for found in check.problems(template, known, address(shop))]


def warnings(tx: Tx, shop: Shop, template: Template, now: datetime, *, stock: bool = True) -> list[dict[str, Any]]:
    """The same of what its words name: a code that is over and, with `stock`, a product that cannot be bought."""
    place = standing.Place(shop.id, address(shop), shop.domain, shop.timezone)
    found = standing.codes_over(tx, place, template, now)
    if stock:
        found += standing.cannot_be_bought(tx, place, template)
    return [_told(each) for each in found]


def _told(found: Problem) -> dict[str, Any]:
    return {"field": found.field, "sentence": found.sentence, "warning": found.only_a_warning}


def address(shop: Shop) -> str:
    """What a path in a link is meant under."""
    return shop.storefront_url or f"https://{shop.domain}"


def _filled(text: str, values: Mapping[str, str | None]) -> str:
    try:
        return fill(text, values)
    except BeckonError:
        return text
