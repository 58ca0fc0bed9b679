"""Where a customer can be reached, and how the merchant marked them."""

from __future__ import annotations

from sqlalchemy import not_

from plugin.segment.kinds import Family, Kind, Takes, choice
from plugin.store.tables import people, person_countries, person_tags, subscriptions

from .shape import Attribute, column, reads, some

_DOMAIN = Kind(
    "domain", Family.IDENTITY, Takes.TEXT, "a domain in single quotes such as 'example.com'", key=str.casefold
)
_RFM_GROUPS = (
    "CHAMPIONS",
    "LOYAL",
    "ACTIVE",
    "NEW",
    "PROMISING",
    "NEEDS_ATTENTION",
    "AT_RISK",
    "ALMOST_LOST",
    "PREVIOUSLY_LOYAL",
    "DORMANT",
    "PROSPECTS",
)

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
    Attribute(
        "customer_account_status",
        choice("a status", ("ENABLED", "DISABLED", "INVITED", "DECLINED"), name="account status"),
        column(people.c.account_status),
        lambda profile: profile.standing.account_status,
        reads=reads("standing"),
        verb="have the account status",
        noun="an account status",
    ),
    Attribute(
        "customer_email_domain",
        _DOMAIN,
        column(people.c.email_domain),
        lambda profile: profile.standing.email_domain,
        reads=reads("standing"),
        verb="have an e-mail address at",
        noun="an e-mail address that is kept",
    ),
    Attribute(
        "product_subscription_status",
        choice(
            "a status",
            ("ACTIVE", "CANCELLED", "EXPIRED", "FAILED", "NEVER_SUBSCRIBED", "PAUSED"),
            name="product subscription status",
        ),
        column(people.c.subscriber_status),
        lambda profile: profile.standing.subscriber_status,
        reads=reads("standing"),
        verb="have the product subscription status",
        noun="a product subscription status",
    ),
    Attribute(
        "predicted_spend_tier",
        choice("a tier", ("HIGH", "MEDIUM", "LOW"), name="spend tier"),
        column(people.c.spend_tier),
        lambda profile: profile.standing.spend_tier,
        reads=reads("standing"),
        verb="have the predicted spend tier",
        noun="a predicted spend tier",
    ),
    Attribute(
        "shopify_rfm_group",
        choice("a group", _RFM_GROUPS, name="Shopify's RFM group"),
        column(people.c.shopify_rfm_group),
        lambda profile: profile.standing.rfm_group,
        reads=reads("standing"),
        verb="are in Shopify's RFM group",
        noun="an RFM group of Shopify's",
    ),
)
