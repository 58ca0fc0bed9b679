"""Ready-made automations: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an automation is before a merchant changes it."""

    name: str
    heading: str
    promise: str
    delay: timedelta
    """From the last change of what triggers it to the message."""
    ttl: timedelta
    """After that the message would come too late."""
    title: str
    body: str


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="abandoned_cart",
            heading="Abandoned cart",
            promise="Reminds people of the product that they left in the cart. Stops as soon as they buy.",
            delay=timedelta(minutes=60),
            ttl=timedelta(hours=12),
            title="Still thinking about {{ product.title }}?",
            body="It is waiting in your cart at {{ shop.name }}.",
        ),
    )
}
