"""What shoppers look at, do and tell, and what other tools know of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugin.ingest.browsing import Article, Page
from plugin.ingest.cities import Spot


@dataclass(frozen=True, slots=True)
class Viewed:
    """The storefront script or the web pixel: a visitor looked at something, or did something with the cart."""

    event_id: str
    visitor: str
    product_id: int | None
    at: datetime
    kind: str = "product_viewed"
    collection_id: int | None = None
    words: str | None = None
    article: Article | None = None
    page: Page | None = None
    checkout_token: str | None = None


@dataclass(frozen=True, slots=True)
class Stayed:
    """The storefront script: the visitor's page was still before them at that instant."""

    visitor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ToldElsewhere:
    """The events API: something that another tool knows of a customer, or of a visitor whom the storefront knows."""

    event_id: str
    customer_id: int | None
    visitor: str | None
    name: str
    at: datetime
    value: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The storefront script: a shopper declared something of themselves."""

    event_id: str
    visitor: str
    question: str
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Located:
    """Where a browser is: `told_by` its "shopper", or by its network "address"."""

    visitor: str
    told_by: str
    spot: Spot
    at: datetime
