"""An invented store is told to the product as the world tells it: read, applied in any order, measured at night."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from plugin import segment_jobs
from plugin.api import bodies, told
from plugin.ingest import history
from plugin.ingest.cities import Spot
from plugin.ingest.events import (
    CartSeen,
    CheckoutChanged,
    CollectionDeleted,
    CustomerTagged,
    Event,
    Located,
    MarketingConsentChanged,
    OrderDeleted,
    ProductDeleted,
)
from plugin.ingest.history import Source
from plugin.profile import habits, measures, shopper_facts
from plugin.profile.apply import apply
from plugin.store import tables
from plugin.store.engine import Tx
from plugin.store.tables import metadata
from plugin.storefront import declared
from tests.factories import make_shop
from tests.oracle.shopify import Words, cart_of, encoded
from tests.oracle.stores import Row, World

RAW = (
    *("visitors", "subscriptions", "visits", "views", "carts", "cart_lines"),
    *("lists", "list_imports", "list_members"),
    *("campaigns", "automations", "enrollments", "deliveries", "facts"),
)
"""Tables whose rows are written as they are."""
LATER = timedelta(seconds=1)
PERSON = ("id", "shop_id", "customer_id", "created_at", "customer_deleted_at", "merged_into", "merged_at")


def settle(tx: Tx, world: World, *, shops: int = 2) -> None:
    """Everything of so many of the world's shops comes into the store."""
    for shop in world.shops:
        columns = {name: value for name, value in shop.items() if name in tables.shops.c}
        make_shop(tx, domain=f"shop-{shop['id']}.myshopify.com", **columns)
        chosen = {fact: ".".join(path) for fact, path in shop["facts"].items()}
        if chosen:
            shopper_facts.choose(tx, shop["id"], chosen)
    _write_people(tx, world)
    for table in (table for table in metadata.sorted_tables if table.name in RAW):
        rows = [{key: row[key] for key in row if key in table.c} for row in world.tables.get(table.name, ())]
        if rows:
            tx.execute(table.insert(), rows)
    for shop in world.shops[:shops]:
        tell(tx, world, shop)


def tell(tx: Tx, world: World, shop: Row) -> None:
    words = Words(world, shop)
    _apply_in_parts(tx, world, shop, [*_of_shopify(words), *_of_browsers(words)])
    _events(tx, world, shop, words)
    looked = {one["person_id"] for one in words.rows("views")}
    habits.recompute(tx, shop["id"], looked, measures.of(tx, shop["id"]))  # as each look does
    if shop["measured"]:
        measures.take(tx, shop["id"], world.now)
        while segment_jobs.group_a_page(tx, shop["id"]):
            pass
    if late := list(_read(words, "orders", encoded(words.orders(late=True)))):
        apply(tx, shop["id"], late, now=world.now)


def _write_people(tx: Tx, world: World) -> None:
    people = world.tables.get("people", ())
    rows = [{name: row.get(name) for name in (*PERSON, "push_subscribed_at")} for row in people]
    tx.execute(tables.people.insert(), sorted(rows, key=lambda row: row["merged_into"] is not None))


def _apply_in_parts(tx: Tx, world: World, shop: Row, events: list[Event]) -> None:
    """In two parts, whatever comes first."""
    r = Random(shop["id"] + len(events))
    r.shuffle(events)
    cut = r.randrange(1, len(events))
    for part in (events[:cut], events[cut:]):
        apply(tx, shop["id"], part, now=world.now)


def _of_shopify(words: Words) -> Iterator[Event]:
    yield from _read(words, "products", encoded(words.products()))
    yield from _read(words, "collections", encoded(words.collections()))
    yield from _read(words, "customers", encoded(words.customers()))
    yield from _read(words, "orders", encoded(words.orders(late=False)))
    yield from _read(words, "checkouts", encoded(words.checkouts()))
    for one in words.rows("orders"):
        if one["deleted_at"]:
            yield OrderDeleted(one["order_id"], one["deleted_at"])
    for one in words.rows("products"):
        if one["deleted_at"]:
            yield ProductDeleted(one["product_id"], one["deleted_at"])
    for one in words.rows("collections"):
        if one["deleted_at"]:
            yield CollectionDeleted(one["collection_id"], one["deleted_at"])
    for person in words.rows("people", became=None):
        if person["customer_id"] is not None:
            yield from _afterwards(words, person)


def _read(words: Words, kind: str, lines: list[bytes]) -> Iterator[Event]:
    source = Source(kind, words.shop["currency"], words.world.now)
    for batch in history.batches_of(source, lines, offset=0, objects=0):
        yield from batch.events


def _afterwards(words: Words, person: Row) -> Iterator[Event]:
    """What Shopify tells of a customer in webhooks."""
    of, at = person["customer_id"], person["said_at"] + LATER
    if person["sms_status"]:
        yield MarketingConsentChanged(of, "sms", person["sms_status"], at)
    changed: dict[str, list[str]] = {"added": [], "removed": [], "listed": []}
    for one in words.rows("person_tags", person_id=person["id"]):
        changed[one["how"]].append(one["tag"])
    if changed["added"] or changed["removed"]:
        yield CustomerTagged(of, tuple(changed["added"]), tuple(changed["removed"]), at)


def _of_browsers(words: Words) -> Iterator[Event]:
    for order in words.rows("orders", customer_id=None):
        yield CartSeen(words.visitor({"id": order["person_id"]}), cart_of(order), words.world.now)
    for one in words.rows("checkouts"):
        [person] = words.rows("people", id=one["person_id"])
        if person["customer_id"] is None:
            cart, at = f"cart-of-{one['token']}", one["updated_at"]
            yield CartSeen(words.visitor(person), cart, at)
            over = at if one["completed"] else None
            yield CheckoutChanged(one["token"], cart, None, (), None, at, over, started_at=one["started_at"])
    for one in words.rows("answers"):
        said = {"id": one["event_id"], "visitor": words.visitor({"id": one["person_id"]})}
        said |= {name: one[name] for name in ("question", "answer")}
        yield declared.answer(json.dumps(said).encode(), one["at"])
    for one in words.rows("located"):
        spot = Spot(*(one[name] for name in ("latitude", "longitude", "country", "region", "city")))
        yield Located(words.visitor({"id": one["person_id"]}), one["told_by"], spot, one["at"])


def _events(tx: Tx, world: World, shop: Row, words: Words) -> None:
    """Through the events API."""
    if events := words.events():
        items = bodies.items(json.dumps({"events": events}).encode(), world.now)
        results = told.tell(tx, shop["id"], items, world.now, keeps_email=shop["keeps_email"])
        assert all(one.status == told.KEPT for one in results), results
