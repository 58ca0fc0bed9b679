"""What invented shops sell, and what their people bought."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tests.oracle import edges
from tests.oracle.judge import COINS
from tests.oracle.stores import LONG_AGO, Row, World, mine, moment, once, perhaps, some

MOST = 10**15
"""Of any currency: more is no amount to Shopify's admin."""
CATEGORIES = (
    "Apparel & Accessories",
    "Apparel & Accessories > Clothing",
    "Apparel & Accessories > Clothing > Coats",
    "Apparel & Accessories > Clothing > Coats_",
    "Apparel",
    "Home & Garden > Lamps",
)


def pools(r: Random, world: World) -> None:
    big = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1]
    world.pools |= {
        "products": [r.randrange(1, 10**6), *r.sample(big, 3), 7],
        "product_tags": r.sample(TAGS, 5),
        "vendors": ["Acme", "acme", "Straße", "it's"],
        "types": ["Shoes", "shoes", ""],
        "categories": [*CATEGORIES, "Apparel & Accessories > Cloth", "Clothing"],
        "favourites": ["Shoes", "shoes", *CATEGORIES[:3]],
        "collections": [1, 2, 2**53 + 1],
        "collection_handles": ["winter", "sale-1", "été"],
        "collection_titles": ["Winter", "winter", "Été & it's", ""],
        "locations": [9, 2**53 + 1],
        "apps": [580111, 129785, 2**53 + 1],
        "money": r.sample((0, 1, 99, 100, 101, 999, 1000, 1005, 2999, 10_000, 99_999, 2**53 + 1, 2**53), 6),
        "counts": [0, 1, 2, 3, 4, 7],
        "channels": ["web", "pos", "Web"],
        "codes": ["WELCOME10", "welcome10", "Straße", "10 %"],
        "hours": [0, 3, 12, 23],
        "weekdays": [1, 2, 6, 7],
        "skus": ["PARKA-M", "parka-m", "Ö/1", "it's"],
        "variants": [2**53 + 1],
    }


TAGS = tuple(word for word in edges.WORDS if word == word.strip() and word)
"""Shopify trims tags, and has no empty ones."""


def shelve(r: Random, world: World, shop: Row) -> None:
    """Products with what is known of them, and the collections that Shopify still has."""
    shop["measured"] = r.random() < 0.85
    known = some(r, world.pools["products"], 5)
    for product in known:
        world.add(
            "products",
            shop_id=shop["id"],
            product_id=product,
            vendor=perhaps(r, r.choice(world.pools["vendors"]), 0.8),
            product_type=perhaps(r, r.choice(world.pools["types"]), 0.8),
            category=perhaps(r, r.choice(CATEGORIES), 0.6),
            deleted_at=perhaps(r, LONG_AGO, 0.1),
        )
        for tag in once(some(r, world.pools["product_tags"])).values():
            world.add("product_tags", shop_id=shop["id"], product_id=product, tag=tag)
        for _ in range(r.choice((0, 1, 2))):
            number, sku = 2**53 + world.number("variants"), perhaps(r, r.choice(world.pools["skus"]), 0.8)
            world.add("variants", shop_id=shop["id"], product_id=product, variant_id=number, sku=sku)
            world.pools["variants"].append(number)
    for one in world.pools["collections"]:
        gone = perhaps(r, LONG_AGO, 0.2)
        names = {name: r.choice(world.pools[f"collection_{name}s"]) for name in ("handle", "title")}
        world.add("collections", shop_id=shop["id"], collection_id=one, deleted_at=gone, **names)
        for product in [] if gone else some(r, world.pools["products"]):
            world.add("collection_products", shop_id=shop["id"], product_id=product, collection_id=one)


def buy(r: Random, world: World, person: Row) -> None:
    [shop] = [one for one in world.shops if one["id"] == person["shop_id"]]
    for placed_at in _instants(r, world):
        guest = person["customer_id"] is None or r.random() < 0.1
        here = placed_at.astimezone(ZoneInfo(shop["timezone"]))
        world.pools["hours"].append(here.hour)
        world.pools["weekdays"].append(here.isoweekday())
        total = min(r.choice(world.pools["money"]), most_in(shop))
        order = world.add(
            "orders",
            **mine(person),
            order_id=2**53 + world.number("orders"),
            placed_at=placed_at,
            updated_at=placed_at + timedelta(microseconds=r.choice((1, 10**9 + 1, 10**12 + 1))),
            deleted_at=perhaps(r, placed_at + timedelta(days=r.choice((1, 40))), 0.1),
            test=r.random() < 0.1,
            cancelled_at=perhaps(r, placed_at, 0.1),
            total=total,
            refunded=r.choice((0, 0, 0, total, total // 2)),
            app_id=perhaps(r, r.choice(world.pools["apps"])),
            location_id=perhaps(r, r.choice(world.pools["locations"])),
            source_name=perhaps(r, r.choice(world.pools["channels"])),
            customer_id=None if guest else person["customer_id"],
            late=shop["measured"] and r.random() < 0.15,
            checkout_token=None,
        )
        _fill(r, world, order, most_in(shop))


def _instants(r: Random, world: World) -> list[datetime]:
    """By chance, or in a rhythm whose next beat, or the one after that, is near a day that queries ask for."""
    if r.random() < 0.8:
        return [moment(r, world) for _ in range(r.choice((0, 0, 1, 1, 2, 3, 5)))]
    beat, gap, behind = moment(r, world), timedelta(days=r.choice((1, 2, 7, 30))), r.randrange(1, 3)
    return [beat - gap * (step + behind) for step in range(r.choice((3, 4)))]


def most_in(shop: Row) -> int:
    """The largest amount in the shop's coins."""
    return MOST * COINS.get(shop["currency"], 100)


def _fill(r: Random, world: World, order: Row, most: int) -> None:
    """Lines and discounts; money that went back. Lines of what does not count are told too, and are nobody's."""
    told = {"shop_id": order["shop_id"], "order_id": order["order_id"]}
    for _ in range(r.randrange(4)):
        product = perhaps(r, r.choice(world.pools["products"]), 0.85)
        those = [one for one in world.tables.get("variants", ()) if one["shop_id"] == order["shop_id"]]
        of_it = [one["variant_id"] for one in those if one["product_id"] == product]
        world.add(
            "order_lines",
            **told,
            person_id=order["person_id"],
            placed_at=order["placed_at"],
            product_id=product,
            variant_id=perhaps(r, r.choice(of_it or [2**53 + 1]), 0.8) if product else None,
            quantity=r.choice((0, 1, 1, 2, 7)),
            price=min(r.choice(world.pools["money"][:3]), most),
        )
    for kind in some(r, ("code", "automatic", "manual"), 2):
        world.add("order_discounts", **told, kind=kind, code="" if kind == "manual" else r.choice(world.pools["codes"]))
    if order["refunded"]:
        world.add("refunds", **told, amount=order["refunded"], refunded_at=order["updated_at"])
