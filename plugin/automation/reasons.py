"""Why a message of an automation was not needed any more: what stands in enrollments.reason, the outcome that it means,
and how a report says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plugin.base.outcomes import Outcome
from plugin.profile.erase import WITHHELD
from plugin.profile.offers import NOT_SOLD, SOLD_OUT

BOUGHT: Final = "bought"
EMPTIED: Final = "emptied"
NEWER_CART: Final = "newer cart"
CART_GONE: Final = "the cart is gone"
CODE_OVER: Final = "the code is over"
CAME_BACK: Final = "came back"
LEFT_AGAIN: Final = "left again"
SEGMENT_GONE: Final = "the segment was deleted"
SWITCHED_OFF: Final = "switched off"
UNSUBSCRIBED: Final = "unsubscribed"
UNINSTALLED: Final = "the app was uninstalled"
DELETED: Final = "deleted in Shopify"

REASONS: Final[Mapping[str, tuple[Outcome, str]]] = {
    BOUGHT: (Outcome.ALREADY_BOUGHT, "They have bought since."),
    EMPTIED: (Outcome.NO_LONGER_MATCHING, "The cart was emptied."),
    NEWER_CART: (Outcome.NO_LONGER_MATCHING, "They have a newer cart, which has a reminder of its own."),
    CART_GONE: (Outcome.NO_LONGER_MATCHING, "The cart is gone."),
    NOT_SOLD: (Outcome.OUT_OF_STOCK, "What it is about is not sold any more."),
    SOLD_OUT: (Outcome.OUT_OF_STOCK, "What it is about is sold out."),
    CODE_OVER: (Outcome.NO_LONGER_MATCHING, "The discount code in it is over."),
    CAME_BACK: (Outcome.NO_LONGER_MATCHING, "They came back into the segment."),
    LEFT_AGAIN: (Outcome.NO_LONGER_MATCHING, "They left the segment again."),
    SEGMENT_GONE: (Outcome.CANCELLED, "The segment was deleted."),
    SWITCHED_OFF: (Outcome.CANCELLED, "The automation was switched off."),
    UNSUBSCRIBED: (Outcome.UNSUBSCRIBED, "None of their browsers takes notifications any more."),
    UNINSTALLED: (Outcome.UNINSTALLED, "Beckon was uninstalled."),
    DELETED: (Outcome.DELETED, "They were deleted in Shopify."),
    WITHHELD: (Outcome.DELETED, WITHHELD),
}
