"""customers_*_consent/update: did a customer agree to marketing by e-mail, by SMS? The address itself is not read."""

from __future__ import annotations

from plugin.base.errors import Unreadable
from plugin.ingest.events import Event, MarketingConsentChanged
from plugin.ingest.payload import Part

from .delivery import Delivery


def email_changed(payload: Part, delivery: Delivery) -> list[Event]:
    """customers_email_marketing_consent/update."""
    consent = payload.part("email_marketing_consent")
    return [MarketingConsentChanged(payload.id("customer_id"), "email", _status(consent), delivery.at)]


def sms_changed(payload: Part, delivery: Delivery) -> list[Event]:
    """customers_marketing_consent/update, which is about SMS, and calls the customer's id `id`."""
    consent = payload.part("sms_marketing_consent")
    key = "id" if payload.has("id") else "customer_id"
    return [MarketingConsentChanged(payload.id(key), "sms", _status(consent), delivery.at)]


def status_within(payload: Part, key: str) -> str | None:
    """The status in a customer's payload of before 2025; None where it says nothing of it."""
    consent = payload.part_if_any(key)
    return _status(consent) if consent and consent.has("state") else None


def _status(consent: Part) -> str | None:
    """`subscribed` → SUBSCRIBED, as segments write it; None where Shopify says null: there is none."""
    if "state" not in consent.value:
        raise Unreadable(f'{consent.of}: "{consent.path}state" is missing.')
    state = consent.text_if_any("state", 20)
    return state.upper() if state else None
