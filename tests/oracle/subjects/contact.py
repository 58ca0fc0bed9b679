"""Who they are and where they can be reached."""

from __future__ import annotations

from tests.oracle.almanac import instant
from tests.oracle.kinds import COUNTRIES, DATE, TAGS, TRUTH, choice
from tests.oracle.subjects import Filter
from tests.oracle.subjects.place import standing

SMS = ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "REDACTED")

ENTRIES = {
    "customer_added_date": Filter(DATE, lambda person, _: instant(person.get("customer_added_at"))),
    "customer_countries": Filter(
        COUNTRIES,
        lambda person, rows: {
            row["country"] for row in (*rows.of(person["id"], "person_countries"), *standing(person, rows))
        },
        "countries",
    ),
    "customer_tags": Filter(
        TAGS,
        lambda person, rows: {
            row["tag"].casefold() for row in rows.of(person["id"], "person_tags") if not row["removed"]
        },
        "tags",
    ),
    "push_subscribed": Filter(
        TRUTH,
        lambda person, rows: any(row["state"] == "active" for row in rows.of(person["id"], "subscriptions")),
    ),
    "email_subscription_status": Filter(
        choice("e-mail status", *SMS, "INVALID"), lambda person, _: person.get("email_status")
    ),
    "sms_subscription_status": Filter(choice("SMS status", *SMS), lambda person, _: person.get("sms_status")),
}
