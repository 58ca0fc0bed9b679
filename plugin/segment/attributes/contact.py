"""Where a customer can be reached, and how the merchant marked them."""

from __future__ import annotations

from sqlalchemy import not_

from plugin.segment.kinds import Kind
from plugin.store.tables import people, person_countries, person_tags, subscriptions

from .shape import Attribute, column, reads, some

ENTRIES = (
    Attribute(
        "customer_countries",
        Kind.COUNTRIES,
        some(person_countries.c.country),
        lambda profile: profile.countries,
        reads=reads("countries"),
        verb="have an address in",
        noun="an address in any country",
    ),
    Attribute(
        "customer_tags",
        Kind.TAGS,
        some(person_tags.c.key, not_(person_tags.c.removed)),
        lambda profile: frozenset(tag.casefold() for tag in profile.tags),
        reads=reads("tags"),
        verb="have the tag",
        noun="any tag",
    ),
    Attribute(
        "push_subscribed",
        Kind.BOOLEAN,
        lambda shop_id: some(subscriptions.c.endpoint, subscriptions.c.state == "active")(shop_id)(),
        lambda profile: profile.push_subscribed,
        reads=reads("push_subscribed"),
        verb="get push notifications",
    ),
    Attribute(
        "email_subscription_status",
        Kind.EMAIL_STATUS,
        column(people.c.email_status),
        lambda profile: profile.email_status,
        reads=reads("email_status"),
        verb="have the e-mail subscription status",
        noun="an e-mail subscription status",
    ),
    Attribute(
        "sms_subscription_status",
        Kind.SMS_STATUS,
        column(people.c.sms_status),
        lambda profile: profile.sms_status,
        reads=reads("sms_status"),
        verb="have the SMS subscription status",
        noun="an SMS subscription status",
    ),
)
