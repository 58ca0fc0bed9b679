"""Where people are."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "in-britain-or-ireland",
        "Live in Britain or Ireland",
        "customer_countries CONTAINS 'GB' OR customer_countries CONTAINS 'IE'",
        "Tell of a local holiday, a delivery date or an event only where it matters.",
    ),
    Template(
        "never-told-where",
        "Live nobody knows where",
        "customer_countries IS NULL",
        "Ask before you promise a delivery date: these people have told no address yet.",
    ),
    Template(
        "near-a-shop",
        "Within 25 km of a place",
        "customer_within_distance MATCHES (coordinates = '51.5074,-0.1278', distance_km = 25)",
        "Invite those who can come by: put in the degrees of your own shop or event.",
    ),
    Template(
        "in-a-region",
        "Live in one region",
        "customer_regions CONTAINS 'GB-SCT'",
        "Speak of a regional holiday, or of weather that only they have.",
    ),
    Template(
        "in-a-city",
        "Live in one city",
        "customer_cities CONTAINS 'GB-ENG-London'",
        "Announce a pop-up, a courier or an evening in that city to nobody else.",
    ),
    Template(
        "were-in-a-city",
        "Were in one city",
        "located_cities CONTAINS 'London'",
        "Visitors have no address yet; this goes by where their browser was.",
    ),
)
