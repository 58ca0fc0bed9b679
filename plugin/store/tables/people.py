"""People, and what is said of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from plugin.store.types import BigId, Instant, Minor

from .columns import metadata, own_id, person_id, shop_id, source_id

people = Table(
    "people",
    metadata,
    own_id(),
    shop_id(),
    Column("customer_id", BigInteger),  # Shopify's; empty for an anonymous visitor
    Column("created_at", Instant, nullable=False),
    Column("customer_added_at", Instant),
    Column("customer_updated_at", Instant),  # Shopify's updated_at: older news is not applied
    Column("customer_deleted_at", Instant),
    Column("merged_into", BigId, ForeignKey("people.id", ondelete="CASCADE")),  # a customer whom Shopify made this one
    Column("merged_at", Instant),
    Column("countries_at", Instant),  # when Shopify told all countries last: an older order adds none
    Column("tags_at", Instant),  # when Shopify told all tags last
    Column("locale", String(20)),
    Column("locale_at", Instant),
    Column("language", String(3)),  # ISO 639 of the locale: en of en-GB
    Column("account_status", String(20)),  # ENABLED, DISABLED, INVITED, DECLINED
    Column("account_status_at", Instant),
    Column("subscriber_status", String(20)),  # of product subscriptions; this and the next two as Shopify reckons
    Column("spend_tier", String(20)),
    Column("shopify_rfm_group", String(20)),
    Column("standing_at", Instant),
    Column("metafields_at", Instant),  # when Shopify told all of them last; so the next two
    Column("companies_at", Instant),
    Column("credits_at", Instant),
    Column("abandoned_checkout_at", Instant),  # the last checkout that was begun and not completed
    Column("first_name", Text),  # this and the next three: empty unless the merchant switched them on
    Column("last_name", Text),
    Column("name_at", Instant),
    Column("email", Text),
    Column("email_domain", Text),  # of the e-mail, in small letters
    Column("email_at", Instant),
    Column("phone", Text),
    Column("phone_at", Instant),
    Column("email_status", String(20)),  # SUBSCRIBED, UNSUBSCRIBED…: marketing by e-mail, as Shopify told it
    Column("email_status_at", Instant),
    Column("sms_status", String(20)),
    Column("sms_status_at", Instant),
    Column("told_orders", Integer),  # Shopify's own sums, which know orders that we do not hold
    Column("told_spent", Minor),
    Column("told_last_order", BigInteger),
    Column("told_at", Instant),
    Column("push_subscribed_at", Instant),  # the first subscription that stands began: profile/agreed.py
    Column("number_of_orders", Integer, nullable=False, server_default="0"),
    Column("amount_spent", Minor, nullable=False, server_default="0"),  # order totals less refunds
    Column("first_order_at", Instant),
    Column("last_order_at", Instant),
    Column("average_order", Minor),  # amount_spent for each order; empty: none
    Column("expected_order_at", Instant),  # one usual gap after the last order; empty: too few to tell
    Column("overdue_at", Instant),  # two
    Column("rfm_group", String(20), server_default="PROSPECTS"),  # empty: ordered, and the shop was never measured
    UniqueConstraint("shop_id", "customer_id"),
)
Index(
    "ix_people_there",  # what segments ask most, of those whom they may have: read from here alone, rows are wide
    people.c.shop_id,
    people.c.customer_deleted_at,
    people.c.last_order_at,
    people.c.number_of_orders,
    people.c.amount_spent,
    people.c.customer_added_at,
    people.c.email_status,
    people.c.id,
)
Index(None, people.c.shop_id, people.c.number_of_orders)
Index(None, people.c.shop_id, people.c.amount_spent)
Index(None, people.c.shop_id, people.c.last_order_at)
Index(None, people.c.shop_id, people.c.first_order_at)
Index(None, people.c.shop_id, people.c.customer_added_at)
Index(None, people.c.shop_id, people.c.expected_order_at)
Index(None, people.c.shop_id, people.c.rfm_group)
Index(None, people.c.shop_id, people.c.email_status)
Index(None, people.c.shop_id, people.c.sms_status)
Index(None, people.c.shop_id, people.c.abandoned_checkout_at)
Index(None, people.c.shop_id, people.c.push_subscribed_at)
Index(
    None,
    people.c.merged_into,  # few
    sqlite_where=text("merged_into IS NOT NULL"),
    postgresql_where=text("merged_into IS NOT NULL"),
)

person_countries = Table(
    "person_countries",
    metadata,
    shop_id(),
    person_id(),
    source_id(),
    Column("country", String(2), nullable=False),  # ISO 3166-1 alpha-2, upper case
    Column("changed_at", Instant),
    UniqueConstraint("source_id", "country"),
)
Index(None, person_countries.c.person_id)
Index(None, person_countries.c.shop_id, person_countries.c.country, person_countries.c.person_id)

person_places = Table(
    "person_places",  # of customers' addresses, and of their orders'; finer than a region only where "address" is on
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    source_id(),
    Column("key", Text, nullable=False),  # the whole place as one text
    Column("origin", String(10), nullable=False),  # address, order
    Column("country", String(2), nullable=False),
    Column("region", String(6)),  # ISO 3166-2: US-NY
    Column("city", Text),
    Column("city_key", Text),  # us-ny-newyorkcity
    Column("postcode", String(20)),  # in capitals, without spaces
    Column("latitude", Double),  # degrees
    Column("longitude", Double),
    Column("x", Double),  # the same point on a sphere of radius 1, so that a distance needs no sines
    Column("y", Double),
    Column("z", Double),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("source_id", "key"),
)
Index(None, person_places.c.person_id)
Index("ix_person_places_of_region", person_places.c.shop_id, person_places.c.region, person_places.c.person_id)
Index("ix_person_places_of_city_key", person_places.c.shop_id, person_places.c.city_key, person_places.c.person_id)
Index("ix_person_places_of_postcode", person_places.c.shop_id, person_places.c.postcode, person_places.c.person_id)
Index("ix_person_places_of_z", person_places.c.shop_id, person_places.c.z, person_places.c.person_id)

person_tags = Table(
    "person_tags",
    metadata,
    shop_id(),
    person_id(),
    source_id(),
    Column("tag", Text, nullable=False),  # as Shopify wrote it
    Column("key", Text, nullable=False),  # casefolded: tags are not case-sensitive
    Column("changed_at", Instant, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),  # a tombstone, against late news
    UniqueConstraint("source_id", "key"),
)
Index(None, person_tags.c.person_id)
Index(None, person_tags.c.shop_id, person_tags.c.key, person_tags.c.person_id)

person_metafields = Table(
    "person_metafields",  # a row a value: a list has several
    metadata,
    shop_id(),
    person_id(),
    source_id(),
    Column("namespace", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", String(64), nullable=False),  # Shopify's: number_integer, list.single_line_text_field…
    Column("position", Integer, nullable=False, server_default="0"),  # in a list
    Column("text", Text, nullable=False),  # as written
    Column("number", Double),
    Column("truth", Boolean),
    Column("at", Instant),  # of a date noon of that day in the shop's zone
    Column(
        "overruled", Boolean, nullable=False, server_default=text("false")
    ),  # another customer's of the person count
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("source_id", "namespace", "key", "text"),
)
Index(None, person_metafields.c.person_id)
Index(
    "ix_person_metafields_of_text",
    person_metafields.c.shop_id,
    person_metafields.c.key,
    person_metafields.c.namespace,
    person_metafields.c.text,
    person_metafields.c.person_id,
)

person_companies = Table(
    "person_companies",  # of which a customer is a contact
    metadata,
    shop_id(),
    person_id(),
    source_id(),
    Column("company_id", BigInteger, nullable=False),  # Shopify's
    Column("overruled", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("source_id", "company_id"),
)
Index(None, person_companies.c.person_id)
Index("ix_person_companies_of_id", person_companies.c.shop_id, person_companies.c.company_id)

store_credits = Table(
    "store_credits",
    metadata,
    shop_id(),
    person_id(),
    source_id(),
    Column("account_id", BigInteger, nullable=False),  # Shopify's
    Column("currency", String(3), nullable=False),
    Column("balance", Minor, nullable=False),  # with the decimals of the shop's currency
    Column("overruled", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("source_id", "account_id"),
)
Index(None, store_credits.c.person_id)
Index("ix_store_credits_of_balance", store_credits.c.shop_id, store_credits.c.currency, store_credits.c.balance)

shopper_facts = Table(
    "shopper_facts",  # which metafield tells what of people, where the merchant chose: see profile/shopper_facts.py
    metadata,
    shop_id(),
    Column("fact", String(20), nullable=False),  # birthday, gender, income_band, profession, education
    Column("namespace", Text, nullable=False),
    Column("key", Text, nullable=False),
    UniqueConstraint("shop_id", "fact"),
)

visitors = Table(
    "visitors",
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("token", String(64), nullable=False),  # made by the storefront script, kept in the browser
    Column("cart_token", String(255)),  # the cart last seen with it
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("logged_in_as", BigInteger),  # Shopify's customer, as its proxy told last; empty: nobody
    UniqueConstraint("shop_id", "token"),
)
Index(None, visitors.c.shop_id, visitors.c.cart_token)
Index(None, visitors.c.person_id)
Index(None, visitors.c.shop_id, visitors.c.last_seen_at)
