"""What visitors look at and which cart they have: sent only as far as their privacy choice allows."""

from __future__ import annotations

from plugin import jobs
from plugin.ingest.events import CartSeen, Event, Viewed
from plugin.profile import views

from .bodies import Visit
from .visit import Visiting


def track(visiting: Visiting, visit: Visit) -> None:
    person_id = visiting.person(visit.visitor)
    events: list[Event] = [
        Viewed(view.event_id, visit.visitor, view.product_id, view.at)
        for view in visit.views
        if not views.looked(visiting.tx, visiting.shop.id, person_id, view.product_id, view.at)
    ]
    if visit.cart_token:
        events.append(CartSeen(visit.visitor, visit.cart_token, visiting.now))
    jobs.take(visiting.tx, visiting.shop.id, events, visiting.now, also={person_id})
