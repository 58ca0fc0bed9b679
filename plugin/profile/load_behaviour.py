"""What a person did on the storefront, as a Profile holds it: deeds, visits, carts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from plugin.store.engine import Tx
from plugin.store.tables import cart_lines, carts, checkouts, views, visits

from .load_products import UNKNOWN, Product, names_of, products_of


@dataclass(frozen=True, slots=True)
class Deed:
    """Something looked at or done. `handle`: of an article, or what the collection has today. `stands`: of favourites,
    that it is the last word on its product; of a checkout, that it is the first of it."""

    kind: str
    at: datetime
    product_id: int | None = None
    product: Product = UNKNOWN
    collection_id: int | None = None
    article_id: int | None = None
    blog: str | None = None
    handle: str | None = None
    title: str | None = None
    tags: frozenset[str] = frozenset()
    """Of an article, casefolded."""
    path: str | None = None
    words_key: str | None = None
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit; what its browser did not tell is None."""

    at: datetime
    seconds: int
    pages: int
    landing: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    device: str | None = None
    platform: str | None = None
    browser: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart as it is now; `at` is the cart's last change, `total` its worth in minor units."""

    cart_id: int
    at: datetime
    total: int
    product_id: int
    quantity: int
    product: Product = UNKNOWN


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One person's, in the order of time."""

    deeds: tuple[Deed, ...] = ()
    visits: tuple[Visited, ...] = ()
    cart_lines: tuple[CartLine, ...] = ()


def load(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, Behaviour]:
    """Person → what they did. Four queries, and those for the products and collections among it."""
    deeds = tx.execute(
        select(views).where(views.c.shop_id == shop_id, views.c.person_id.in_(ids)).order_by(views.c.at, views.c.id)
    ).all()
    lines = tx.execute(
        select(carts.c.person_id, carts.c.updated_at, carts.c.total, cart_lines)
        .join(cart_lines, cart_lines.c.cart_id == carts.c.id)
        .where(carts.c.shop_id == shop_id, carts.c.person_id.in_(ids), still_full())
        .order_by(carts.c.updated_at, cart_lines.c.id)
    ).all()
    goods = products_of(tx, shop_id, {row.product_id for row in (*deeds, *lines)} - {None})
    names = names_of(tx, shop_id, {row.collection_id for row in deeds} - {None})
    last = {(row.person_id, row.product_id): row.id for row in deeds if row.kind in ("favourited", "unfavourited")}
    begun: set[tuple[int, str | None]] = set()
    done: defaultdict[int, list[Deed]] = defaultdict(list)
    for row in deeds:
        if row.kind == "checkout_started":
            checkout = row.person_id, row.checkout_token
            stands = row.checkout_token is None or checkout not in begun
            begun.add(checkout)
        else:
            stands = last.get((row.person_id, row.product_id), row.id) == row.id
        product, name = goods.get(row.product_id, UNKNOWN), names.get(row.collection_id, (row.handle, row.title))
        done[row.person_id].append(_deed(row, product, name, stands=stands))
    for person_id, deed in _told_by_shopify(tx, shop_id, ids, begun):
        done[person_id].append(deed)
    carted: defaultdict[int, list[CartLine]] = defaultdict(list)
    for row in lines:
        product = goods.get(row.product_id, UNKNOWN)
        line = CartLine(row.cart_id, row.updated_at, row.total, row.product_id, row.quantity, product)
        carted[row.person_id].append(line)
    came = _visits(tx, shop_id, ids)
    found: defaultdict[int, Behaviour] = defaultdict(Behaviour)
    for one in {*done, *carted, *came}:
        found[one] = Behaviour(tuple(sorted(done[one], key=lambda deed: deed.at)), tuple(came[one]), tuple(carted[one]))
    return found


def _told_by_shopify(
    tx: Tx, shop_id: int, ids: list[int], begun: Collection[tuple[int, str | None]]
) -> Iterator[tuple[int, Deed]]:
    """Checkouts that no browser of theirs told of."""
    of = checkouts.c
    query = select(of.person_id, of.token, of.started_at).where(of.shop_id == shop_id, of.person_id.in_(ids))
    for person_id, token, at in tx.execute(query.order_by(of.id)):
        if (person_id, token) not in begun:
            yield person_id, Deed("checkout_started", at)


def still_full() -> ColumnElement[bool]:
    """Carts that were not bought, or filled again since: Shopify does not empty one that became an order."""
    return or_(carts.c.ordered_at.is_(None), carts.c.updated_at > carts.c.ordered_at)


def _deed(row: Any, product: Product, name: tuple[str | None, str | None], *, stands: bool) -> Deed:
    """`name`: the handle and the title of what it is about."""
    handle, title = name
    return Deed(
        kind=row.kind,
        at=row.at,
        product_id=row.product_id,
        product=product,
        collection_id=row.collection_id,
        article_id=row.article_id,
        blog=row.blog,
        handle=handle,
        title=title,
        tags=frozenset(filter(None, (row.tags_key or "").split("\n"))),
        path=row.path,
        words_key=row.words_key,
        stands=stands,
    )


def _visits(tx: Tx, shop_id: int, ids: list[int]) -> defaultdict[int, list[Visited]]:
    found: defaultdict[int, list[Visited]] = defaultdict(list)
    mine = visits.c.shop_id == shop_id, visits.c.person_id.in_(ids)
    for row in tx.execute(select(visits).where(*mine).order_by(visits.c.started_at, visits.c.id)):
        visit = Visited(
            at=row.started_at,
            seconds=row.seconds,
            pages=row.pages,
            landing=row.landing,
            referrer=row.referrer,
            utm_source=row.utm_source,
            utm_medium=row.utm_medium,
            utm_campaign=row.utm_campaign,
            device=row.device,
            platform=row.platform,
            browser=row.browser,
            language=row.language,
        )
        found[row.person_id].append(visit)
    return found
