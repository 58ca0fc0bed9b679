"""Whether what a message names can still be had, while somebody writes it: a warning, since that may change until it is
sent. At the moment of sending it is asked again (delivery/recheck.py)."""

from __future__ import annotations

from datetime import datetime

from plugin.profile import offers
from plugin.store.engine import Tx

from .about import about
from .check import Problem
from .content import Template


def warnings(
    tx: Tx, shop_id: int, template: Template, storefront_url: str, domain: str, timezone: str, now: datetime
) -> list[Problem]:
    """About codes that are over, and about a product that cannot be bought."""
    names = about(template, storefront_url, domain)
    found: list[Problem] = []
    if names.keys:
        for code in offers.over(tx, shop_id, names.linked, names.written, now, timezone):
            field = "url" if code.key in names.linked else "body"
            found.append(Problem(field, code.sentence, only_a_warning=True))
    if names.handle or names.variants:
        offer = offers.offer(tx, shop_id, names.handle, names.variants)
        if offer is not None and offer.why_not is not None:
            found.append(Problem("url", offer.sentence, only_a_warning=True))
    return found
