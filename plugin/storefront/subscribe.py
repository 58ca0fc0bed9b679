"""A shopper turns the bell on or off."""

from __future__ import annotations

from plugin import news
from plugin.audience import consent, endpoints
from plugin.audience.consent import Subscribed
from plugin.ingest.agents import agent_of
from plugin.ingest.events import CartSeen

from .bodies import Goodbye, Wish
from .visit import Visiting


def subscribe(visiting: Visiting, wish: Wish, user_agent: str | None) -> None:
    """Keeps the subscription and its consent; ties the cart that the shopper wants to be reminded of."""
    p256dh, auth = endpoints.keys_of(wish.p256dh, wish.auth)
    person_id = visiting.person(wish.visitor)
    holder = consent.holder(visiting.tx, visiting.shop.id, wish.endpoint)
    if holder is not None:  # perhaps somebody else, who gave the browser away
        news.before(visiting.tx, visiting.shop.id, [], visiting.now, also={holder})
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
            agent=agent_of(user_agent, language=wish.language, is_tablet=wish.is_tablet),
            replaces=wish.replaces,
        ),
        visiting.now,
    )
    seen = [CartSeen(wish.visitor, wish.cart_token, visiting.now)] if wish.cart_token else []
    news.take(visiting.tx, visiting.shop.id, seen, visiting.now, also={person_id})


def unsubscribe(visiting: Visiting, goodbye: Goodbye) -> None:
    person_id = consent.holder(visiting.tx, visiting.shop.id, goodbye.endpoint)
    also = set() if person_id is None else {person_id}
    news.before(visiting.tx, visiting.shop.id, [], visiting.now, also=also)
    consent.withdraw(visiting.tx, visiting.shop.id, goodbye.endpoint, visiting.now)
    news.take(visiting.tx, visiting.shop.id, [], visiting.now, also=also)
