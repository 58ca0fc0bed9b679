"""The questions of benchmarks/segments.py: each as a segment, and as SQL that somebody would write by hand who knows
the tables, their indexes and the planner. What hands know to be true of the data they use, too."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, bindparam, text

from benchmarks.big_shop import FIRST_PRODUCT
from plugin.ingest.places import on_sphere
from plugin.store.types import Instant

ZONE = ZoneInfo("Europe/London")
DAYS = (7, 14, 30, 90, 180)
LONDON = (51.5072, -0.1276)
EAST, NORTH, UP = on_sphere(*LONDON)
CHORD = 2 * math.sin(25 / 6371.0088 / 2)
"""Of 25 km, on a sphere of radius 1."""

PRODUCT: Final = FIRST_PRODUCT + 3
"""One of those that sell well."""


@dataclass(frozen=True)
class Question:
    """`:shop`, `:product` and the midnights `:d7` … `:d180` stand in the SQL. `needs`: an attribute that is not always
    there. Several ways by hand: the fastest counts."""

    name: str
    query: str
    by_hand: tuple[str, ...]
    needs: str = ""

    def statements(self, now: datetime, shop_id: int) -> list[TextClause]:
        """The SQL by hand, with its values."""
        here = now.astimezone(ZONE)
        given = {f"d{n}": bindparam(f"d{n}", _midnight(here.date() - timedelta(days=n)), Instant) for n in DAYS}
        given |= {"shop": bindparam("shop", shop_id), "product": bindparam("product", PRODUCT)}
        return [
            text(sql).bindparams(*(value for name, value in given.items() if re.search(rf":{name}\b", sql)))
            for sql in self.by_hand
        ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


THERE = "p.shop_id = :shop AND p.customer_deleted_at IS NULL"

NEAR = f"""SELECT q.person_id FROM {{}} q WHERE q.shop_id = :shop AND q.z BETWEEN {UP - CHORD} AND {UP + CHORD}
            AND q.x BETWEEN {EAST - CHORD} AND {EAST + CHORD} AND q.y BETWEEN {NORTH - CHORD} AND {NORTH + CHORD}
            AND (q.x - {EAST}) * (q.x - {EAST}) + (q.y - {NORTH}) * (q.y - {NORTH}) + (q.z - {UP}) * (q.z - {UP})
              <= {CHORD * CHORD}"""
"""Somebody with a place near London, of either table."""

QUESTIONS: Final = (
    Question(
        "profile, five conditions",
        "number_of_orders >= 3 AND amount_spent > 150 AND last_order_date >= -180d AND customer_added_date < -30d"
        " AND email_subscription_status = 'SUBSCRIBED'",
        (
            f"""SELECT count(*) FROM people p WHERE {THERE} AND p.number_of_orders >= 3 AND p.amount_spent > 15000
            AND p.last_order_at >= :d180 AND p.customer_added_at < :d30 AND p.email_status = 'SUBSCRIBED'""",
        ),
    ),
    Question(
        "country, tag and orders",
        "customer_countries CONTAINS 'DE' AND customer_tags CONTAINS 'vip' AND number_of_orders >= 2",
        (
            f"""SELECT count(*) FROM people p WHERE {THERE} AND p.number_of_orders >= 2
            AND EXISTS (SELECT 1 FROM person_countries c WHERE c.shop_id = :shop AND c.country = 'DE'
              AND c.person_id = p.id)
            AND EXISTS (SELECT 1 FROM person_tags t WHERE t.shop_id = :shop AND t.key = 'vip' AND NOT t.removed
              AND t.person_id = p.id)""",
        ),
    ),
    Question(
        "bought one product, 30 d",
        f"products_purchased MATCHES (id = {PRODUCT}, date >= -30d)",
        (
            f"""SELECT count(*) FROM (SELECT DISTINCT person_id FROM order_lines WHERE shop_id = :shop
            AND product_id = :product AND placed_at >= :d30) b JOIN people p ON p.id = b.person_id WHERE {THERE}""",
        ),
    ),
    Question(
        "bought any product, 30 d",
        "products_purchased MATCHES (date >= -30d)",
        (
            f"""SELECT count(*) FROM (SELECT DISTINCT person_id FROM order_lines WHERE shop_id = :shop
            AND product_id IS NOT NULL AND placed_at >= :d30) b JOIN people p ON p.id = b.person_id WHERE {THERE}""",
            f"""SELECT count(*) FROM people p WHERE {THERE} AND p.last_order_at >= :d30 AND EXISTS (SELECT 1
            FROM order_lines l WHERE l.person_id = p.id AND l.placed_at >= :d30 AND l.product_id IS NOT NULL)""",
        ),
    ),
    Question(
        "bought nothing in 90 d",
        "products_purchased NOT MATCHES (date >= -90d)",
        (
            f"""SELECT count(*) FROM people p WHERE {THERE} AND NOT EXISTS (SELECT 1 FROM order_lines l
            WHERE l.person_id = p.id AND l.placed_at >= :d90 AND l.product_id IS NOT NULL)""",
            f"""SELECT (SELECT count(*) FROM people p WHERE {THERE}) - (SELECT count(*) FROM (SELECT DISTINCT person_id
            FROM order_lines WHERE shop_id = :shop AND product_id IS NOT NULL AND placed_at >= :d90) b
            JOIN people p ON p.id = b.person_id WHERE {THERE})""",
        ),
    ),
    Question(
        "two orders in 90 d",
        "orders_placed MATCHES (date >= -90d, count >= 2)",
        (
            f"""SELECT count(*) FROM (SELECT person_id FROM orders WHERE shop_id = :shop AND placed_at >= :d90
            AND NOT test AND deleted_at IS NULL GROUP BY person_id HAVING count(*) >= 2) b
            JOIN people p ON p.id = b.person_id WHERE {THERE}""",
        ),
    ),
    Question(
        "viewed X, not bought X, 14 d",
        f"storefront_event.product_viewed MATCHES (id = {PRODUCT}, date >= -14d)"
        f" AND products_purchased NOT MATCHES (id = {PRODUCT}, date >= -14d)",
        (
            f"""SELECT count(*) FROM (SELECT DISTINCT person_id FROM views WHERE shop_id = :shop
            AND kind = 'product_viewed' AND product_id = :product AND at >= :d14) v
            JOIN people p ON p.id = v.person_id WHERE {THERE} AND NOT EXISTS (SELECT 1 FROM order_lines l
            WHERE l.person_id = p.id AND l.placed_at >= :d14 AND l.product_id = :product)""",
        ),
        needs="storefront_event.product_viewed",
    ),
    Question(
        "viewed any, bought none, 14 d",
        "storefront_event.product_viewed MATCHES (date >= -14d) AND products_purchased NOT MATCHES (date >= -14d)",
        (
            f"""SELECT count(*) FROM (SELECT DISTINCT person_id FROM views WHERE shop_id = :shop
            AND kind = 'product_viewed' AND at >= :d14) v
            JOIN people p ON p.id = v.person_id WHERE {THERE} AND NOT EXISTS (SELECT 1 FROM order_lines l
            WHERE l.person_id = p.id AND l.placed_at >= :d14 AND l.product_id IS NOT NULL)""",
            f"""SELECT count(*) FROM (SELECT person_id FROM views WHERE shop_id = :shop AND kind = 'product_viewed'
            AND at >= :d14 EXCEPT SELECT person_id FROM order_lines WHERE shop_id = :shop AND placed_at >= :d14
            AND product_id IS NOT NULL) v JOIN people p ON p.id = v.person_id WHERE {THERE}""",
        ),
        needs="storefront_event.product_viewed",
    ),
    Question(
        "within 25 km of London",
        f"customer_within_distance MATCHES (coordinates = '{LONDON[0]},{LONDON[1]}', distance_km = 25)",
        (
            f"""SELECT count(*) FROM people p WHERE {THERE} AND p.id IN ({NEAR.format("person_places")}
            UNION ALL {NEAR.format("person_located")})""",
            f"""SELECT count(*) FROM (SELECT DISTINCT person_id FROM ({NEAR.format("person_places")}
            UNION ALL {NEAR.format("person_located")}) a) n JOIN people p ON p.id = n.person_id WHERE {THERE}""",
        ),
        needs="customer_within_distance",
    ),
    Question(
        "postcodes that begin so",
        "customer_postcodes STARTS WITH 'L1'",
        (
            f"""SELECT count(*) FROM people p WHERE {THERE} AND p.id IN (SELECT q.person_id FROM person_places q
            WHERE q.shop_id = :shop AND q.postcode LIKE 'L1%')""",
            f"""SELECT count(*) FROM people p WHERE {THERE} AND p.id IN (SELECT q.person_id FROM person_places q
            WHERE q.shop_id = :shop AND q.postcode >= 'L1' AND q.postcode < 'L2')""",
        ),
    ),
)
