"""A shopper turns the bell on or off."""

from __future__ import annotations

from plugin import jobs
from plugin.audience import consent, endpoints
from plugin.audience.consent import Subscribed
from plugin.ingest.events import CartSeen
from plugin.profile.apply import apply

from .bodies import Goodbye, Wish
from .visit import Visiting


def subscribe(visiting: Visiting, wish: Wish, user_agent: str | None) -> None:
    """Keeps the subscription and its consent; ties the cart that the shopper wants to be reminded of."""
    p256dh, auth = endpoints.keys_of(wish.p256dh, wish.auth)
    person_id = visiting.person(wish.visitor)
    consent.grant(
        visiting.tx,
        visiting.shop.id,
        person_id,
        Subscribed(
            endpoint=wish.endpoint,
            p256dh=p256dh,
            auth=auth,
            page=wish.page or "",
            wording=wish.wording or "",
            locale=wish.locale,
            timezone=wish.timezone,
            user_agent=user_agent[:500] if user_agent else None,
            replaces=wish.replaces,
        ),
        visiting.now,
    )
    if wish.cart_token:
        seen = CartSeen(wish.visitor, wish.cart_token, visiting.now)
        changes = apply(visiting.tx, visiting.shop.id, [seen], now=visiting.now)
        jobs.consequences(visiting.tx, visiting.shop.id, changes, visiting.now)


def unsubscribe(visiting: Visiting, goodbye: Goodbye) -> None:
    consent.withdraw(visiting.tx, visiting.shop.id, goodbye.endpoint, visiting.now)
