"""Which metafields tell what of shoppers: a form on the settings page."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.profile import memberships, shopper_facts
from plugin.store.engine import snapshot, transaction

from . import auth

blueprint = Blueprint("shopper_facts", __name__)

LABELS: Final = {
    "birthday": "Birthday",
    "gender": "Gender",
    "income_band": "Income band",
    "profession": "Profession",
    "education": "Education",
}


def of(shop_id: int) -> list[tuple[str, str, str, str]]:
    """Fact, its label, the metafield that tells it, and the one that would without a choice."""
    with snapshot() as tx:
        paths = shopper_facts.paths(tx, shop_id)
    defaults = shopper_facts.DEFAULTS.items()
    return [(fact, LABELS[fact], ".".join(paths[fact]), ".".join(default)) for fact, default in defaults]


@blueprint.post("/settings/shopper-facts")
def choose() -> Response:
    """What is not a metafield's name is refused with a sentence, and nothing is kept."""
    with transaction() as tx:
        chosen = {fact: request.form[fact] for fact in shopper_facts.DEFAULTS if fact in request.form}
        shopper_facts.choose(tx, auth.shop().id, chosen)
        other = memberships.Cause(memberships.EVENT, "other metafields tell shoppers' facts")
        memberships.mark_customers(tx, auth.shop().id, other, clock.now())
    return redirect("/settings#shopper-facts", code=303)
