"""Customers, and what Shopify reckons of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugin.ingest.metafields import Metafield
from plugin.ingest.places import Place


@dataclass(frozen=True, slots=True)
class Contact:
    """Level 2 of protected customer data: only what the merchant switched on is ever put in here.

    `says` names the fields that were told ("name", "email", "phone"); the others are None because nobody asked.
    """

    says: frozenset[str]
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def email_domain(self) -> str | None:
        """`example.com` of `Ann@Example.com`."""
        _, at, domain = (self.email or "").rpartition("@")
        return domain.casefold() if at and domain else None


@dataclass(frozen=True, slots=True)
class Purchases:
    """Shopify's own sums of a customer: of all orders, also of those that we may not read."""

    orders: int
    spent: int
    last_order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What Shopify reckons of a customer, as the Admin API alone tells it; None: it says nothing."""

    subscriber_status: str | None
    """Of product subscriptions: ACTIVE, PAUSED, NEVER_SUBSCRIBED…"""
    spend_tier: str | None
    rfm_group: str | None


@dataclass(frozen=True, slots=True)
class Credit:
    """A store credit account. `balance` with the decimals of the shop's currency, also where its own has others."""

    account_id: int
    currency: str
    balance: int


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """customers/create, customers/update, and a customer of the history."""

    customer_id: int
    added_at: datetime | None
    updated_at: datetime
    locale: str | None = None
    countries: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    contact: Contact | None = None
    purchases: Purchases | None = None
    email_status: str | None = None
    sms_status: str | None = None
    places: tuple[Place, ...] | None = None
    """Told with the countries, or not at all."""
    account_status: str | None = None
    """ENABLED, DISABLED, INVITED, DECLINED."""
    standing: Standing | None = None
    metafields: tuple[Metafield, ...] | None = None
    companies: tuple[int, ...] | None = None
    """Those that the customer is a contact of, by Shopify's ids."""
    credits: tuple[Credit, ...] | None = None


@dataclass(frozen=True, slots=True)
class PurchasesTold:
    """customers/purchasing_summary."""

    customer_id: int
    purchases: Purchases
    at: datetime


@dataclass(frozen=True, slots=True)
class MarketingConsentChanged:
    """customers_email_marketing_consent/update and customers_marketing_consent/update (SMS).

    `channel` is "email" or "sms"; `status` as in segments, SUBSCRIBED; None: Shopify has none.
    """

    customer_id: int
    channel: str
    status: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomersMerged:
    """customers/merge: Shopify made one customer of two. News of the lost one may still come: it is the kept one's."""

    lost_id: int
    kept_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerTagged:
    """customer.tags_added and customer.tags_removed."""

    customer_id: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerPartsFound:
    """Further addresses, metafields and store credit of a customer of the history, which came apart from it."""

    customer_id: int
    countries: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    metafields: tuple[Metafield, ...] = ()
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerDeleted:
    customer_id: int
    at: datetime
