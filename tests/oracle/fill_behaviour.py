"""Rows of the storefront, for invented stores: looks, visits, carts."""

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
        "articles": [11, 12, 2**53 + 1],
        "handles": ["news", "wool", "strasse"],
        "article_titles": ["Wool & it's care", "wool & it's care", "Été"],
        "article_tags": ["wool", "wool care", "strasse", "100%_", "woo"],
        "words": ["lamp", "blue lamp", "Blue  LAMP shade", "100% wool_", "Straße", "a\\b", "lampshade"],
        "seconds": [0, 1, 60, 1800, 2**31 - 1],
        "pages": [0, 1, 2, 7],
    }


def views(r: Random, world: World, person: Row) -> None:
    for _ in range(r.choice((0, 0, 1, 3, 6))):
        kind = r.choice(
            "product_viewed product_viewed collection_viewed article_read page_viewed searched added_to_cart"
            " checkout_started favourited favourited unfavourited".split()
        )
        number = world.number("views")
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
            title=_of(r, world, kind, "article_titles", "article_read"),
            tags_key=_tags(r, world) if kind == "article_read" else None,
            path=_of(r, world, kind, "landing", "page_viewed"),
            words=words,
            words_key=f" {' '.join(words.casefold().split())} " if words is not None else None,
            checkout_token=None,
        )


def _of(r: Random, world: World, kind: str, pool: str, kinds: str) -> Any:
    return r.choice(world.pools[pool]) if kind in kinds.split() and r.random() < 0.9 else None


def _tags(r: Random, world: World) -> str | None:
    tags = some(r, world.pools["article_tags"], 3)
    return "\n".join(["", *tags, ""]) if tags else None


def visits(r: Random, world: World, person: Row) -> None:
    number = world.number("visitors")
    told = {"token": f"visitor-{number:016}", "created_at": LONG_AGO, "last_seen_at": LONG_AGO}
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
        number = world.number("carts")
        world.add(
            "carts",
            id=number,
            **mine(person),
            token=f"cart-{number}",
            updated_at=moment(r, world),
            ordered_at=perhaps(r, moment(r, world), 0.3),
            lines=[],
            total=r.choice(world.pools["money"]),
        )
        for product in some(r, world.pools["products"], 2):
            line = {"cart_id": number, "product_id": product, "quantity": 1}
            world.add("cart_lines", shop_id=person["shop_id"], **line)
