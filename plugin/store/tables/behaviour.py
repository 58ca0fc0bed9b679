"""What people did on the storefront, with what, from where."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from plugin.store.types import BigId, Instant

from .columns import metadata, own_id, person_id, shop_id

visits = Table(
    "visits",  # a browser's time on the storefront, from its first sign to thirty minutes of silence
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("visitor_id", BigId, ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),  # the last sign
    Column("seconds", Integer, nullable=False),  # between the two
    Column("pages", Integer, nullable=False),
    Column("landed_at", Instant),  # of the first page; this and the rest are empty while no page was told
    Column("landed_by", String(64)),  # its event: of two at one instant the lesser
    Column("landing", Text),  # its path
    Column("referrer", Text),  # the host that led there, another one than the shop's
    Column("device", String(10)),  # desktop, mobile, tablet
    Column("platform", Text),  # Android, iOS, Windows…
    Column("browser", Text),  # Chrome, Safari…
    Column("language", String(10)),  # the browser's, ISO 639
    Column("tagged_at", Instant),  # of the first page with UTM words
    Column("tagged_by", String(64)),
    Column("utm_source", Text),
    Column("utm_medium", Text),
    Column("utm_campaign", Text),
)
Index(None, visits.c.visitor_id, visits.c.started_at)
Index(None, visits.c.person_id, visits.c.started_at)
Index("ix_visits_of_shop", visits.c.shop_id, visits.c.started_at, visits.c.person_id)
for _name in ("referrer", "utm_source", "utm_campaign"):  # few visits have one
    Index(
        f"ix_visits_by_{_name}",
        visits.c.shop_id,
        visits.c[_name],
        visits.c.person_id,
        sqlite_where=text(f"{_name} IS NOT NULL"),
        postgresql_where=text(f"{_name} IS NOT NULL"),
    )

custom_events = Table(
    "custom_events",  # told by other tools of the merchant's
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("event_id", String(100), nullable=False),  # the teller's: sent twice, kept once
    Column("name", String(60), nullable=False),  # casefolded
    Column("value", Double),
    Column("text", Text),
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("shop_id", "event_id"),
)
Index(None, custom_events.c.person_id, custom_events.c.at)
Index("ix_custom_events_by_name", custom_events.c.shop_id, custom_events.c.name, custom_events.c.at)
Index("ix_custom_events_of_shop", custom_events.c.shop_id, custom_events.c.at)

answers = Table(
    "answers",  # what shoppers declared of themselves; of each question the last one counts
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("event_id", String(64), nullable=False),  # made in the browser
    Column("question", String(60), nullable=False),  # casefolded
    Column("answer", Text, nullable=False),  # as it was given
    Column("key", Text, nullable=False),  # casefolded
    Column("noon", Instant),  # of the day that the answer names (1990-11-19), in the shop's zone
    Column("at", Instant, nullable=False),
    UniqueConstraint("shop_id", "event_id"),
)
Index(None, answers.c.person_id, answers.c.question, answers.c.at)
Index("ix_answers_by_key", answers.c.shop_id, answers.c.question, answers.c.key, answers.c.person_id)

api_keys = Table(
    "api_keys",  # open the events API of a shop
    metadata,
    own_id(),
    shop_id(),
    Column("name", Text, nullable=False),  # the merchant's word for who has it
    Column("key_hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of 32 random bytes in base64
    Column("ending", String(4), nullable=False),  # its last letters, to tell keys apart
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("left", Double, nullable=False),  # events that may be told before it must wait: plugin/ingest/api_keys.py
    Column("filled_at", Instant, nullable=False),
)
Index(None, api_keys.c.shop_id)

person_located = Table(
    "person_located",  # where a browser is: as its shopper shared it, or as its network address tells; the last of each
    metadata,
    own_id(),
    shop_id(),
    person_id(),
    Column("visitor_id", BigId, ForeignKey("visitors.id", ondelete="CASCADE"), nullable=False),
    Column("told_by", String(10), nullable=False),  # shopper, address
    Column("country", String(2)),  # these three are empty where a shopper shared coordinates
    Column("region", Text),
    Column("region_key", Text),  # its letters, casefolded
    Column("city", Text),
    Column("city_key", Text),
    Column("latitude", Double),  # degrees, two decimals: a kilometre or so
    Column("longitude", Double),
    Column("x", Double),  # the same point on a sphere of radius 1, as in person_places
    Column("y", Double),
    Column("z", Double),
    Column("at", Instant, nullable=False),
    UniqueConstraint("visitor_id", "told_by"),
)
Index(None, person_located.c.person_id)
Index("ix_person_located_of_country", person_located.c.shop_id, person_located.c.country, person_located.c.person_id)
Index("ix_person_located_of_city_key", person_located.c.shop_id, person_located.c.city_key, person_located.c.person_id)
Index("ix_person_located_of_z", person_located.c.shop_id, person_located.c.z, person_located.c.person_id)
