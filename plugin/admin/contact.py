"""Names, e-mails, phone numbers and addresses: four switches on the settings page, all off to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from plugin import jobs
from plugin.base import clock
from plugin.profile import contact, memberships
from plugin.queue import HISTORY, enqueue
from plugin.store.engine import transaction

from . import auth

blueprint = Blueprint("contact", __name__)


@dataclass(frozen=True, slots=True)
class Field:
    """What the page says of one switch."""

    name: str
    heading: str
    purpose: str
    lost: str


FIELDS: Final = (
    Field(
        "name",
        "Names",
        "First and last name: for {{ customer.first_name }} in messages, and to tell subscribers apart on these pages.",
        "All first and last names are erased now. Messages with {{ customer.first_name }} say their default then.",
    ),
    Field(
        "email",
        "E-mail addresses",
        "To find a subscriber by the address that they wrote to you from, and for segments by domain. Beckon sends no "
        "e-mails.",
        "All e-mail addresses are erased now.",
    ),
    Field(
        "phone",
        "Phone numbers",
        "To find a subscriber by the number that they called from. Beckon sends no SMS.",
        "All phone numbers are erased now.",
    ),
    Field(
        "address",
        "Towns and coordinates",
        "City, postcode and coordinates of customers' addresses: for segments by city, postcode and distance. "
        "Countries and regions are known without it; streets and house numbers are never kept.",
        "All towns, postcodes and coordinates are erased now. Segments that ask for them find nobody then.",
    ),
)


@blueprint.post("/settings/contact/<field>")
def switch(field: str) -> Response:
    shop = auth.shop()
    on = request.form.get("on") == "1"
    with transaction() as tx:
        changed = contact.switch(tx, shop.id, field, on=on)
        if changed and not on:
            erased = memberships.Cause(memberships.EVENT, "personal data was switched off")
            memberships.mark_customers(tx, shop.id, erased, clock.now())
    if on and changed:  # Shopify tells them with the next change of each customer; of the others it is asked
        enqueue(HISTORY, jobs.load_customers_again, shop.id)
    return redirect("/settings#contact", code=303)
