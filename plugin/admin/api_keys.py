"""Keys of the events API: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from plugin.base import clock, settings
from plugin.base.errors import BeckonError
from plugin.ingest import api_keys
from plugin.ingest.api_keys import Key
from plugin.store.engine import snapshot, transaction

from . import auth
from .page import render

blueprint = Blueprint("api_keys", __name__)


def of(shop_id: int) -> list[Key]:
    with snapshot() as tx:
        return api_keys.valid(tx, shop_id)


def address() -> str:
    return f"{settings.current().app_url}/api/v1/events"


@blueprint.post("/settings/events/keys")
def make() -> tuple[str, int]:
    """Answers with the section alone, in its turbo-frame: the key stands in no address and is not kept."""
    shop, made, wrong = auth.shop(), None, None
    try:
        with transaction() as tx:
            made = api_keys.make(tx, shop.id, request.form.get("name", ""), clock.now())
    except BeckonError as error:
        wrong = str(error)
    page = render("settings_events.html", events_keys=of(shop.id), events_address=address(), made=made, wrong=wrong)
    return page, 422 if wrong else 200


@blueprint.post("/settings/events/keys/<int:key_id>/revoke")
def revoke(key_id: int) -> Response:
    shop = auth.shop()
    with transaction() as tx:
        api_keys.revoke(tx, shop.id, key_id, clock.now())
    return redirect("/settings#events", code=303)
