"""What happened, in the few words that stand in the ledger beside who entered or left: "order #1001"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final


def _tags(event: Any) -> str:
    added, removed = ", ".join(event.added), ", ".join(event.removed)
    return " and ".join(part for part in (added and f"tagged {added}", removed and f"untagged {removed}") if part)


def _view(event: Any) -> str:
    what = str(event.kind).replace("_", " ")
    return f"{what}: {event.product_id}" if event.product_id is not None else what


def _spelled(name: str) -> str:
    """`AnswerGiven` → "answer given"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


_SAID: Final[dict[str, Callable[[Any], str]]] = {
    "OrderChanged": lambda event: f"order {event.name}",
    "OrderRefunded": lambda _: "a refund",
    "LinesFound": lambda _: "more lines of an order",
    "OrderDeleted": lambda _: "a deleted order",
    "CustomerChanged": lambda _: "the customer's details",
    "CustomerTagged": _tags,
    "PurchasesTold": lambda _: "Shopify's sums",
    "MarketingConsentChanged": lambda event: f"consent to {'e-mails' if event.channel == 'email' else 'SMS'}",
    "CustomersMerged": lambda _: "one person of two",
    "CustomerDeleted": lambda _: "deleted in Shopify",
    "Viewed": _view,
    "Answered": lambda event: f"an answer: {event.question}",
    "CartSeen": lambda _: "a cart",
    "CartChanged": lambda _: "a cart",
    "CheckoutChanged": lambda _: "a checkout",
}
"""Kind of event → its words. One that is missing here is said by its name."""


def said(events: Sequence[object]) -> str:
    """The latest of them in words; "" for none."""
    if not events:
        return ""
    event = events[-1]
    name = type(event).__name__
    return _SAID[name](event) if name in _SAID else _spelled(name)
