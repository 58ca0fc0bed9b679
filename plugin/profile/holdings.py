"""What we hold of people: one row per table. Exports show it, erasures take it, docs/privacy.md says it.

Every table of the schema stands in one of the two lists below (a test asks): a new table is not private by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import ColumnElement, Table, or_, select

from plugin.store import tables

from .subject import Subject

Reach = Callable[[Subject], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Holding:
    """One table that holds something of people."""

    heading: str
    table: Table
    reached: Reach
    """From a person to the rows about them."""
    erasure: Literal["deleted", "emptied"] = "deleted"
    """`emptied`: the row stays as an anonymous number, so that reports do not change."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Column → why an export does not show it."""


def _by_person(table: Table) -> Reach:
    return lambda subject: table.c.person_id.in_(subject.person_ids)


def _by_order(table: Table) -> Reach:
    return lambda subject: (table.c.shop_id == subject.shop_id) & table.c.order_id.in_(subject.order_ids)


def _by_cart(subject: Subject) -> ColumnElement[bool]:
    mine = tables.carts.c.person_id.in_(subject.person_ids), tables.carts.c.token.in_(subject.cart_tokens)
    return (tables.carts.c.shop_id == subject.shop_id) & or_(*mine)


def _by_line_of_cart(subject: Subject) -> ColumnElement[bool]:
    return tables.cart_lines.c.cart_id.in_(select(tables.carts.c.id).where(_by_cart(subject)))


def _by_customer(table: Table) -> Reach:
    return lambda subject: (
        (table.c.shop_id == subject.shop_id)
        & or_(table.c.customer_id.in_(subject.customer_ids), table.c.person_id.in_(subject.person_ids))
    )


def _by_checkout(subject: Subject) -> ColumnElement[bool]:
    of = tables.checkouts.c
    mine = (
        of.customer_id.in_(subject.customer_ids),
        of.cart_token.in_(subject.cart_tokens),
        of.token.in_(subject.checkout_tokens),
        of.person_id.in_(subject.person_ids),
    )
    return (of.shop_id == subject.shop_id) & or_(*mine)


_KEY = "a key of the browser's: whoever holds it can forge messages; of no use to read"

_EVERY = [
    Holding("Profile", tables.people, lambda subject: tables.people.c.id.in_(subject.person_ids)),
    Holding("Countries", tables.person_countries, _by_person(tables.person_countries)),
    Holding("Places of addresses", tables.person_places, _by_person(tables.person_places)),
    Holding("Metafields", tables.person_metafields, _by_person(tables.person_metafields)),
    Holding("Companies", tables.person_companies, _by_person(tables.person_companies)),
    Holding("Store credit", tables.store_credits, _by_person(tables.store_credits)),
    Holding("Tags", tables.person_tags, _by_person(tables.person_tags)),
    Holding("What they seem to like", tables.habits, _by_person(tables.habits)),
    Holding("Static lists that they are on", tables.list_members, _by_person(tables.list_members)),
    Holding("Browsers that visited", tables.visitors, _by_person(tables.visitors)),
    Holding("Orders", tables.orders, _by_order(tables.orders)),
    Holding("Discounts of orders", tables.order_discounts, _by_order(tables.order_discounts)),
    Holding("Lines of orders", tables.order_lines, _by_order(tables.order_lines)),
    Holding("Refunds", tables.refunds, _by_order(tables.refunds)),
    Holding("Shipments", tables.fulfillments, _by_order(tables.fulfillments)),
    Holding("Carts", tables.carts, _by_cart),
    Holding("Lines of carts", tables.cart_lines, _by_line_of_cart),
    Holding("Checkouts", tables.checkouts, _by_checkout),
    Holding("Looked at, read, searched for, marked, put into the cart", tables.views, _by_person(tables.views)),
    Holding(
        "Visits",
        tables.visits,
        _by_person(tables.visits),
        left_out={"landed_by": "only which event came first", "tagged_by": "only which event came first"},
    ),
    Holding("Where their browsers are", tables.person_located, _by_person(tables.person_located)),
    Holding("What other tools told of them", tables.custom_events, _by_person(tables.custom_events)),
    Holding("What they said of themselves", tables.answers, _by_person(tables.answers)),
    Holding(
        "Browsers that agreed to notifications",
        tables.subscriptions,
        _by_person(tables.subscriptions),
        left_out={"p256dh": _KEY, "auth": _KEY, "endpoint_hash": "only an index of the endpoint"},
    ),
    Holding("Consents given and taken back", tables.consents, _by_person(tables.consents)),
    Holding("Reminders", tables.enrollments, _by_person(tables.enrollments), erasure="emptied"),
    Holding(
        "Messages",
        tables.deliveries,
        lambda subject: tables.deliveries.c.id.in_(subject.delivery_ids),
        erasure="emptied",
    ),
    Holding(
        "Browsers that messages to all of theirs went to",
        tables.delivery_browsers,
        lambda subject: tables.delivery_browsers.c.delivery_id.in_(subject.delivery_ids),
    ),
    Holding(
        "What came of messages",
        tables.facts,
        lambda subject: tables.facts.c.delivery_id.in_(subject.delivery_ids),
        erasure="emptied",
    ),
    Holding(
        "Segments compared with Shopify",
        tables.segment_check_members,
        lambda subject: (
            (tables.segment_check_members.c.shop_id == subject.shop_id)
            & tables.segment_check_members.c.customer_id.in_(subject.customer_ids)
        ),
    ),
    Holding("Segments they are in", tables.memberships, _by_person(tables.memberships)),
    Holding("When they entered and left segments", tables.membership_changes, _by_person(tables.membership_changes)),
    Holding("When their segments are looked at again", tables.timers, _by_person(tables.timers)),
    Holding("Privacy requests", tables.privacy_requests, _by_customer(tables.privacy_requests), erasure="emptied"),
]

