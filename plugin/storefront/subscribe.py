"""A shopper turns the bell on or off."""

from __future__ import annotations

from plugin import news
from plugin.audience import consent, endpoints
from plugin.audience.consent import Subscribed
from plugin.ingest.agents import agent_of
from plugin.ingest.events import CartSeen
from plugin.profile import identity

from .bodies import Goodbye, Wish
from .visit import Visiting


def subscribe(visiting: Visiting, wish: Wish, user_agent: str | None) -> None:
    """Keeps the subscription and its consent; ties the cart that the shopper wants to be reminded of."""
    tx, shop_id, now = visiting.tx, visiting.shop.id, visiting.now
    p256dh, auth = endpoints.keys_of(wish.p256dh, wish.auth)
    browser = visiting.browser(wish.visitor)
    agreed = Subscribed(
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
        replaces_auth=endpoints.secret_of(wish.replaces_auth) if wish.replaces_auth else None,
        visitor_id=browser.visitor_id,
    )
    holder = consent.holder(tx, shop_id, wish.endpoint)
    if holder is not None:  # perhaps somebody else, who gave the browser away
        news.before(tx, shop_id, [], now, also={holder})
    person_id = browser.person_id
    former = consent.replaced(tx, shop_id, person_id, agreed)
    if former is not None and browser.is_new:  # it forgot its visitor's token, and not its subscription's secret
        person_id = identity.link(tx, shop_id, person_id, former.person_id, now)
    consent.grant(tx, shop_id, person_id, agreed, now)
    seen = [CartSeen(wish.visitor, wish.cart_token, now)] if wish.cart_token else []
    news.take(tx, shop_id, seen, now, also={person_id})


def unsubscribe(visiting: Visiting, goodbye: Goodbye) -> None:
    person_id = consent.holder(visiting.tx, visiting.shop.id, goodbye.endpoint)
    also = set() if person_id is None else {person_id}
    news.before(visiting.tx, visiting.shop.id, [], visiting.now, also=also)
    consent.withdraw(visiting.tx, visiting.shop.id, goodbye.endpoint, visiting.now)
    news.take(visiting.tx, visiting.shop.id, [], visiting.now, also=also)
