"""Every CustomerID of the file is a customer, with an address in each country that its invoices name.

The file has no names: they are given some here, chosen by the id, so that pages read like a shop's.
"""

from __future__ import annotations

import json
from datetime import timedelta

from sandbox import facts_of_people
from sandbox.state import Db

from .countries import code_of
from .rows import instant

FIRST = (
    "Ada Ben Clara David Elin Farah George Hana Imran Julia Kofi Lena Marek"
    " Nadia Oscar Priya Quentin Rosa Sam Tara Uma Victor Wanda Yusuf Zoe"
).split()
LAST = (
    "Abbott Baker Carver Dyer Ellis Fletcher Glover Harper Ingram Joiner Keeper Lorimer"
    " Mercer Naylor Osborne Potter Quilter Reeve Sawyer Tanner Usher Verger Weaver"
).split()


def store(db: Db, shift: timedelta) -> int:
    """Writes the customers of the temporary table `raw`; returns how many."""
    people: dict[int, tuple[str, list[str]]] = {}
    for number, country, first in db.execute(
        "SELECT customer_id, country, min(at) FROM raw WHERE customer_id IS NOT NULL"
        " GROUP BY customer_id, country ORDER BY min(seq)"
    ):
        since, countries = people.setdefault(number, (first, []))
        people[number] = (min(since, first), list(dict.fromkeys([*countries, code_of(country)])))
    for number, (since, countries) in people.items():
        insert(db, number, countries, instant(since, shift))
    return len(people)


def insert(db: Db, number: int, countries: list[str], created_at: str) -> None:
    """One customer, with a made-up name and address."""
    first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
    db.execute(
        "INSERT INTO customers"
        " (id, first_name, last_name, email, countries, metafields, credit, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            first,
            last,
            f"{first}.{last}.{number}@example.com".lower(),
            json.dumps(countries),
            facts_of_people.metafields(number),
            facts_of_people.credit(number),
            created_at,
            created_at,
        ),
    )


def count_orders(db: Db) -> None:
    """What each customer has ordered and spent: refunded orders count, refunds are taken from the sum."""
    db.execute(
        "UPDATE customers SET orders = sums.orders, spent = sums.spent,"
        " updated_at = max(customers.updated_at, sums.last)"
        " FROM (SELECT customer_id, count(*) AS orders, sum(total - refunded) AS spent, max(updated_at) AS last"
        "       FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id) AS sums"
        " WHERE customers.id = sums.customer_id"
    )
