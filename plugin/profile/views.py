"""What visitors looked at and did, as the storefront script and the web pixel tell it. Their visits: visits.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from plugin.ingest.events import Event, Stayed, Viewed
from plugin.store.engine import Tx
from plugin.store.tables import views, visitors
from plugin.store.upsert import insert_new_returning

from . import identity, visits
from .news import of_kind

ONE_LOOK = timedelta(seconds=30)
"""The script and the pixel both tell of a first visit; so near to each other they mean the same look."""


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> set[int]:
    """Gives the persons who looked. An event sent twice counts once."""
    viewed, stayed = of_kind(events, Viewed), of_kind(events, Stayed)
    person = {
        visitor: identity.person_of(tx, shop_id, visitor=visitor, customer_id=None, now=now)
        for visitor in {event.visitor for event in viewed} | {event.visitor for event in stayed}
    }
    rows = [_row(shop_id, person[event.visitor], event) for event in viewed]
    new = insert_new_returning(tx, views, rows, column="event_id")
    visits.apply(tx, shop_id, viewed, stayed, new=set(new))
    return set(person.values())


def phrase(words: str) -> str:
    """`Blue  LAMP` → `" blue lamp "`: a word or some in order are found in it between spaces."""
    return f" {' '.join(words.casefold().split())} "


def lines(tags: Sequence[str]) -> str | None:
    """`Wool`, `Care` → `"\\ncare\\nwool\\n"`: one is found in it between line breaks. None for no tags."""
    keys = sorted({key for tag in tags if (key := " ".join(tag.split()).casefold())})
    return "\n".join(["", *keys, ""]) if keys else None


def visitor_is_known(tx: Tx, shop_id: int, visitor: str) -> bool:
    """Whether the storefront script ever told us of this browser, through Shopify's signed way."""
    mine = visitors.c.shop_id == shop_id, visitors.c.token == visitor
    return bool(tx.execute(select(exists().where(*mine))).scalar())


def is_told(tx: Tx, shop_id: int, person_id: int, view: Viewed) -> bool:
    """Whether this look is told already, by whichever of the two. Ask it while you hold the shop's profiles."""
    about = _what(view)
    if about is None:
        return False
    same = views.c.shop_id == shop_id, views.c.person_id == person_id, views.c.kind == view.kind, about
    near = views.c.at.between(view.at - ONE_LOOK, view.at + ONE_LOOK), views.c.event_id != view.event_id
    return bool(tx.execute(select(exists().where(*same, *near))).scalar())


def since(tx: Tx, shop_id: int, person_id: int, instant: datetime) -> int:
    """How many views of a person are younger than `instant`."""
    mine = views.c.shop_id == shop_id, views.c.person_id == person_id, views.c.at > instant
    return int(tx.execute(select(func.count()).where(*mine)).scalar_one())


def _what(view: Viewed) -> ColumnElement[bool] | None:
    """The thing of a look that both may tell; None for deeds, of which each counts."""
    if view.kind == "product_viewed" and view.product_id is not None:
        return views.c.product_id == view.product_id
    if view.kind == "page_viewed" and view.page is not None:
        return views.c.path == view.page.path
    return None


def _row(shop_id: int, person_id: int, event: Viewed) -> dict[str, Any]:
    article, page = event.article, event.page
    return {
        "shop_id": shop_id,
        "person_id": person_id,
        "event_id": event.event_id,
        "kind": event.kind,
        "product_id": event.product_id,
        "collection_id": event.collection_id,
        "article_id": article.article_id if article else None,
        "blog": article.blog if article else None,
        "handle": article.handle if article else None,
        "title": article.title if article else None,
        "tags_key": lines(article.tags) if article else None,
        "path": page.path if page else None,
        "words": event.words,
        "words_key": phrase(event.words) if event.words else None,
        "checkout_token": event.checkout_token,
        "at": event.at,
    }
