"""Settings: what Beckon knows of the shop, and the way to switch the storefront script on."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from flask import Blueprint

from plugin.base import settings
from plugin.ingest import cities
from plugin.ingest.shops import Shop
from plugin.store.engine import snapshot

from . import api_keys, auth, billing, comparison, contact, sending_limits, shopper_facts, storefront
from .page import render

blueprint = Blueprint("preferences", __name__)


@blueprint.get("/settings")
def show() -> str:
    shop = auth.shop()
    key = base64.urlsafe_b64encode(shop.vapid_public).rstrip(b"=").decode()
    plan = billing.section(shop)
    used_up = billing.used_up(plan.meter) if plan else ""
    with snapshot() as tx:
        stands = storefront.of(tx, shop)
    return render(
        "settings.html",
        push_key=key,
        theme_editor=theme_editor(shop),
        storefront=stands,
        plan=plan,
        used_up=used_up,
        frozen=billing.FROZEN,
        in_the_admin=in_the_admin(shop),
        contact_fields=contact.FIELDS,
        shopper_facts=shopper_facts.of(shop.id),
        sending_limits=sending_limits.of(shop.id),
        comparison=comparison.of(shop),
        events_keys=api_keys.of(shop.id),
        events_address=api_keys.address(),
        cities_made_on=cities.made_on(),
        made=None,
        wrong=None,
    )


def in_the_admin(shop: Shop) -> str:
    """Opens Beckon inside the shop's admin, which connects it anew when its access was lost."""
    mine = settings.current()
    return f"{mine.shop_url(shop.domain)}/admin/apps/{mine.client_id}"


def theme_editor(shop: Shop) -> str:
    """Opens the theme editor with the embed ready to be switched on; only "Save" is left to do."""
    mine = settings.current()
    embed = f"{mine.client_id}/{storefront.EMBED}"
    wanted = urlencode({"context": "apps", "template": "index", "activateAppId": embed}, safe="/")
    return f"{mine.shop_url(shop.domain)}/admin/themes/current/editor?{wanted}"
