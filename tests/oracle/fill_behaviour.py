"""Rows of the storefront and of messages, for invented stores."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.oracle.stores import LONG_AGO, Row, World, mine, moment, perhaps, some

TEXTS: dict[str, tuple[str, ...]] = {
    "landing": ("/", "/pages/about", "/blogs/news/wool", "/products/parka%20"),
    "referrer": ("google.com", "news.example", "straße.example"),
    "utm_source": ("newsletter", "google", "été", "spring sale"),
    "utm_medium": ("email", "cpc"),
    "utm_campaign": ("spring sale", "x_y%"),
    "device": ("desktop", "mobile", "tablet"),
    "platform": ("Android", "iOS", "Windows"),
    "browser": ("Chrome", "Safari", "Samsung Internet"),
    "language": ("de", "en", "fr"),
}


def pools(r: Random, world: World) -> None:
    world.pools |= {name: list(texts) for name, texts in TEXTS.items()} | {
        "vendors": ["Acme", "acme", "Straße", "it's"],
        "types": ["Shoes", "shoes", ""],
        "collections": [1, 2, 2**53 + 1],
        "articles": [11, 12, 2**53 + 1],
        "handles": ["news", "wool", "strasse"],
        "words": ["lamp", "blue lamp", "Blue  LAMP shade", "100% wool_", "Straße", "a\\b", "lampshade"],
        "seconds": [0, 1, 60, 1800, 2**31 - 1],
        "pages": [0, 1, 2, 7],
        "campaigns": ["Winter coats", "winter coats", "it's"],
        "campaign_ids": [1, 2, 3],
        "recipes": ["abandoned_cart", "nothing"],
    }


def shelve(r: Random, world: World, shop: Row) -> None:
    """Products with what is known of them, campaigns, an automation."""
    for product in some(r, world.pools["products"], 4):
        world.add(
            "products",
            shop_id=shop["id"],
            product_id=product,
            title="Ware",
            handle="ware",
            status="active",
            updated_at=LONG_AGO,
            vendor=perhaps(r, r.choice(world.pools["vendors"]), 0.8),
            product_type=perhaps(r, r.choice(world.pools["types"]), 0.8),
            deleted_at=perhaps(r, LONG_AGO, 0.1),
        )
    for product in world.pools["products"]:
        for one in some(r, world.pools["collections"], 2):
            world.add(
                "collection_products", shop_id=shop["id"], product_id=product, collection_id=one, told_at=LONG_AGO
            )
    for name in world.pools["campaigns"]:
        told = {"name": name, "state": "sent", "created_at": LONG_AGO, "updated_at": LONG_AGO}
        world.add("campaigns", id=1 + len(world.tables.get("campaigns", ())), shop_id=shop["id"], **told)
    world.add(
        "automations",
        id=1 + len(world.tables.get("automations", ())),
        shop_id=shop["id"],
        recipe="abandoned_cart",
        enabled=True,
        delay=3600,
        title="",
        body="",
        updated_at=LONG_AGO,
    )


def views(r: Random, world: World, person: Row) -> None:
    for _ in range(r.choice((0, 0, 1, 3, 6))):
        kind = r.choice(
            "product_viewed collection_viewed article_read page_viewed searched added_to_cart checkout_started"
            " favourited favourited unfavourited".split()
        )
        number = 1 + len(world.tables.get("views", ()))
        words = r.choice(world.pools["words"]) if kind == "searched" and r.random() < 0.9 else None
        world.add(
            "views",
            **mine(person),
            id=number,
            event_id=f"event-{number}",
            kind=kind,
            at=moment(r, world),
            product_id=_of(r, world, kind, "products", "product_viewed added_to_cart favourited unfavourited"),
            collection_id=_of(r, world, kind, "collections", "collection_viewed"),
            article_id=_of(r, world, kind, "articles", "article_read"),
            handle=_of(r, world, kind, "handles", "article_read"),
            blog=_of(r, world, kind, "handles", "article_read"),
            path=_of(r, world, kind, "landing", "page_viewed"),
            words=words,
            words_key=f" {' '.join(words.casefold().split())} " if words is not None else None,
        )


def _of(r: Random, world: World, kind: str, pool: str, kinds: str) -> Any:
    return r.choice(world.pools[pool]) if kind in kinds.split() and r.random() < 0.9 else None


def visits(r: Random, world: World, person: Row) -> None:
    number = 1 + len(world.tables.get("visitors", ()))
    told = {"token": f"visitor-{number}", "created_at": LONG_AGO, "last_seen_at": LONG_AGO}
    world.add("visitors", id=number, **mine(person), **told)
    for _ in range(r.choice((0, 0, 1, 2, 4))):
        at = moment(r, world)
        world.add(
            "visits",
            **mine(person),
            visitor_id=number,
            started_at=at,
            ended_at=at,
            seconds=r.choice(world.pools["seconds"]),
            pages=r.choice(world.pools["pages"]),
            **{name: perhaps(r, r.choice(world.pools[name]), 0.7) for name in TEXTS},
        )


def carts(r: Random, world: World, person: Row) -> None:
    for _ in range(r.choice((0, 0, 1, 2))):
        number = 1 + len(world.tables.get("carts", ()))
        world.add(
            "carts",
            id=number,
            **mine(person),
            token=f"cart-{number}",
            updated_at=moment(r, world),
            ordered_at=perhaps(r, moment(r, world), 0.3),
            lines=[],
            total=abs(r.choice(world.pools["money"])),
        )
        for product in some(r, world.pools["products"], 2):
            line = {"cart_id": number, "product_id": product, "quantity": 1}
            world.add("cart_lines", shop_id=person["shop_id"], **line)


def messages(r: Random, world: World, person: Row) -> None:
    """To the person's first browser."""
    browsers = [one for one in world.tables.get("subscriptions", ()) if one["person_id"] == person["id"]]
    for browser in browsers[:1]:
        for campaign in (one for one in world.tables["campaigns"] if one["shop_id"] == person["shop_id"]):
            if r.random() < 0.5:
                _message(r, world, person, browser, campaign_id=campaign["id"], enrollment_id=None)
        nobodys = [
            one
            for one in world.tables["people"]
            if one["shop_id"] == person["shop_id"]
            and one["customer_deleted_at"]
            and one["id"] < person["id"]
            and not one["merged_into"]
        ]
        for other in (
            [] if person["customer_deleted_at"] else nobodys[: r.randrange(2)]
        ):  # became this person: one of the messages that both got stayed with it
            other |= {"merged_into": person["id"], "merged_at": LONG_AGO}
            campaign = r.choice([one for one in world.tables["campaigns"] if one["shop_id"] == person["shop_id"]])
            _forget(world, other)
            _message(r, world, other, browser, campaign_id=campaign["id"], enrollment_id=None)
        if r.random() < 0.4:
            [automation] = [one for one in world.tables["automations"] if one["shop_id"] == person["shop_id"]]
            number = 1 + len(world.tables.get("enrollments", ()))
            at = {"due_at": LONG_AGO, "created_at": LONG_AGO}
            about = {"automation_id": automation["id"], "subject": f"cart-{number}", "state": "sent"}
            world.add("enrollments", id=number, **mine(person), **about, **at)
            _message(r, world, person, browser, campaign_id=None, enrollment_id=number)


def _forget(world: World, person: Row) -> None:
    """The messages that the row had."""
    gone = {one["id"] for one in world.tables.get("deliveries", ()) if one["person_id"] == person["id"]}
    world.tables["facts"] = [one for one in world.tables.get("facts", ()) if one["delivery_id"] not in gone]
    world.tables["deliveries"] = [one for one in world.tables.get("deliveries", ()) if one["id"] not in gone]


def _message(r: Random, world: World, person: Row, browser: Row, **of: Any) -> None:
    number = 1 + max((one["id"] for one in world.tables.get("deliveries", ())), default=0)
    state = r.choice(("sent", "sent", "sent", "gone", "queued"))
    world.add(
        "deliveries",
        id=number,
        **mine(person),
        **of,
        subscription_id=browser["id"],
        token=f"token-{number}",
        state=state,
        created_at=LONG_AGO,
        due_at=LONG_AGO,
        expires_at=LONG_AGO,
        finished_at=moment(r, world) if state in ("sent", "gone") else None,
    )
    for kind in some(r, ("shown", "clicked", "dismissed", "converted")):
        order = {"order_id": number if kind == "converted" else 0}
        world.add("facts", shop_id=person["shop_id"], delivery_id=number, kind=kind, at=moment(r, world), **order)
