"""Whether what a message names can still be had, while somebody writes it or looks at it: a warning, since that may
change until it is sent. At the moment of sending it is asked again (delivery/recheck.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugin.profile import offers
from plugin.store.engine import Tx

from .about import about
from .check import Problem
from .content import Template


@dataclass(frozen=True, slots=True)
class Place:
    """The shop that a message is of."""

    shop_id: int
    storefront_url: str
    domain: str
    timezone: str


def codes_over(tx: Tx, place: Place, template: Template, now: datetime) -> list[Problem]:
    """Its discount codes that do not hold."""
    names = about(template, place.storefront_url, place.domain)
    if not names.keys:
        return []
    over = offers.over(tx, place.shop_id, names.linked, names.written, now, place.timezone)
    return [Problem("url" if each.key in names.linked else "body", each.sentence, only_a_warning=True) for each in over]


def cannot_be_bought(tx: Tx, place: Place, template: Template) -> list[Problem]:
    """The product that its link opens."""
    names = about(template, place.storefront_url, place.domain)
    if not (names.handle or names.variants):
        return []
    offer = offers.offer(tx, place.shop_id, names.handle, names.variants)
    return [Problem("url", offer.sentence, only_a_warning=True)] if offer and offer.why_not is not None else []