HOLDINGS: dict[str, Holding] = {holding.table.name: holding for holding in _EVERY}
"""Tables with rows about people."""

RAW = "webhooks"
"""Raw deliveries from Shopify: reached by looking into them (`ingest/naming.py`), not by a column."""

NOT_OF_PERSONS: dict[str, str] = {
    "shops": "the merchant's store, its keys and access",
    "shop_plans": "the plan that the store has chosen in a hosted offer",
    "pixels": "the address and key of the store's web pixel, and how switching it on went",
    "api_keys": "hashes of the keys that the merchant gave to other tools",
    "backfills": "how far the loading of the history is",
    "reconciliations": "how much differed from what Shopify holds: counts",
    "products": "the store's goods",
    "collections": "the store's goods",
    "collection_products": "the store's goods",
    "product_tags": "the store's goods",
    "variants": "the store's goods",
    "stock": "the store's goods",
    "inventory_levels": "the store's goods",
    "discounts": "the merchant's own offers",
    "discount_codes": "the merchant's own codes",
    "shopify_segments": "the merchant's own questions, kept in Shopify; who is in is not told",
    "shopper_facts": "which metafield tells what: the merchant's own choice",
    "segment_readings": "when the list of the store's segments was read from Shopify",
    "segment_imports": "which segment was made of which of Shopify's",
    "segment_checks": "how many were in a segment here and at Shopify: counts",
    "segment_insights": "what was counted of a segment: counts and sums",
    "segments": "the merchant's own questions; who is in stands in memberships",
    "segment_versions": "the merchant's own questions as they were, with counts and the staff's numbers",
    "segment_days": "how many joined and left on a day: counts",
    "measures": "fifths of the store's customers and thirds of its prices: numbers of all together",
    "membership_checks": "how many people were not where they belong: counts, and a number of the last one looked at",
    "lists": "the merchant's own names of lists; who is on them stands in list_members",
    "list_imports": "when the merchant filled a list from which file, and the numbers of rows that named nobody",
    "campaigns": "the merchant's own words, the same for everybody",
    "automations": "the merchant's own words and choices",
    "push_counts": "how many pushes each push service took and refused: counts",
    "audience_pages": "numbers of people and browsers until their messages are written, of no use without those rows",
    "sending_limits": "how often and when the merchant lets people be written to",
    "services": "push services, and how fast and how reliable each is",
    "refusals": "how often a push service refused the store's keys",
    "leases": "which process has the clock",
    "privacy_receipts": "keyed hashes and counts: proof that names nobody",
    "tombstones": "keyed hashes of what was erased, so that late news of it is not applied",
    "retention_choices": "the merchant's own choices",
}
"""Tables that hold nothing of people, each with what they hold."""
