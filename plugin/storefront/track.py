"""What visitors look at, do, and which cart they have: sent only as far as their privacy choice allows."""

from __future__ import annotations

from plugin import news
from plugin.ingest.events import CartSeen, Event, Stayed, Viewed
from plugin.profile import views

from .bodies import View, Visit
from .pace import MOST, SPAN
from .visit import Visiting


def track(visiting: Visiting, visit: Visit) -> bool:
    """False, and nothing kept, when this browser has told more than a person does."""
    tx, shop_id, now = visiting.tx, visiting.shop.id, visiting.now
    person_id = visiting.person(visit.visitor)
    if visit.views and views.since(tx, shop_id, person_id, now - SPAN) + len(visit.views) > MOST:
        return False
    looks = [_viewed(visit.visitor, view) for view in visit.views]
    events: list[Event] = [look for look in looks if not views.is_told(tx, shop_id, person_id, look)]
    if visit.stayed_at:
        events.append(Stayed(visit.visitor, visit.stayed_at))
    if visit.cart_token:
        events.append(CartSeen(visit.visitor, visit.cart_token, now))
    news.take(tx, shop_id, events, now, also={person_id})
    return True


def _viewed(visitor: str, view: View) -> Viewed:
    return Viewed(view.event_id, visitor, view.product_id, view.at, view.kind, article=view.article, page=view.page)
