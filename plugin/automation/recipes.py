"""Ready-made automations: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

ABANDONED_CART: Final = "abandoned_cart"
ENTERED_SEGMENT: Final = "entered_segment"
LEFT_SEGMENT: Final = "left_segment"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an automation is before a merchant changes it. `of_segment`: there is one for each segment that has it."""

    name: str
    heading: str
    promise: str
    delay: timedelta
    """From the last change of what triggers it to the message."""
    ttl: timedelta
    """After that the message would come too late."""
    title: str
    body: str
    shortest: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(days=7)
    of_segment: bool = False


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name=ABANDONED_CART,
            heading="Abandoned cart",
            promise="Reminds people of the product that they left in the cart. Stops as soon as they buy.",
            delay=timedelta(minutes=60),
            ttl=timedelta(hours=12),
            title="Still thinking about {{ product.title }}?",
            body="It is waiting in your cart at {{ shop.name }}.",
        ),
        Recipe(
            name=ENTERED_SEGMENT,
            heading="Entered a segment",
            promise="Writes to people when they enter a segment. Stops if they have left it again by then.",
            delay=timedelta(minutes=0),
            ttl=timedelta(hours=24),
            title="Something for you at {{ shop.name }}",
            body="",
            shortest=timedelta(0),
            longest=timedelta(days=90),
            of_segment=True,
        ),
        Recipe(
            name=LEFT_SEGMENT,
            heading="Left a segment",
            promise="Writes to people when they leave a segment. Stops if they have come back by then.",
            delay=timedelta(minutes=0),
            ttl=timedelta(hours=24),
            title="We miss you at {{ shop.name }}",
            body="",
            shortest=timedelta(0),
            longest=timedelta(days=90),
            of_segment=True,
        ),
    )
}
